"""Texts and targets, read and written token by token."""
