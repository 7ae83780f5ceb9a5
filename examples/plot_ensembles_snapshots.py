"""
Five networks at the price of one
=================================

A learning rate that falls to nothing settles a network in a minimum; raised again, it leaves for
another one. A snapshot ensemble takes the network at the end of each fall, all in one training, and
averages what they say. The mean is better than each of them, and costs one training.
"""

# %%
# One training
# ------------
# `strategy="snapshot"` needs nothing but a network: the rate falls along a cosine, `n_estimators`
# times in the `max_iter` epochs.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from skdeep import MLPClassifier, NetworkEnsembleClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, test_size=0.6, random_state=0)

network = MLPClassifier(
    (64,), dropout=0.3, learning_rate_init=0.03, batch_size=32, max_iter=50, random_state=0
)
ensemble = NetworkEnsembleClassifier(network, 5, strategy="snapshot", random_state=0)
ensemble.fit(X_train, y_train)
print(ensemble.report(X_test, y_test))

# %%
# Beside one network of as many epochs
# ------------------------------------
# It has one long fall of the rate, and the same work. On this small set it comes about as far: what
# members gain by their mean, each has lost by its short training.

alone = network.set_params(learning_rate="cosine", n_iter_no_change=50)
alone.fit(X_train, y_train)

history = ensemble.estimators_[-1].history_
ends = [member.n_iter_ for member in ensemble.estimators_]
said = np.array([member.predict_proba(X_test) for member in ensemble.estimators_])
own = [log_loss(y_test, probabilities) for probabilities in said]
mean = [log_loss(y_test, said[: k + 1].mean(axis=0)) for k in range(5)]
single = log_loss(y_test, alone.predict_proba(X_test))
print(f"held-out loss: last member {own[-1]:.4f}, mean of five {mean[-1]:.4f}, alone {single:.4f}")

figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.4), layout="constrained")
left.plot(history["epoch"], history["loss"], color="#0072B2", lw=2, label="training loss")
left.plot(
    ends, np.array(history["loss"])[np.array(ends) - 1], "o", ms=9, color="#D55E00", label="members"
)
left.set(xlabel="epoch", ylabel="training loss", yscale="log", title="One training, five networks")
rate = left.twinx()
rate.plot(history["epoch"], history["learning_rate"], color="0.6", lw=1.5, label="learning rate")
rate.set(ylabel="learning rate", ylim=(0, 0.06))
handles = [part for axes in (left, rate) for part in axes.get_legend_handles_labels()[0]]
left.legend(handles=handles, frameon=False, loc="upper right")
right.plot(ends, own, "o--", color="#D55E00", ms=8, label="each member")
right.plot(ends, mean, "s-", color="#009E73", ms=8, lw=2, label="mean of those so far")
right.axhline(single, color="0.5", ls=":", lw=2, label="one network of 50 epochs")
right.set(xlabel="epoch", ylabel="loss on held-out digits", title="The mean is better than each")
right.legend(frameon=False)
for axes in (left, rate, right):
    axes.spines["top"].set_visible(False)
right.spines["right"].set_visible(False)
right.grid(alpha=0.3)
plt.show()
