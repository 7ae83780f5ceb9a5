"""
Adam against SGD
================

It is said that SGD with momentum finds solutions that generalize better than Adam's, of
convolutional networks above all. Before that can be seen, each needs its rate: one that is a few
times too small or too large costs far more than the choice between the two. Tuned, Adam is ahead in
the first epochs, and what SGD has ahead in the end is a few digits in a thousand.
"""

# %%
# Two solvers, three rates, four draws
# ------------------------------------
# A small convolutional network learns 500 digits; accuracy is that on the other 1297. Both solvers
# have a rate that falls along a cosine, and see the same draws of the training digits.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from skdeep import ConvNetClassifier

warnings.simplefilter("ignore", ConvergenceWarning)

X, y = load_digits(return_X_y=True)
X = (X / 16).astype("float32")
RATES = {"adam": (0.003, 0.01, 0.03), "sgd": (0.1, 0.3, 1.0)}
NAMES = {"adam": "Adam", "sgd": "SGD with momentum"}
DRAWS, N_EPOCHS = 4, 15


def accuracies(solver, rate, draw):
    """Return the accuracy on held-out digits after each epoch."""
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, train_size=500, stratify=y, random_state=draw
    )
    clf = ConvNetClassifier(
        "8, 16",
        solver=solver,
        learning_rate_init=rate,
        learning_rate="cosine",
        batch_size=32,
        max_iter=N_EPOCHS,
        n_iter_no_change=N_EPOCHS,
        random_state=draw,
    )
    clf.fit(X_train, y_train, X_val=X_test, y_val=y_test)
    return clf.history_["validation_score"]


found = {
    solver: np.array([[accuracies(solver, r, draw) for draw in range(DRAWS)] for r in rates])
    for solver, rates in RATES.items()
}

# %%
# What the rate decides, and what the solver
# ------------------------------------------
# The bands are the standard error of the mean over the draws.

figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.6), layout="constrained", sharey=True)
for (solver, scores), color in zip(found.items(), ("#0072B2", "#D55E00"), strict=True):
    mean, error = scores.mean(axis=1), scores.std(axis=1, ddof=1) / DRAWS**0.5
    best = mean[:, -1].argmax()
    epochs = np.arange(1, N_EPOCHS + 1)
    rate = RATES[solver][best]
    left.plot(epochs, mean[best], color=color, lw=2, label=f"{NAMES[solver]}, rate {rate:g}")
    left.fill_between(
        epochs, mean[best] - error[best], mean[best] + error[best], color=color, alpha=0.2, lw=0
    )
    right.errorbar(RATES[solver], mean[:, -1], error[:, -1], color=color, lw=2, capsize=3)
    print(f"{NAMES[solver]:<18} {mean[best, -1]:.4f} +- {error[best, -1]:.4f} at rate {rate:g}")
best_of = [scores[scores.mean(axis=1)[:, -1].argmax(), :, -1] for scores in found.values()]
difference = best_of[1] - best_of[0]
error = difference.std(ddof=1) / DRAWS**0.5
print(f"SGD less Adam, draw by draw: {difference.mean():+.4f} +- {error:.4f}")
left.set(xlabel="epoch", ylabel="accuracy on held-out digits", title="Each at its best rate")
left.set(ylim=(0.6, 1.0), xticks=range(1, N_EPOCHS + 1, 2))
right.set(xscale="log", xlabel="learning rate", title="After the last epoch, by the rate")
for axes in (left, right):
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
left.legend(frameon=False, loc="lower right")
plt.show()
