"""
Every optimizer on a real network
=================================

Handwritten digits, one network, the same weights to begin with, and for every solver the best rate
of a grid. Tuned, they differ by less than a wrong rate costs any of them: Muon leads, Nesterov's
momentum keeps up with Adam and its kin, plain descent is behind, and no two have the same best rate
but for relatives.
"""

# %%
# A rate for each
# ---------------
# Each solver trains for ten epochs at rates of a grid, half a decade apart, and keeps the one with
# the lowest loss.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning

from skdeep import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)  # all get the same number of epochs

X, y = load_digits(return_X_y=True)
X = X / 16
SOLVERS = {
    "SGD": {"solver": "sgd", "momentum": 0.0},
    "momentum": {"solver": "sgd", "nesterovs_momentum": False},
    "Nesterov": {"solver": "sgd"},
    "AdaGrad": {"solver": "adagrad"},
    "RMSProp": {"solver": "rmsprop"},
    "RMSProp with momentum": {"solver": "rmsprop_momentum"},
    "Adam": {"solver": "adam"},
    "AMSGrad": {"solver": "amsgrad"},
    "NAdam": {"solver": "nadam"},
    "Lion": {"solver": "lion"},
    "Muon": {"solver": "muon"},
}
RATES = 10.0 ** np.arange(-3.5, 0.6, 0.5)


def train(keywords, rate, n_epochs=10):
    """Return the loss of each epoch, infinity where it diverged."""
    clf = MLPClassifier(
        (50,),
        learning_rate_init=rate,
        batch_size=64,
        max_iter=n_epochs,
        n_iter_no_change=n_epochs,
        random_state=0,
        **keywords,
    )
    try:
        return np.array(clf.fit(X, y).loss_curve_)
    except ValueError:
        return np.full(n_epochs, np.inf)


losses = {
    name: np.array([train(keywords, rate) for rate in RATES]) for name, keywords in SOLVERS.items()
}

# %%
# The losses
# ----------
# On the left every solver at its best rate; on the right what other rates would have come to.

LOOKS = {
    name: (color, dash)
    for name, color, dash in zip(
        SOLVERS,
        ["#0072B2", "#D55E00", "#009E73", *["#0072B2", "#D55E00", "#009E73", "#CC79A7"] * 2],
        [*"---", *["--"] * 4, *[":"] * 4],
        strict=True,
    )
}
figure, (left, right) = plt.subplots(1, 2, figsize=(12.5, 4.8), layout="constrained")
for name, (color, dash) in LOOKS.items():
    best = losses[name][:, -1].argmin()
    style = {"color": color, "ls": dash, "lw": 2, "label": name}
    left.semilogy(np.arange(1, 11), losses[name][best], **style)
    right.loglog(RATES, np.minimum(losses[name][:, -1], 9), **style | {"label": None})
    print(f"{name:<22} rate {RATES[best]:.4f}, loss {losses[name][best, -1]:.3f}")
left.set(xlabel="epoch", ylabel="loss", title="At the best rate")
right.set(xlabel="learning rate", ylabel="loss after ten epochs", title="At others", ylim=(None, 5))
for axes in (left, right):
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
figure.legend(loc="outside right center", frameon=False)
plt.show()
