"""
Choosing the number of neighbours
=================================

With one neighbour a prediction follows the noise, with too many it forgets the neighbourhood.
:class:`~skdeep.KNNClassifierCV` scores every number up to 60 from a single search a fold, so that
the whole curve costs little more than one of its points.
"""

# %%
# The curve
# ---------
# Breast cancer, ten folds, votes that count alike or by the inverse of the distance.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

from skdeep import KNNClassifierCV

X, y = load_breast_cancer(return_X_y=True)
X = StandardScaler().fit_transform(X)  # for more than a picture: in a pipeline
ks = np.arange(1, 61)
searches = {
    weights: KNNClassifierCV(n_neighbors=ks, weights=weights, cv=10).fit(X, y)
    for weights in ("uniform", "distance")
}

# %%
# Where to stop
# -------------
# The band is one standard error over the folds. Within it, the numbers are not told apart.

figure, axes = plt.subplots(figsize=(8.5, 4.8), layout="constrained")
styles = {"uniform": ("#0072B2", "-"), "distance": ("#D55E00", "--")}
for weights, search in searches.items():
    color, dashes = styles[weights]
    mean = search.cv_results_["mean_test_score"]
    error = search.cv_results_["std_test_score"] / np.sqrt(search.n_splits_)
    axes.plot(ks, mean, color=color, ls=dashes, lw=2, label=f"weights='{weights}'")
    if weights == "uniform":
        axes.fill_between(ks, mean - error, mean + error, color=color, alpha=0.15, lw=0)
    axes.plot(search.n_neighbors_, search.best_score_, "o", color=color, ms=10)
best = searches["uniform"]
axes.annotate(
    f"best: k = {best.n_neighbors_}, accuracy {best.best_score_:.3f}",
    (best.n_neighbors_, best.best_score_),
    xytext=(30, 14),
    textcoords="offset points",
    arrowprops={"arrowstyle": "-", "color": "0.4"},
)
axes.set(xlabel="number of neighbours k", ylabel="accuracy, ten folds")
axes.grid(alpha=0.3)
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False, loc="lower left")
plt.show()
