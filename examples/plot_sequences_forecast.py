"""
Forecasting many steps ahead
============================

The Mackey-Glass series is a model of how the number of blood cells swings, and a yardstick of
forecasting: its future is determined by its past, nonlinearly, and it never repeats. What is
measured of it has noise. Forty steps are forecast at once from the fifty before. Who can still
tell the fortieth? Not a linear model. A recurrent network can, and so can nearest neighbours:
where the past has seen nearly everything that may come, remembering it is almost as good as
learning it.
"""

# %%
# The series
# ----------
# dx/dt = 0.2 x(t - 17) / (1 + x(t - 17)^10) - 0.1 x(t), in ten small steps a unit of time. The
# noise has a fifth of the series' deviation.

import matplotlib.pyplot as plt
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import TimeSeriesSplit
from sklearn.neighbors import KNeighborsRegressor

from skdeep import RecurrentRegressor

N_BEFORE, N_AHEAD = 50, 40
delayed = 170
series = np.full(20_000, 1.2)
for t in range(delayed, len(series) - 1):
    past = series[t - delayed]
    series[t + 1] = series[t] + 0.1 * (0.2 * past / (1 + past**10) - 0.1 * series[t])
series = series[2000::10]  # without the start, one value a unit of time

noise = np.random.default_rng(0).normal(scale=0.05, size=len(series))
windows = sliding_window_view(series + noise, N_BEFORE + N_AHEAD)
X, Y = windows[:, :N_BEFORE], windows[:, N_BEFORE:]
Y_true = sliding_window_view(series, N_BEFORE + N_AHEAD)[:, N_BEFORE:]

# %%
# Later parts are forecast from earlier ones
# ------------------------------------------
# `TimeSeriesSplit` never trains on the future; the gap keeps windows of the two parts apart. All
# are trained on what was measured, and judged by the series without its noise.

FORECASTERS = {
    "mean": DummyRegressor(),
    "ridge regression": Ridge(),
    "10 nearest neighbours": KNeighborsRegressor(10),
    "GRU": RecurrentRegressor(
        hidden_layer_sizes=(48,),
        cell="gru",
        batch_size=32,
        learning_rate_init=0.01,
        learning_rate="cosine",
        max_iter=25,
        n_iter_no_change=25,
        random_state=0,
    ),
}
errors = {name: [] for name in FORECASTERS}
for train, test in TimeSeriesSplit(2, test_size=250, gap=N_BEFORE + N_AHEAD).split(X):
    for name, model in FORECASTERS.items():
        miss = model.fit(X[train], Y[train]).predict(X[test]) - Y_true[test]
        errors[name].append(np.sqrt((miss**2).mean(axis=0)))
errors = {name: np.mean(folds, axis=0) for name, folds in errors.items()}
for name, error in errors.items():
    print(f"{name:<22} error 1 step ahead {error[0]:.4f}, {N_AHEAD} steps ahead {error[-1]:.4f}")

# %%
# The error by steps ahead
# ------------------------

figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.4), layout="constrained")
i = test[60]
left.plot(np.arange(-N_BEFORE, 0), X[i], color="0.4", lw=1.5)
left.plot(np.arange(N_AHEAD), Y_true[i], color="0.4", lw=1.5, ls=":")
STYLES = zip(errors.items(), ["0.7", "#D55E00", "#E69F00", "#0072B2"], strict=True)
for (name, error), color in STYLES:
    if name != "mean":
        left.plot(np.arange(N_AHEAD), FORECASTERS[name].predict(X[i : i + 1])[0], color=color, lw=2)
    right.plot(np.arange(1, N_AHEAD + 1), error, color=color, lw=2, label=name)
left.set(xlabel="step", title="One window, its future (dotted), and forecasts")
right.set(xlabel="steps ahead", ylim=(0, None), title="Error on later parts of the series")
for axes in (left, right):
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.3)
figure.legend(loc="outside lower center", ncols=4, frameon=False)
plt.show()
