"""
Why recurrent networks have gates
=================================

Fifty numbers, two of which are marked: their sum is asked for. The first of the two is read at
least twenty-five steps before the end. A gate can learn to leave the state alone for that long,
and then the gradient gets back to where it matters, too. A simple recurrent layer has nothing to
learn it with.
"""

# %%
# Learning to add
# ---------------
# Guessing the mean is wrong by 0.41 (root of the mean square). The simple layer never gets better
# than that; the other two find out that a mark means "keep this".

import matplotlib.pyplot as plt
import numpy as np

from skdeep import RecurrentRegressor
from skdeep.nn import Mode

N_STEPS, N_EPOCHS = 50, 15
rng = np.random.default_rng(0)


def adding(n):
    """Return sequences of numbers with marks, and the sum of the two that are marked."""
    X = np.zeros((n, N_STEPS, 2), dtype=np.float32)
    X[:, :, 0] = rng.random((n, N_STEPS))
    rows = np.arange(n)
    early, late = rng.integers(0, N_STEPS // 2, n), rng.integers(N_STEPS // 2, N_STEPS, n)
    X[rows, early, 1] = X[rows, late, 1] = 1
    return X, X[rows, early, 0] + X[rows, late, 0]


X, y = adding(2500)
X_test, y_test = adding(500)


def gradient_by_step(network):
    """Return how large the gradient of the output is by what is read at each step."""
    outputs = network.forward(X_test.astype(network.dtype), Mode(training=True))
    grad_x = network.backward(np.ones_like(outputs), wants_input=True)
    return np.sqrt((grad_x**2).mean(axis=(0, 2)))


errors, before, after = {}, {}, {}
for cell in ("rnn", "gru", "lstm"):
    model = RecurrentRegressor(
        hidden_layer_sizes=(32,),
        cell=cell,
        standardize_target=True,
        batch_size=50,
        learning_rate_init=0.01,
        random_state=0,
    )
    errors[cell] = []
    for epoch in range(N_EPOCHS):
        model.partial_fit(X, y)
        errors[cell].append(np.sqrt(np.mean((model.predict(X_test) - y_test) ** 2)))
        if epoch == 0:
            before[cell] = gradient_by_step(model.network_.replica())
    after[cell] = gradient_by_step(model.network_.replica())
    print(f"{cell:<5} error on new sequences {errors[cell][-1]:.3f}")

# %%
# The gradient on its way back
# ----------------------------
# How much a network's output changes with what it has read at each step, relative to the last step.
# After one epoch (dotted) it loses a constant factor a step in all three: gates alone are no help.
# After fifteen (solid) the two with gates have learnt to keep what they are to keep, and every step
# counts as much as the last. The simple layer has forgotten what was a few steps ago.

NAMES = {"rnn": ("simple", "#D55E00"), "gru": ("GRU", "#009E73"), "lstm": ("LSTM", "#0072B2")}
figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.4), layout="constrained")
steps = np.arange(N_STEPS) - N_STEPS + 1
for cell, (name, color) in NAMES.items():
    left.plot(np.arange(1, N_EPOCHS + 1), errors[cell], color=color, lw=2, label=name)
    right.plot(steps, before[cell] / before[cell][-1], color=color, lw=1.5, ls=":")
    right.plot(steps, after[cell] / after[cell][-1], color=color, lw=2)
left.axhline(np.std(y_test), color="0.6", lw=1, ls=":")
left.text(N_EPOCHS, np.std(y_test) - 0.025, "guess the mean", ha="right", color="0.4")
left.set(xlabel="epoch", title="Error of the sum, new sequences", ylim=(0, 0.46))
left.set_xticks([1, 5, 10, 15])
right.set(xlabel="step, counted from the end", yscale="log", ylim=(1e-9, 1e2))
right.set_title("Gradient by what was read: first epoch (dotted), last")
for axes in (left, right):
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.3)
figure.legend(loc="outside lower center", ncols=3, frameon=False)
plt.show()
