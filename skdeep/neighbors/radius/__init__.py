"""All rows within a radius: the search, and the estimators on it."""
