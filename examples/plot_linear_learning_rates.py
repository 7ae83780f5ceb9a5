"""
The learning rate: too small, right, too large
==============================================

Gradient descent steps against the gradient. On a quadratic loss with largest curvature ``L`` the
loss falls for every step size below ``2 / L``: far below it crawls, above it every step
overshoots by more than it gained. :class:`~skdeep.LeastSquaresRegressor` takes ``1 / L`` when it
is not told otherwise, and ends with a clear error when the loss explodes.

In mini-batches the gradient is noisy, and there is a second reason for small steps: the noise
keeps the loss above its minimum by an amount that grows with the step.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning

from skdeep import LeastSquaresRegressor

warnings.simplefilter("ignore", ConvergenceWarning)

X, y = load_diabetes(return_X_y=True)
y = (y - y.mean()) / y.std()

# The solver descends in standardised features; this is the largest curvature of the loss there.
Z = (X - X.mean(axis=0)) / X.std(axis=0)
L = np.linalg.eigvalsh(Z.T @ Z / len(Z))[-1]
exact = LeastSquaresRegressor().fit(X, y)
floor = 0.5 * np.mean((y - exact.predict(X)) ** 2)
print(f"largest curvature {L:.2f}: steps below {2 / L:.3f} converge")

# %%
# Left: all rows at once. Right: mini-batches of 32 rows. The distance from the best loss there is.
# The red steps on the right are at the bottom at once, and jump about there. After five epochs
# without progress a fit in mini-batches halves its step, and jumps half as far.

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained", sharey=True)
cases = [
    (0.005, "far too small", "tab:purple"),
    (0.05, "too small", "tab:blue"),
    (1.0, "right", "tab:green"),
    (2.1, "too large", "tab:red"),
]
for part, name, color in cases:
    model = LeastSquaresRegressor(solver="gd", learning_rate_init=part / L, max_iter=60, tol=0)
    losses = np.array(model.fit(X, y).loss_curve_)
    left.semilogy(losses - floor, color=color, label=f"{part:g} / L: {name}")
left.set(xlabel="epoch", ylabel="loss above the minimum", ylim=(5e-4, 3))
left.set_title("All rows at once")
left.legend()

cases = [
    (0.002, "too small", "tab:blue"),
    (0.1, "right", "tab:green"),
    (1.0, "too large", "tab:red"),
]
for part, name, color in cases:
    model = LeastSquaresRegressor(
        solver="sgd", learning_rate_init=part / L, max_iter=60, tol=0, random_state=0
    )
    losses = np.array(model.fit(X, y).loss_curve_)
    right.semilogy(losses - floor, color=color, label=f"{part:g} / L: {name}")
right.set(xlabel="epoch")
right.set_title("Mini-batches of 32")
right.legend()
plt.show()

try:
    LeastSquaresRegressor(solver="gd", learning_rate_init=3 / L, max_iter=200).fit(X, y)
except ValueError as error:
    print(error)
