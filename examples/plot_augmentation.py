"""
Augmentation stands in for data
===============================

A digit that is turned a little, or a little larger, is the same digit. A network does not know
that until it is shown: `augment` turns and enlarges the training digits, anew for each batch. Where
there are few of them, it gets several points more right; where there are many, the data show it by
themselves.
"""

# %%
# What training sees
# ------------------
# Each object of :mod:`skdeep.preprocessing` shows by `sample` what it may make of some pictures.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skdeep import ConvNetClassifier
from skdeep.preprocessing import Crop, Rotation

X, y = load_digits(return_X_y=True)
X = (X / 16).astype(np.float32)
AUGMENT = (Rotation(15.0), Crop(0.8))

pictures = X[[13, 5, 18]].reshape(-1, 8, 8)
shown = [pictures]
for seed in range(7):
    seen = pictures
    for augmentation in AUGMENT:
        seen = augmentation.sample(seen, random_state=seed)
    shown.append(seen)

# %%
# How much it is worth
# --------------------
# The same convolutional network on 40 to 320 digits, with and without. It is measured on 900
# others, three times.

SIZES = (40, 80, 160, 320)
scores = {name: np.empty((3, len(SIZES))) for name in ("without", "with")}
for seed in range(3):
    X_pool, X_test, y_pool, y_test = train_test_split(
        X, y, test_size=900, stratify=y, random_state=seed
    )
    for at, size in enumerate(SIZES):
        few, _, of_few, _ = train_test_split(
            X_pool, y_pool, train_size=size, stratify=y_pool, random_state=seed
        )
        n_epochs = 10000 // size
        for name, augment in (("without", None), ("with", AUGMENT)):
            clf = ConvNetClassifier(
                "16, 32 | 32",
                augment=augment,
                batch_size=20,
                max_iter=n_epochs,
                n_iter_no_change=n_epochs,
                random_state=seed,
            )
            scores[name][seed, at] = clf.fit(few, of_few).score(X_test, y_test)
for name, values in scores.items():
    print(name, *(f"{value:.1%}" for value in values.mean(axis=0)))

# %%
# Both at a glance
# ----------------

figure = plt.figure(figsize=(10, 4.6), layout="constrained")
left, right = figure.subfigures(1, 2, width_ratios=(1, 1.15))
for row, axis in zip(np.swapaxes(shown, 0, 1), left.subplots(3, 1), strict=True):
    gap = np.full((8, 1), 0.4)
    strip = np.hstack([part for picture in row for part in (picture, gap)][:-1])
    axis.imshow(strip, cmap="gray_r")
    axis.axis("off")
left.suptitle("a digit, and seven that training sees")
axes = right.subplots()
for (name, values), color in zip(scores.items(), ("#D55E00", "#0072B2"), strict=True):
    axes.fill_between(SIZES, values.min(0), values.max(0), color=color, alpha=0.15, lw=0)
    axes.plot(SIZES, values.mean(0), "o-", color=color)
    axes.annotate(
        f"{name} augmentation",
        (SIZES[1], values.mean(0)[1]),
        (10, -14) if name == "without" else (-10, 10),
        textcoords="offset points",
        color=color,
        ha="left" if name == "without" else "right",
    )
axes.set(xscale="log", xlabel="digits to train on", ylabel="accuracy on 900 others")
axes.set_xticks(SIZES, SIZES)
axes.minorticks_off()
axes.set_yticks([0.8, 0.85, 0.9, 0.95])
axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
axes.grid(alpha=0.3)
axes.spines[["top", "right"]].set_visible(False)
plt.show()
