"""Scores that are right whatever the unit and the weights are, and the folds they are of."""
