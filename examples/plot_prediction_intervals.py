"""
Prediction intervals: how far from the prediction
=================================================

A network that predicts a number can tell how far off the truth may be, and where more so than
elsewhere. With ``loss="gaussian"`` it learns a mean and a standard deviation; with
``loss="quantile"`` and several ``quantiles`` it learns the ends of intervals, which never
cross. Where errors are skewed, as waiting times and prices are, the first is as far above as below
and misses on one side; the second does not.
"""

# %%
# Noise that grows, and that goes up rather than down
# ---------------------------------------------------
# To the right the numbers spread more, and their errors are exponential. Both networks are to tell
# where nine of ten numbers are, half of the others below and half above.

import matplotlib.pyplot as plt
import numpy as np

from skdeep import MLPRegressor


def draw(n_samples, seed):
    """Return one feature, and numbers with a mean of sin(3 x) + x that spread to one side."""
    random = np.random.default_rng(seed)
    x = random.uniform(-1, 1, n_samples)
    errors = (random.exponential(size=n_samples) - 1) * (0.1 + 0.45 * (x + 1))
    return x[:, None], np.sin(3 * x) + x + errors


X, y = draw(2000, seed=0)
X_new, y_new = draw(20000, seed=1)

params = {
    "hidden_layer_sizes": (50, 50),
    "activation": "tanh",
    "standardize_target": True,
    "learning_rate": "cosine",
    "learning_rate_init": 0.01,
    "max_iter": 60,
    "random_state": 0,
}
gaussian = MLPRegressor("gaussian", **params).fit(X, y)
quantiles = MLPRegressor("quantile", **params, quantiles=(0.05, 0.5, 0.95)).fit(X, y)


def by_deviation(X):
    """Return the ends of the interval that has nine tenths of a normal distribution."""
    mean, std = gaussian.predict(X, return_std=True)
    return mean - 1.645 * std, mean, mean + 1.645 * std


def by_quantiles(X):
    """Return the ends as they were learned, and the median."""
    return quantiles.predict(X).T


# %%
# What is outside
# ---------------
# Of 20,000 new numbers, 5% should be below each interval and 5% above.

intervals = {
    "Mean and deviation": by_deviation,
    "Quantiles 5%, 50%, 95%": by_quantiles,
}
outside = {}
for name, interval in intervals.items():
    low, _, high = interval(X_new)
    outside[name] = (y_new < low).mean(), (y_new > high).mean()
    print(f"{name:<24} below {outside[name][0]:.1%}, above {outside[name][1]:.1%}")

# %%
# Both intervals grow with the noise. The left one has as much room below as above, most
# of it empty; the right one lies where the numbers are.

figure, axes = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained", sharey=True)
line = np.linspace(-1, 1, 200)[:, None]
for ax, (name, interval), color in zip(axes, intervals.items(), ("C0", "C1"), strict=True):
    low, middle, high = interval(line)
    ax.plot(X[:600, 0], y[:600], ".", color="0.55", ms=3, zorder=1)
    ax.fill_between(line[:, 0], low, high, color=color, alpha=0.25, lw=0, zorder=2)
    ax.plot(line[:, 0], middle, color=color, lw=2.5, zorder=3)
    below, above = outside[name]
    ax.set_title(f"{name}\nbelow the band {below:.1%}, above it {above:.1%}", loc="left")
    ax.set_xlabel("feature")
    ax.set_ylim(-2.6, 5)
    ax.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel("target")
plt.show()
