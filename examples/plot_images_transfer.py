"""
What was learned of some classes helps with others
==================================================

A network that has learned to tell 0, 1, 2, 3 and 4 apart has never seen a 5. What its convolutions
know about strokes and bows is good for a 5 all the same: with ten examples a class, a linear
classifier on these features reads twice as many of the digits from 5 to 9 as on pixels.
"""

# %%
# Features from one half of the classes
# -------------------------------------
# Digits of 8 x 8 pixels anywhere in 12 x 12. ``transform`` returns what the output layer reads:
# here, without dense layers between, the maps of the last convolution.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdeep import ConvNetClassifier, SoftmaxClassifier
from skdeep.preprocessing import Shift

digits, y = load_digits(return_X_y=True)
X = np.zeros((len(y), 12, 12), dtype=np.float32)
places = np.random.default_rng(0).integers(0, 5, (len(y), 2))
for picture, digit, (down, right) in zip(X, digits.reshape(-1, 8, 8), places, strict=True):
    picture[down : down + 8, right : right + 8] = digit / 16
X = X.reshape(len(y), -1)

known = y < 5
AUGMENT = (Shift(2, 2),)
SETTINGS = {"augment": AUGMENT, "random_state": 0}
features = {}
for name, architecture in {"convolutions": "32, 64 |", "dense layer": "32, 64 | 64"}.items():
    net = ConvNetClassifier(architecture, max_iter=15, n_iter_no_change=15, **SETTINGS)
    features[name] = net.fit(X[known], y[known]).transform(X)
    print(f"{name}: {features[name].shape[1]} features from {known.sum()} digits from 0 to 4")

# %%
# A few examples of the others
# ----------------------------
# The same linear classifier on each, ten draws of so many examples a class, measured on all other
# digits from 5 to 9. Beside it a network that learns from those few alone, with the same shifts.

SIZES = (2, 5, 10, 20)
others = np.flatnonzero(~known)


def draw(n, seed):
    """Return n digits of each class from 5 to 9, and the rest of them."""
    rng = np.random.default_rng(seed)
    few = np.concatenate(
        [rng.choice(np.flatnonzero(y == digit), n, replace=False) for digit in range(5, 10)]
    )
    return few, np.setdiff1d(others, few)


def accuracies(make, table, n_draws):
    """Return accuracy, (draws, sizes), of a model on rows of a table."""
    scores = np.empty((n_draws, len(SIZES)))
    for seed in range(n_draws):
        for at, n in enumerate(SIZES):
            few, rest = draw(n, seed)
            scores[seed, at] = make(n).fit(table[few], y[few]).score(table[rest], y[rest])
    return scores


def linear(n):
    """Return softmax regression on standardized features."""
    return make_pipeline(StandardScaler(), SoftmaxClassifier(C=0.05))


def from_nothing(n):
    """Return a network as that above, for a few digits."""
    return ConvNetClassifier(
        "32, 64 |", batch_size=10, max_iter=25, n_iter_no_change=25, **SETTINGS
    )


scores = {
    "features of its convolutions": accuracies(linear, features["convolutions"], 10),
    "of a dense layer behind them": accuracies(linear, features["dense layer"], 10),
    "pixels": accuracies(linear, X, 10),
    "a network from nothing": accuracies(from_nothing, X, 3),
}
for name, values in scores.items():
    print(f"{name:<30}", *(f"{value:.1%}" for value in values.mean(0)))

# %%
# Ten examples a class
# --------------------
# The dense layer has kept little but what tells 0 to 4 apart; the convolutions know more. A linear
# model on their features is fitted in milliseconds. Where there is time for it, a network that
# trains on the few examples itself, hundreds of times each and shifted anew each time, is better
# still: five known classes of small digits are not much to learn from.

figure, axes = plt.subplots(figsize=(7, 4.4), layout="constrained")
for (name, values), color in zip(
    scores.items(), ("#0072B2", "#56B4E9", "#999999", "#D55E00"), strict=True
):
    low, high = np.quantile(values, (0.1, 0.9), axis=0)
    axes.fill_between(SIZES, low, high, color=color, alpha=0.15, lw=0)
    axes.plot(SIZES, values.mean(0), "o-", color=color, lw=2, label=name)
axes.set(xscale="log", xlabel="examples of each class from 5 to 9")
axes.set_title("Accuracy on all other digits from 5 to 9")
axes.set_xticks(SIZES, SIZES)
axes.minorticks_off()
axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
axes.legend(frameon=False, loc="upper left")
axes.grid(alpha=0.3)
axes.spines[["top", "right"]].set_visible(False)
plt.show()
