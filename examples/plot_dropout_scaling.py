"""
Dropout: one network in place of many
=====================================

With dropout each step trains another network: the one whose units were not dropped. A prediction
should be the mean over all of them, of which there are more than atoms. It is enough to predict
once, with no unit dropped: since those that stay are divided by the probability to stay in
training, every unit says in the mean what it says now. Here the mean over many drawn networks
makes fewer errors the more there are, and in the end as few as that one prediction.
"""

# %%
# A network trained with dropout
# ------------------------------
# 300 handwritten digits to train on, and the other 1,497 to predict.

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import softmax
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from skdeep import MLPClassifier
from skdeep.nn import Mode

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X / 16, y, train_size=300, stratify=y, random_state=0
)
clf = MLPClassifier(
    (256, 256),
    dropout=0.5,
    batch_size=50,
    learning_rate="cosine",
    max_iter=60,
    n_iter_no_change=60,
    random_state=0,
).fit(X_train, y_train)

# %%
# The mean over drawn networks
# ----------------------------
# In training mode a forward pass draws which units are dropped, for every sample anew. The mean of
# its probabilities over 1, 2, 3 ... passes is what a committee of so many networks predicts.

rng = np.random.default_rng(0)
network, n_networks, n_committees = clf.network_, 100, 4
drawn = np.array(
    [
        [
            softmax(network.forward(X_test, Mode(training=True, rng=rng)), axis=1)
            for _ in range(n_networks)
        ]
        for _ in range(n_committees)
    ]
)
sizes = np.arange(1, n_networks + 1)
committees = drawn.cumsum(axis=1) / sizes[:, None, None]
losses = np.array([[log_loss(y_test, p) for p in committee] for committee in committees])
errors = 1 - (committees.argmax(axis=3) == y_test).mean(axis=2)

scaled = clf.predict_proba(X_test)
scaled_loss, scaled_error = log_loss(y_test, scaled), 1 - clf.score(X_test, y_test)
for name, at in (("one drawn network", 0), (f"the mean over {n_networks}", -1)):
    print(f"{name}: error {errors[:, at].mean():.1%}, log loss {losses[:, at].mean():.3f}")
print(f"nothing dropped: error {scaled_error:.1%}, log loss {scaled_loss:.3f}")

# %%
# Side by side
# ------------

figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for axis, values, one, name in (
    (axes[0], errors, scaled_error, "error on 1,497 digits"),
    (axes[1], losses, scaled_loss, "log loss on 1,497 digits"),
):
    axis.fill_between(sizes, values.min(0), values.max(0), color="#0072B2", alpha=0.2, lw=0)
    axis.plot(sizes, values.mean(0), color="#0072B2", label="mean over drawn networks")
    axis.axhline(one, color="#D55E00", ls="--", label="one network, nothing dropped")
    axis.set(xscale="log", xlabel="drawn networks", ylabel=name)
    axis.set_xticks([1, 2, 5, 10, 20, 50, 100], [1, 2, 5, 10, 20, 50, 100])
    axis.minorticks_off()
    axis.grid(alpha=0.3)
    axis.spines[["top", "right"]].set_visible(False)
axes[0].yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
axes[0].legend(frameon=False)
plt.show()

# %%
# Left: from some dozens of networks on, the committee errs as often as the one network in which
# nothing is dropped. Right: the committee's probabilities are the more cautious ones. Averaging
# costs 100 predictions in place of one.
