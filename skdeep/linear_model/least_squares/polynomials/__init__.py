"""Monomials, the orthogonal polynomials that are computed with, and the way between them."""
