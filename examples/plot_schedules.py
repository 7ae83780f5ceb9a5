"""
Learning-rate schedules
=======================

A large learning rate gets far in the first epochs and jumps about in the last ones. A schedule has
the good half of both: it starts large and ends small. All networks below start from the same
weights and train with dropout, which makes gradients noisy. Those whose rate falls end with a
smaller loss.
"""

# %%
# Six schedules
# -------------
# `learning_rate` names the schedule, and works with ``solver="adam"`` as with ``"sgd"``.

import warnings

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from skdeep import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)  # all get the same number of epochs

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)

N_EPOCHS = 60
SCHEDULES = {
    "constant": {"learning_rate": "constant"},
    "inverse scaling": {"learning_rate": "invscaling", "power_t": 0.2},
    "step": {"learning_rate": "step", "learning_rate_step": 20},
    "exponential": {"learning_rate": "exponential", "learning_rate_step": 20},
    "cosine": {"learning_rate": "cosine"},
    "cosine, warm-up": {"learning_rate": "cosine", "warmup_epochs": 8},
}

histories = {}
for name, keywords in SCHEDULES.items():
    clf = MLPClassifier(
        (64,),
        alpha=0,
        dropout=0.3,
        batch_size=32,
        learning_rate_init=0.02,
        max_iter=N_EPOCHS,
        n_iter_no_change=N_EPOCHS,
        random_state=0,
        **keywords,
    )
    clf.fit(X_train, y_train, X_val=X_test, y_val=y_test)
    histories[name] = clf.history_
    accuracy = clf.history_["validation_score"][-1]
    print(f"{name:<16} loss {clf.loss_:.3f}, accuracy on held-out digits {accuracy:.3f}")

# %%
# Rates and losses
# ----------------
# `history_` holds the rate and the loss of every epoch.

# Colours and dashes both tell the lines apart.
STYLES = [
    ("#000000", "-"),
    ("#56B4E9", "-"),
    ("#E69F00", "-"),
    ("#009E73", "-"),
    ("#0072B2", "-"),
    ("#CC79A7", "--"),
]
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
for (name, history), (color, dashes) in zip(histories.items(), STYLES, strict=True):
    left.plot(history["epoch"], history["learning_rate"], color=color, ls=dashes, lw=2, label=name)
    right.plot(history["epoch"], history["loss"], color=color, ls=dashes, lw=2)
left.set(xlabel="epoch", ylabel="learning rate", title="The rate")
right.set(xlabel="epoch", ylabel="training loss", yscale="log", title="and what it does")
for axes in (left, right):
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.3)
figure.legend(loc="outside lower center", ncols=6, frameon=False)
plt.show()
