"""
Equally far, and nothing alike
==============================

A picture is moved by two pixels, gets a black box, or another tint. To us the first is the same
picture, the second is spoiled, and the third was taken through a coloured glass. To a distance that
compares pixel by pixel all three are equally far from the original: it does not know what a picture
is.
"""

# %%
# The first change says how far; box and tint are as large as it takes to come to that distance.

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import brentq
from sklearn.datasets import load_sample_image

from skdeep import NearestNeighbors

photo = load_sample_image("china.jpg")[60:360:2, 180:480:2] / 255
moved = np.roll(photo, 2, axis=1)
moved[:, :2] = photo[:, :1]


def with_box(size):
    """Return the picture under a dark box; a fraction of a pixel darkens the border that much."""
    cover = np.clip(size / 2 + 0.5 - np.abs(np.arange(len(photo)) - 75), 0, 1)
    return photo * (1 - (cover[:, None] * cover)[..., None])


def tinted(strength):
    """Return the picture with more red and less blue."""
    return np.clip(photo + strength * np.array([1.0, 0.0, -1.0]), 0, 1)


target = np.linalg.norm(moved - photo)
size = brentq(lambda s: np.linalg.norm(with_box(s) - photo) - target, 1, 140)
strength = brentq(lambda s: np.linalg.norm(tinted(s) - photo) - target, 0, 1)
pictures = {
    "moved by two pixels": moved,
    f"under a box of {size:.0f} pixels": with_box(size),
    "in another tint": tinted(strength),
}

# %%
# To a search for neighbours, one is as near as the other.

search = NearestNeighbors(n_neighbors=3).fit([picture.ravel() for picture in pictures.values()])
distances, order = search.kneighbors(photo.reshape(1, -1))
print("distances:", distances[0].round(3))

figure, axes = plt.subplots(1, 4, figsize=(12, 3.6), layout="constrained")
axes[0].set_title("the original")
axes[0].imshow(photo)
for ax, (name, picture) in zip(axes[1:], pictures.items(), strict=True):
    ax.imshow(picture)
    ax.set_title(f"{name}\ndistance {np.linalg.norm(picture - photo):.2f}")
for ax in axes:
    ax.set_axis_off()
plt.show()
