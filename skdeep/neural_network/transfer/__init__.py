"""What a network has learned, for another task: features, and weights to begin from."""
