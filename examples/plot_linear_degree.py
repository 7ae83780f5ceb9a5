"""
Which degree? Training error never rises, validation error does
===============================================================

A polynomial of higher degree contains those of lower degree, so least squares can only fit the
training rows better. What counts is the error on rows that were not fitted: it falls while the
polynomial learns the shape of the data and rises when it learns the noise.

:class:`~skdeep.LeastSquaresRegressorCV` leaves out each row in turn, for all degrees, from one
factorisation. This draw, picked for its clear picture, is one where that choice and the one by 300
fresh rows agree; with 40 rows they need not.
"""

import matplotlib.pyplot as plt
import numpy as np

from skdeep import LeastSquaresRegressor, LeastSquaresRegressorCV

random = np.random.RandomState(6)


def truth(x):
    return np.sin(2.5 * x) + 0.4 * x


def draw(n):
    x = random.uniform(-2, 2, n)
    return x[:, None], truth(x) + 0.3 * random.standard_normal(n)


X, y = draw(40)
X_new, y_new = draw(300)
degrees = np.arange(1, 17)

training, validation = [], []
for degree in degrees:
    model = LeastSquaresRegressor(degree=degree).fit(X, y)
    training.append(np.mean((model.predict(X) - y) ** 2))
    validation.append(np.mean((model.predict(X_new) - y_new) ** 2))

choice = LeastSquaresRegressorCV(degree=degrees).fit(X, y)
print(f"chosen by leaving out one row: degree {choice.degree_}")
print(choice.summary())

# %%
# Left: the three errors over the degree. Right: too simple, chosen, too flexible.

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
left.semilogy(degrees, training, "o-", color="tab:blue", label="training")
left.semilogy(degrees, validation, "o-", color="tab:red", label="300 fresh rows")
left.semilogy(degrees, choice.cv_errors_[:, 0], "s--", color="tab:orange", label="leave one out")
left.axhline(0.3**2, color="gray", linewidth=1, label="variance of the noise")
left.axvline(choice.degree_, color="tab:orange", alpha=0.25, linewidth=8)
left.set(xlabel="degree", ylabel="mean squared error", xticks=degrees[::2], ylim=(0.02, 90))
left.set_title("Training error only falls")
left.legend()

grid = np.linspace(-2, 2, 400)
right.plot(X[:, 0], y, ".", color="black", markersize=6)
right.plot(grid, truth(grid), color="gray", linewidth=1, label="truth")
for degree, color in ((2, "tab:blue"), (choice.degree_, "tab:orange"), (16, "tab:red")):
    model = LeastSquaresRegressor(degree=degree).fit(X, y)
    right.plot(grid, model.predict(grid[:, None]), color=color, label=f"degree {degree}")
right.set(xlabel="x", ylabel="y", ylim=(-3, 3))
right.set_title("Too simple, chosen, too flexible")
right.legend()
plt.show()
