"""Triangular factors of tables, what follows from them, and the digits that rounding took."""
