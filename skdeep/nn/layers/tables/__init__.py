"""Layers that networks on tables are made of."""
