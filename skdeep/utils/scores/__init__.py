"""Scores that are right whatever the unit and the weights are."""
