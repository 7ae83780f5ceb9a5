"""
What batch normalization forgives
=================================

Eight layers of fifty units learn digits for five epochs, at learning rates from too small to too
large, and from initial weights of all sizes. Plain layers need both to be right. With batch
normalization behind each layer, a rate may be thirty times too large, and weights may begin twenty
times too small. Rates that are too small stay too small.
"""

# %%
# The same network, with and without normalization; a rate at which training ends in an error, as
# the loss is no number any more, counts as chance.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skdeep import MLPClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, train_size=1000, random_state=0)


def accuracy(**keywords):
    """Return the accuracy on digits that were held out, after five epochs."""
    clf = MLPClassifier((50,) * 8, max_iter=5, batch_size=50, random_state=0, **keywords)
    with warnings.catch_warnings(action="ignore"):  # that it has not converged
        try:
            return clf.fit(X_train, y_train).score(X_test, y_test)
        except ValueError:
            return 0.1


rates = np.geomspace(1e-4, 0.3, 7)
deviations = np.geomspace(0.01, 3.0, 7)
by_rate = {
    norm: [
        accuracy(batch_norm=norm, weight_init="he_normal", learning_rate_init=rate)
        for rate in rates
    ]
    for norm in (False, True)
}
by_deviation = {
    norm: [
        accuracy(batch_norm=norm, weight_init=std, learning_rate_init=0.003) for std in deviations
    ]
    for norm in (False, True)
}
for name, found in (("learning rates", by_rate), ("initial weights", by_deviation)):
    good = {norm: int((np.array(scores) > 0.8).sum()) for norm, scores in found.items()}
    print(f"{name}: above 0.8 with {good[False]} of 7 plain, with {good[True]} of 7 normalized")

# %%
# Left: He's initial weights, and the rate changes. Right: a good rate, and the standard deviation
# of the initial weights changes; the line is at He's.

figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained", sharey=True)
panels = (
    (rates, by_rate, "learning rate of Adam"),
    (deviations, by_deviation, "initial deviation"),
)
for ax, (values, found, label) in zip(axes, panels, strict=True):
    ax.semilogx(values, found[False], "o-", lw=2, color="tab:gray", label="plain layers")
    ax.semilogx(values, found[True], "o-", lw=2, color="tab:blue", label="with batch normalization")
    ax.axhline(0.1, color="black", lw=0.8, ls=":")
    ax.set(xlabel=label, ylim=(0, 1))
    ax.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel("accuracy after five epochs")
axes[0].legend(frameon=False, loc="lower center")
axes[1].axvline((2 / 50) ** 0.5, color="black", lw=0.8, ls=":")
plt.show()
