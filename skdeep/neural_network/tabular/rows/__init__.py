"""Rows of a table: read, scaled, dealt to folds, changed at random."""
