"""Members of a view: what they are, how they are trained, how much they count."""
