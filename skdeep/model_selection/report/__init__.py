"""A comparison as columns, text, figures and a page."""
