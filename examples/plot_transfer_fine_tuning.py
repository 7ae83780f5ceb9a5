"""
Ten examples a class, and a network that knows other digits
===========================================================

A convolutional network that begins from one for the digits 0 to 4 learns 5 to 9 from ten examples
of each better than one that begins at random: it is ahead after a few epochs, and stays ahead. That
is so while layers may learn. With the output alone to learn, 5 to 9 are told apart by what is good
for 0 to 4, and that is not enough.
"""

# %%
# Two networks, one architecture
# ------------------------------
# `init_from` is the fitted network whose weights training begins with, `n_frozen_layers` says how
# many of its layers stay exactly as they are. The classes are others, so that the output layer is
# a new one. Digits of 8 x 8 pixels stand anywhere in 12 x 12.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from skdeep import ConvNetClassifier
from skdeep.preprocessing import Shift

digits, y = load_digits(return_X_y=True)
X = np.zeros((len(y), 12, 12), dtype=np.float32)
places = np.random.default_rng(0).integers(0, 5, (len(y), 2))
for picture, digit, (down, right) in zip(X, digits.reshape(-1, 8, 8), places, strict=True):
    picture[down : down + 8, right : right + 8] = digit / 16

known = y < 5
SETTINGS = {"architecture": "32, 64 |", "augment": Shift(2, 2), "random_state": 0}
source = ConvNetClassifier(max_iter=15, n_iter_no_change=15, **SETTINGS)
source.fit(X[known], y[known])

N_DRAWS, N_EXAMPLES, N_EPOCHS = 3, 10, 20
others = np.flatnonzero(~known)
WAYS = {
    "random weights": {},
    "0 to 4, all layers learn": {"init_from": source},
    "0 to 4, one convolution frozen": {"init_from": source, "n_frozen_layers": 1},
    "0 to 4, the output alone learns": {"init_from": source, "n_frozen_layers": 2},
}


def draw(seed):
    """Return ten digits of each class from 5 to 9, and all others of those classes."""
    rng = np.random.default_rng(seed)
    few = [rng.choice(np.flatnonzero(y == digit), N_EXAMPLES, False) for digit in range(5, 10)]
    few = np.concatenate(few)
    return few, np.setdiff1d(others, few)


# %%
# Epoch by epoch
# --------------
# Accuracy on the digits from 5 to 9 that training has not seen, over three draws of fifty.

curves = {}
for name, keywords in WAYS.items():
    model = ConvNetClassifier(
        batch_size=10, max_iter=N_EPOCHS, n_iter_no_change=N_EPOCHS, **SETTINGS, **keywords
    )
    found = []
    for seed in range(N_DRAWS):
        few, rest = draw(seed)
        model.fit(X[few], y[few], X_val=X[rest], y_val=y[rest])
        found.append(model.history_["validation_score"])
    curves[name] = np.array(found)
    mean = curves[name].mean(axis=0)
    print(f"{name:<32} after 10 epochs {mean[9]:.3f}, after {N_EPOCHS} {mean[-1]:.3f}")

COLORS = ("0.5", "#0072B2", "#009E73", "#D55E00")
figure, axes = plt.subplots(figsize=(8, 4.8), layout="constrained")
for (name, curve), color in zip(curves.items(), COLORS, strict=True):
    epochs = np.arange(1, N_EPOCHS + 1)
    mean, spread = curve.mean(axis=0), curve.std(axis=0)
    axes.plot(epochs, mean, color=color, lw=2, label=f"{name}: {mean[-1]:.1%}")
    axes.fill_between(epochs, mean - spread, mean + spread, color=color, alpha=0.15, lw=0)
axes.set(xlabel="epoch", ylabel="accuracy on unseen digits 5 to 9", ylim=(0.1, 1))
axes.set_title("Ten examples a class, and where training begins")
axes.spines[["top", "right"]].set_visible(False)
axes.grid(alpha=0.3)
axes.legend(frameon=False, loc="upper left", title="training begins from")
plt.show()
