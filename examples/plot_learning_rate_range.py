"""
Which learning rate?
====================

A hundred steps tell: train with a rate that rises at every step, and see where the loss falls. Half
of the rate at which it has come four fifths of the way down is a good one, for any solver, and no
grid of whole trainings is needed.
"""

# %%
# Three solvers, three rates
# --------------------------
# A rate of one solver is none of another: the test finds one for each.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning

from skdeep import MLPClassifier
from skdeep.inspection import learning_rate_range_test

warnings.simplefilter("ignore", ConvergenceWarning)  # all get the same number of epochs

X, y = load_digits(return_X_y=True)
X = X / 16
SOLVERS = {
    "SGD with momentum": MLPClassifier((50,), solver="sgd", random_state=0),
    "Adam": MLPClassifier((50,), solver="adam", random_state=0),
    "Lion": MLPClassifier((50,), solver="lion", random_state=0),
}

figure, axes = plt.subplots(1, 3, figsize=(13, 3.8), layout="constrained", sharey=True)
tests = {}
for (name, clf), ax in zip(SOLVERS.items(), axes, strict=True):
    tests[name] = learning_rate_range_test(clf, X, y).plot(ax)
    ax.set_title(name)
plt.show()

# %%
# Beside a grid of whole trainings
# --------------------------------
# The loss after ten epochs, over the rate that they were trained with. What is suggested lies on
# the safe side of the rise, near the lowest loss.

RATES = np.geomspace(1e-4, 3, 14)
figure, ax = plt.subplots(figsize=(7, 4.4), layout="constrained")
for (name, clf), color in zip(SOLVERS.items(), ("#0072B2", "#D55E00", "#009E73"), strict=True):

    def loss_after_ten_epochs(rate, clf=clf):
        trained = clone(clf).set_params(learning_rate_init=rate, max_iter=10, n_iter_no_change=10)
        return trained.fit(X, y).loss_

    losses = [loss_after_ten_epochs(rate) for rate in RATES]
    suggestion = tests[name].suggestion_
    found = loss_after_ten_epochs(suggestion)
    ax.loglog(RATES, losses, color=color, lw=2, label=name)
    ax.plot(suggestion, found, "o", color=color, ms=10, mec="black")
    print(
        f"{name:<18} suggested {suggestion:.3f}: loss {found:.3f}, best of grid {min(losses):.3f}"
    )
ax.plot([], [], "o", color="white", ms=10, mec="black", label="suggested")
ax.set(xlabel="learning rate", ylabel="loss after ten epochs", ylim=(0.02, 10))
ax.spines[["top", "right"]].set_visible(False)
ax.grid(alpha=0.25)
ax.legend(frameon=False)
plt.show()
