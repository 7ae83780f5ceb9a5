"""
Two numbers for a digit
=======================

PCA finds the plane on which pictures of digits differ most. An autoencoder finds a map that may
bend, and its two numbers tell ten digits apart where PCA's lay them on top of each other. Neither
has seen a label.
"""

# %%
# Both maps are learned from 1,300 digits, and shown with 497 others.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from skdeep import Autoencoder

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, train_size=1300, random_state=0)

pca = PCA(2).fit(X_train)
autoencoder = Autoencoder(
    2,
    (128, 32),
    batch_size=50,
    learning_rate_init=0.003,
    learning_rate="cosine",
    max_iter=150,
    n_iter_no_change=150,
    random_state=0,
).fit(X_train)

# %%
# Which digit a point is, the five nearest points of the training part say. It is a measure of how
# well the map keeps digits apart; the error is that of the pictures made of two numbers.

figure, axes = plt.subplots(1, 2, figsize=(10, 5), layout="constrained")
for panel, name, model in zip(axes, ("PCA", "autoencoder"), (pca, autoencoder), strict=True):
    codes = model.transform(X_test)
    told = KNeighborsClassifier().fit(model.transform(X_train), y_train).score(codes, y_test)
    error = np.square(model.inverse_transform(codes) - X_test).mean()
    for digit in range(10):
        color = plt.cm.tab10(digit)
        for code in codes[y_test == digit]:
            panel.text(*code, str(digit), color=color, fontsize=7, ha="center", va="center")
    low, high = codes.min(axis=0), codes.max(axis=0)
    panel.set(
        xlim=(low[0], high[0]),
        ylim=(low[1], high[1]),
        xticks=[],
        yticks=[],
        title=f"{name}: {told:.0%} of digits told, squared error {error:.3f}",
    )
plt.show()
