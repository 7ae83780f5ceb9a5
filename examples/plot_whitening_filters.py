"""
What whitening looks at
=======================

Neighbouring pixels say nearly the same. Whitening takes out what they share: PCA asks for waves
across the whole picture, ZCA for the difference of each pixel from those around it, and so what
it makes are still pictures, of edges.
"""

# %%
# 20,000 patches of 12 by 12 pixels, from a photograph that scikit-learn brings along. The
# filters of a method are the columns of ``whitening_``: what a patch is multiplied with for one
# feature.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_image
from sklearn.feature_extraction.image import extract_patches_2d

from skdeep import Whitener

SIDE = 12
photograph = load_sample_image("china.jpg").mean(axis=2) / 255
patches = extract_patches_2d(photograph, (SIDE, SIDE), max_patches=20000, random_state=0)
X = patches.reshape(len(patches), -1)

zca = Whitener("zca", regularization=0.01).fit(X)
pca = Whitener("pca", regularization=0.01).fit(X)

# %%
# Shown are the eight patches of the most contrast among a hundred. PCA's features are numbers of
# waves, from coarse to fine, and no picture any more; ZCA's belong to pixels, and each filter is
# bright at its pixel and dark around it.

shown = X[np.argsort(X[:100].std(axis=1))[-8:]]
pixels = [SIDE * row + column for row, column in zip(range(2, 10), range(2, 10), strict=True)]
rows = {
    "patches": shown,
    "whitened by ZCA": zca.transform(shown),
    "filters of ZCA": zca.whitening_.T[pixels],
    "whitened by PCA": pca.transform(shown),
    "filters of PCA": pca.whitening_.T[[0, 1, 2, 4, 8, 16, 32, 64]],
}
figure, axes = plt.subplots(len(rows), 8, figsize=(9, 6), layout="constrained")
for panels, (name, pictures) in zip(axes, rows.items(), strict=True):
    for panel, picture in zip(panels, pictures, strict=True):
        most = None if name == "patches" else np.abs(picture).max()
        panel.imshow(
            picture.reshape(SIDE, SIDE),
            cmap="gray",
            vmin=None if most is None else -most,
            vmax=most,
        )
        panel.set(xticks=[], yticks=[])
    panels[0].set_ylabel(name, rotation=0, ha="right", va="center")
plt.show()
