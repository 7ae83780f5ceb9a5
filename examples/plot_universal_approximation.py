"""
Any function, by bends
======================

A layer of ReLU units draws a line with as many bends as it has units, and enough bends come as near
as you like to any continuous function. Built by hand, twice the units leave a quarter of the error.
Training finds its own bends, of which some are wasted; and beyond the data a network of ReLU units
goes straight on, whatever the function does there.
"""

import matplotlib.pyplot as plt
import numpy as np

from skdeep import MLPRegressor
from skdeep.nn import Dense, Network, ReLU, Sequence

LOW, HIGH = -3.0, 3.0


def truth(x):
    """Return the function that is to be learned."""
    return np.sin(2 * x) + 0.3 * x


def by_hand(n_units):
    """Return a network that joins n_units + 1 points of the function by straight lines."""
    t = np.linspace(LOW, HIGH, n_units + 1)
    slopes = np.diff(truth(t)) / np.diff(t)
    network = Network(Sequence(Dense(n_units), ReLU(), Dense(1)), input_shape=(1,))
    network.params[:] = np.concatenate(
        [np.ones(n_units), np.diff(slopes, prepend=0.0), -t[:-1], truth(t[:1])]
    )
    return network


# %%
# Weights of the first layer are one and its biases say where each unit wakes up; weights of the
# second say by how much the slope changes there.

grid = np.linspace(LOW, HIGH, 2001)
built = {n: by_hand(n).forward(grid[:, None])[:, 0] for n in (6, 12, 24, 48, 96, 192)}
built_errors = {n: np.abs(line - truth(grid)).max() for n, line in built.items()}
for n, error in built_errors.items():
    print(f"{n:>3} units by hand: off by {error:.4f} at most")

# %%
# Trained on 200 points, from three beginnings each.

X = np.linspace(LOW, HIGH, 200)[:, None]
wide = np.linspace(LOW - 1.5, HIGH + 1.5, 600)
solver = {"solver": "lbfgs", "alpha": 1e-5, "max_iter": 3000, "tol": 1e-4}
trained, trained_errors = {}, {}
for n in (6, 12, 24, 48):
    fits = [
        MLPRegressor(hidden_layer_sizes=(n,), random_state=i, **solver).fit(X, truth(X[:, 0]))
        for i in range(3)
    ]
    errors = [np.abs(fit.predict(grid[:, None]) - truth(grid)).max() for fit in fits]
    trained[n] = fits[np.argsort(errors)[1]].predict(wide[:, None])
    trained_errors[n] = np.median(errors)
    print(f"{n:>3} units trained: off by {trained_errors[n]:.4f}, the median of three")

# %%
# Left: joined by hand. Middle: learned, and what becomes of it beyond the data. Right: errors.

figure, axes = plt.subplots(1, 3, figsize=(13, 4.2), layout="constrained")
axes[0].plot(grid, truth(grid), color="gray", lw=4, alpha=0.4, label="function")
axes[1].plot(wide, truth(wide), color="gray", lw=4, alpha=0.4)
for n, color in ((6, "tab:red"), (12, "tab:blue"), (24, "black")):
    axes[0].plot(grid, built[n], color=color, lw=1.5, label=f"{n} units")
    axes[1].plot(wide, trained[n], color=color, lw=1.5)
axes[1].axvspan(LOW, HIGH, color="gray", alpha=0.1, lw=0)
axes[1].set_ylim(-4, 4)
axes[2].loglog(built_errors.keys(), built_errors.values(), "o-", label="by hand")
axes[2].loglog(
    trained_errors.keys(), trained_errors.values(), "s--", label="trained, median of three"
)
axes[2].set(xlabel="hidden units", ylabel="largest error")
for ax, title in zip(axes, ("By hand", "Trained, on the gray range", "Errors"), strict=True):
    ax.set_title(title, loc="left")
    ax.spines[["top", "right"]].set_visible(False)
axes[0].legend(frameon=False)
axes[2].legend(frameon=False)
plt.show()
