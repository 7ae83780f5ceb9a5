"""What two families of estimators need: parameter rules, weights, threads."""
