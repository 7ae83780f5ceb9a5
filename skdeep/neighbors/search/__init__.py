"""Exact search: one room for every way to find the nearest points."""
