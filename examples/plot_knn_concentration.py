"""
Why nearest means little in many dimensions
===========================================

In many dimensions, independent features make all points about equally far apart: the nearest
neighbour is hardly nearer than any other point, and "nearest" stops saying much. Real data are
kinder than their number of features: pixels depend on each other, so digits keep near and far
apart as well as random points of a few dimensions do.
"""

# %%
# Distances between random points, in units of their mean, and how near the nearest one is.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from skdeep import KNNRegressor


def distances(points):
    """Return all distances of each point to the others, ascending."""
    model = KNNRegressor(len(points) - 1, algorithm="brute").fit(points, np.zeros(len(points)))
    return model.kneighbors()[0]


def nearness(points):
    """Return how far the nearest point is, as a part of the mean distance."""
    found = distances(points)
    return float(np.mean(found[:, 0] / found.mean(axis=1)))


rng = np.random.RandomState(0)
n_points = 1000
dimensions = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000]
uniform = [nearness(rng.uniform(size=(n_points, d))) for d in dimensions]

# %%
# The digits, 64 pixels each; and the same pixels, each shuffled by itself over the images, so that
# every pixel keeps its values and loses its company.

digits = load_digits().data[:n_points]
shuffled = np.stack([rng.permutation(pixel) for pixel in digits.T], axis=1)
near, near_shuffled = nearness(digits), nearness(shuffled)
print(f"nearest over mean: digits {near:.2f}, their pixels shuffled {near_shuffled:.2f}")

# %%
# On the left the spread of distances shrinks round the mean. On the right the nearest point moves
# there too, but for the digits it does so as if they had about ten dimensions, not 64.

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
colors = plt.colormaps["viridis"](np.linspace(0, 0.85, 5))
for d, color in zip((1, 3, 10, 100, 1000), colors, strict=True):
    found = distances(rng.uniform(size=(n_points, d)))
    label = f"{d} dimension{'s' if d > 1 else ''}"
    density, edges = np.histogram(found / found.mean(), bins=np.linspace(0, 2.2, 221), density=True)
    left.plot((edges[1:] + edges[:-1]) / 2, density / density.max(), color=color, label=label)
left.set(xlabel="distance / mean distance", ylabel="how often (highest = 1)", xlim=(0, 2.2))
left.set_title("Distances gather round their mean ...")
left.legend(frameon=False)

right.plot(dimensions, uniform, "o-", color="0.3", label="uniform random points")
right.axhline(1, color="0.7", linewidth=1)
equivalent = float(np.interp(near, uniform, dimensions))
right.plot(64, near, "*", color="C3", markersize=15, label="digits (64 pixels)")
right.plot(64, near_shuffled, "X", color="C0", markersize=10, label="digits, pixels shuffled")
right.plot([equivalent, 64], [near, near], ":", color="C3")
right.annotate(
    f"as near as in {equivalent:.0f} dimensions",
    (equivalent, near),
    xytext=(4, -14),
    textcoords="offset points",
    color="C3",
)
right.set(
    xscale="log", xlabel="dimensions", ylabel="nearest distance / mean distance", ylim=(0, 1.32)
)
right.set_title("... and the nearest point goes there too")
right.legend(frameon=False, loc="upper left")
plt.show()
