"""Choosing the number of neighbours: every k from one search."""
