"""
What a straight line cannot separate
====================================

A linear classifier divides the plane by straight lines. Two moons it divides roughly; for rings
within rings and for the exclusive or no line is much better than guessing. The remedy is not
another classifier but other features: cubic terms bend the line between the moons, the distance
from the centre makes the rings three intervals, and the product of the coordinates makes the
exclusive or a question of sign.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from sklearn.datasets import make_moons
from sklearn.inspection import DecisionBoundaryDisplay
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures

from skdeep import SoftmaxClassifier

random = np.random.RandomState(0)


def rings():
    y = np.repeat([0, 1, 2], 120)
    radius, angle = y + 0.6 + 0.15 * random.standard_normal(360), random.uniform(0, 2 * np.pi, 360)
    return np.column_stack((radius * np.cos(angle), radius * np.sin(angle))), y


def exclusive_or():
    X = random.uniform(-1, 1, (300, 2))
    return X, ((X[:, 0] > 0) ^ (X[:, 1] > 0)).astype(int)


def polar(X):
    return np.column_stack((np.hypot(X[:, 0], X[:, 1]), np.arctan2(X[:, 1], X[:, 0])))


def product(X):
    return np.column_stack((X, X[:, 0] * X[:, 1]))


def cubic(X):
    return PolynomialFeatures(3).fit_transform(X)


colors = ["tab:blue", "tab:orange", "tab:green"]
cases = [
    ("moons", make_moons(300, noise=0.15, random_state=0), None),
    ("rings", rings(), None),
    ("exclusive or", exclusive_or(), None),
    ("moons, cubic features", make_moons(300, noise=0.15, random_state=0), cubic),
    ("rings, polar features", rings(), polar),
    ("exclusive or, with the product", exclusive_or(), product),
]

figure, axes = plt.subplots(2, 3, figsize=(11, 7), layout="constrained")
for axis, (name, table, features) in zip(axes.flat, cases, strict=True):
    X, y = table
    steps = [] if features is None else [FunctionTransformer(features)]
    model = make_pipeline(*steps, SoftmaxClassifier(C=10)).fit(X, y)
    n_classes = y.max() + 1
    shade = (
        {"cmap": ListedColormap(colors[:2])} if n_classes == 2 else {"multiclass_colors": colors}
    )
    DecisionBoundaryDisplay.from_estimator(
        model, X, response_method="predict", plot_method="pcolormesh", ax=axis, alpha=0.3, **shade
    )
    axis.scatter(*X.T, c=np.array(colors)[y], s=12, edgecolor="black", linewidth=0.3)
    axis.set(title=f"{name}: {model.score(X, y):.2f} right", xticks=[], yticks=[], aspect="equal")
plt.show()
