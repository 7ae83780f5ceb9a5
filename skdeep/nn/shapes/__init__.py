"""Shapes: several inputs, positions of a sample, and where the arrays of a tree of layers lie."""
