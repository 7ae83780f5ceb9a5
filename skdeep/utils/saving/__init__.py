"""What a file of a fitted estimator holds."""
