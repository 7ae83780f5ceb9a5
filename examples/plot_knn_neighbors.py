"""
How many neighbours should vote?
================================

One neighbour believes every training point, also the outliers: each gets an island of its own.
With more neighbours the islands vanish and the borders become smooth, and with too many the
smaller details go the same way. Cross-validation says where to stop:
:class:`~skdeep.KNNClassifierCV` scores every number of neighbours from a single search per fold,
so the whole curve costs about as much as one of its points.
"""

# %%
# Three arms of a spiral, blurred, and a few points that ended up in the wrong class.

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from sklearn.model_selection import StratifiedKFold

from skdeep import KNNClassifier, KNNClassifierCV

rng = np.random.RandomState(0)
y = np.repeat([0, 1, 2], 120)
radius = np.tile(np.linspace(0.1, 1, 120), 3)
angle = 2 * np.pi / 3 * y + 4 * radius + 0.38 * rng.standard_normal(len(y))
X = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
strays = rng.choice(len(X), 20, replace=False)
y[strays] = (y[strays] + rng.randint(1, 3, size=20)) % 3

# %%
# GridSearchCV would search 150 times for each fold; here one search for each fold serves all 150
# numbers of neighbours.

folds = StratifiedKFold(n_splits=10, shuffle=True, random_state=0)
search = KNNClassifierCV(range(1, 151), cv=folds).fit(X, y)
curve = search.cv_results_
print(f"best: {search.n_neighbors_} neighbours, accuracy {search.best_score_:.3f}")

# %%
# Above, the regions of 1, 3 and 15 neighbours. Below, the accuracy on rows left out.

colors = np.array(["#4878d0", "#ee854a", "#6acc64"])
figure = plt.figure(figsize=(10, 6.8), layout="constrained")
top, bottom = figure.subfigures(2, 1, height_ratios=[1.3, 1])
grid = np.stack(np.meshgrid(np.linspace(-1.2, 1.2, 301), np.linspace(-1.2, 1.2, 301)), axis=-1)
for axes, k in zip(top.subplots(1, 3), (1, 3, 15), strict=True):
    model = KNNClassifier(k, tie_breaking="nearest").fit(X, y)
    region = model.predict(grid.reshape(-1, 2)).reshape(grid.shape[:2])
    axes.pcolormesh(
        grid[..., 0], grid[..., 1], region, cmap=ListedColormap(colors), alpha=0.35, rasterized=True
    )
    axes.scatter(*X.T, c=colors[y], s=11, edgecolor="k", linewidth=0.3)
    mean = curve["mean_test_score"][k - 1]
    axes.set_title(f"{k} neighbour{'s' if k > 1 else ''}: accuracy {mean:.1%}")
    axes.set(xticks=[], yticks=[], aspect="equal")

axes = bottom.subplots()
k = curve["param_n_neighbors"].astype(int)
mean = curve["mean_test_score"]
error = curve["std_test_score"] / np.sqrt(search.n_splits_)
axes.fill_between(k, mean - error, mean + error, alpha=0.25, color="C0", linewidth=0)
axes.plot(k, mean, color="C0")
shown = [0, 2, 14]
axes.errorbar(k[shown], mean[shown], error[shown], fmt="o", color="k", capsize=3)
axes.axvline(search.n_neighbors_, color="0.5", linestyle="--", linewidth=1)
axes.annotate(
    f"best: {search.n_neighbors_}",
    (search.n_neighbors_, mean.min()),
    xytext=(5, 2),
    textcoords="offset points",
)
axes.set(xscale="log", xlabel="number of neighbours", ylabel="accuracy on rows left out")
axes.set_xticks([1, 3, 5, 15, 50, 150], ["1", "3", "5", "15", "50", "150"])
axes.set_title("One search per fold gives the whole curve (band: one standard error)")
plt.show()
