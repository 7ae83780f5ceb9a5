"""
Ten examples a class, and a network that knows other digits
===========================================================

A network that begins from one for the digits 0 to 4 learns 5 to 9 from ten examples of each far
better than one that begins at random. How many of its layers should stay as they are? A search can
tell; here, all but the output layer learn best together, from where the other network ended.
"""

# %%
# Two networks, one architecture
# ------------------------------
# `init_from` is the fitted network whose weights training begins with, `n_frozen_layers` says how
# many of its layers stay exactly as they are. The classes are others, so that the output layer is
# a new one. Digits are moved about, so that a few of them do not tell all.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning

from skdeep import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)  # all get the same number of epochs

X, y = load_digits(return_X_y=True)
X = X / 16
known = y < 5
SIZES = (128, 64)
source = MLPClassifier(SIZES, augment="shift", max_iter=60, random_state=0)
source.fit(X[known], y[known])

N_DRAWS, N_EXAMPLES = 8, 10
others = np.flatnonzero(~known)
WAYS = {
    "at random": {},
    "all layers learn": {"init_from": source},
    "one frozen": {"init_from": source, "n_frozen_layers": 1},
    "output alone learns": {"init_from": source, "n_frozen_layers": 2},
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
# Accuracy on the digits from 5 to 9 that training has not seen, over eight draws of fifty.

curves = {}
for name, keywords in WAYS.items():
    model = MLPClassifier(
        SIZES, batch_size=10, max_iter=60, n_iter_no_change=60, random_state=0, **keywords
    )
    found = []
    for seed in range(N_DRAWS):
        few, rest = draw(seed)
        model.fit(X[few], y[few], X_val=X[rest], y_val=y[rest])
        found.append(model.history_["validation_score"])
    curves[name] = np.array(found)
    print(
        f"begins {name:<20} after 10 epochs {curves[name][:, 9].mean():.3f}, "
        f"after 60 {curves[name][:, -1].mean():.3f}"
    )

COLORS = ("0.5", "#0072B2", "#009E73", "#D55E00")
figure, axes = plt.subplots(figsize=(8, 4.6), layout="constrained")
for (name, curve), color in zip(curves.items(), COLORS, strict=True):
    epochs = np.arange(1, curve.shape[1] + 1)
    mean, spread = curve.mean(axis=0), curve.std(axis=0)
    label = f"from random weights, {mean[-1]:.1%}"
    if name != "at random":
        label = f"from 0 to 4: {name}, {mean[-1]:.1%}"
    axes.plot(epochs, mean, color=color, lw=2, label=label)
    axes.fill_between(epochs, mean - spread, mean + spread, color=color, alpha=0.15, lw=0)
axes.set(xlabel="epoch", ylabel="accuracy on unseen digits 5 to 9", ylim=(0.2, 1))
axes.set_title("Ten examples a class: where training begins")
axes.spines[["top", "right"]].set_visible(False)
axes.grid(alpha=0.3)
axes.legend(frameon=False, loc="lower right")
plt.show()
