"""
Label smoothing says how sure a network may be
==============================================

A network that may only answer 0 or 1 grows its weights until it is certain of everything, right or
wrong. Label smoothing asks for a little less than certainty, and gets it: the larger the share, the
less confident the network, while its accuracy hardly moves. A small share can bring confidence down
to how often the network is right; a large one makes it too modest.
"""

# %%
# The same network with several shares
# ------------------------------------
# 100 digits to train on, the others to predict, four times.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skdeep import MLPClassifier

X, y = load_digits(return_X_y=True)
X = X / 16
SHARES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2)


def answers(label_smoothing, seed):
    """Return the confidence of each prediction on held-out digits, and whether it is right."""
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, train_size=100, stratify=y, random_state=seed
    )
    clf = MLPClassifier(
        (256, 256),
        label_smoothing=label_smoothing,
        batch_size=50,
        learning_rate="cosine",
        learning_rate_init=0.003,
        max_iter=100,
        n_iter_no_change=100,
        random_state=seed,
    ).fit(X_train, y_train)
    probabilities = clf.predict_proba(X_test)
    return probabilities.max(axis=1), clf.classes_[probabilities.argmax(axis=1)] == y_test


found = {}
for share in SHARES:
    runs = [answers(share, seed) for seed in range(4)]
    confidence, right = found[share] = [np.concatenate(part) for part in zip(*runs, strict=True)]
    accuracy, mean = right.mean(), confidence.mean()
    print(f"label_smoothing={share:<5} accuracy {accuracy:.1%}, confidence {mean:.1%}")

# %%
# How sure, and how often right
# -----------------------------
# Left, the means over all predictions: where the lines cross, the network knows how good it is.
# Right, how often it is how sure, for three of the shares.

figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
at = np.arange(len(SHARES))
for values, name, color, below in (
    ([right.mean() for _, right in found.values()], "accuracy", "#0072B2", False),
    ([confidence.mean() for confidence, _ in found.values()], "confidence", "#D55E00", True),
):
    axes[0].plot(at, values, "o-", color=color)
    axes[0].annotate(
        name,
        (at[4], values[4]),
        (-60 if below else 0, -10 if below else 8),
        textcoords="offset points",
        color=color,
    )
axes[0].set_xticks(at, SHARES)
axes[0].set(xlabel="label_smoothing", ylabel="mean over held-out digits")
axes[0].yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
edges = np.linspace(0, 1, 26)
for share, color in ((0.0, "#D55E00"), (0.02, "#009E73"), (0.1, "#56B4E9")):
    confidence, _ = found[share]
    weights = np.full(len(confidence), 1 / len(confidence))
    counts, _ = np.histogram(confidence, edges, weights=weights)
    axes[1].stairs(counts, edges, color=color, lw=2, label=f"label_smoothing={share}")
axes[1].set(xlabel="confidence of a prediction", ylabel="share of held-out digits")
axes[1].yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
axes[1].legend(frameon=False)
for axis in axes:
    axis.grid(alpha=0.3)
    axis.spines[["top", "right"]].set_visible(False)
plt.show()
