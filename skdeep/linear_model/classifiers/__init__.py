"""Softmax regression and linear support vector machines."""
