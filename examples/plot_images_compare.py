"""
A convolutional network beside its predecessors
===============================================

Nearest neighbours, a linear model, a fully connected network and a convolutional one read the same
digits: as they are written, and moved by up to two pixels. The last knows that a stroke is a stroke
wherever it is. Its weights are shared by all places, so that it has few for what it does, and it
pays for that with time.
"""

# %%
# The same pictures for all
# -------------------------
# Digits of 8 x 8 pixels in the middle of 12 x 12, or anywhere in it.

import time
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from skdeep import ConvNetClassifier, KNNClassifier, MLPClassifier, SoftmaxClassifier

warnings.simplefilter("ignore", ConvergenceWarning)  # thirty epochs are meant
digits, y = load_digits(return_X_y=True)
digits = (digits / 16).astype(np.float32).reshape(-1, 8, 8)


def placed(by):
    """Return rows of 144 pixels, each digit moved by up to so many pixels."""
    rng = np.random.default_rng(0)
    pictures = np.zeros((len(digits), 12, 12), dtype=np.float32)
    for picture, digit, (down, right) in zip(
        pictures, digits, 2 + rng.integers(-by, by + 1, (len(digits), 2)), strict=True
    ):
        picture[down : down + 8, right : right + 8] = digit
    return pictures.reshape(len(digits), -1)


EPOCHS = {"max_iter": 30, "n_iter_no_change": 30, "random_state": 0}
MODELS = {
    "nearest neighbours": KNNClassifier(3),
    "softmax regression": SoftmaxClassifier(C=0.1),
    "MLP, 128 and 64 units": MLPClassifier((128, 64), **EPOCHS),
    "ConvNet, 32, 64 | 64": ConvNetClassifier("32, 64 | 64", **EPOCHS),
}
COLOURS = ("#999999", "#E69F00", "#009E73", "#0072B2")
accuracy, seconds, parameters = {}, {}, {}
for by in (0, 2):
    X_train, X_test, y_train, y_test = train_test_split(
        placed(by), y, test_size=600, stratify=y, random_state=0
    )
    for name, model in MODELS.items():
        begin = time.process_time()
        model.fit(X_train, y_train)
        seconds[name] = time.process_time() - begin
        accuracy[name, by] = model.score(X_test, y_test)
        network = getattr(model, "network_", None)
        if network is not None:
            parameters[name] = f"{network.n_parameters:,} parameters"
        elif hasattr(model, "coef_"):
            parameters[name] = f"{model.coef_.size + model.intercept_.size:,} parameters"
        else:
            parameters[name] = f"{X_train.size:,} numbers kept"
for name in MODELS:
    print(
        f"{name:<24}{accuracy[name, 0]:.1%} in the middle, {accuracy[name, 2]:.1%} moved, "
        f"{seconds[name]:6.2f} s, {parameters[name]}"
    )

# %%
# What each loses when digits move
# --------------------------------

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for (name, _), color in zip(MODELS.items(), COLOURS, strict=True):
    both = [accuracy[name, 0], accuracy[name, 2]]
    left.plot((0, 1), both, "o-", color=color, lw=2)
    right.plot(seconds[name], both[1], "o", color=color, ms=10)
    right.annotate(
        f"{name}\n{parameters[name]}",
        (seconds[name], both[1]),
        (0, -33 if "MLP" in name else 9),  # below, or it would touch that of the neighbours
        textcoords="offset points",
        ha="center",
        color=color,
    )
left.set_xticks((0, 1), ("in the middle", "moved by up to\ntwo pixels"))
left.set(xlim=(-0.25, 1.25), title="Accuracy on 600 digits held out")
right.set(
    xscale="log", xlabel="seconds of one core to fit", title="Moved digits: accuracy and time"
)
right.margins(x=0.4, y=0.2)
right.xaxis.set_major_formatter("{x:g}")
for axes in (left, right):
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
plt.show()
