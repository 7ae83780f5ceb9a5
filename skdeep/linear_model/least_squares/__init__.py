"""Least squares with polynomial features, by triangular factors and by iteration."""
