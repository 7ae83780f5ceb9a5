"""Arrays that are none of NumPy's own: other libraries', and sparse ones."""
