"""
What repeated folds can tell, and what they cannot
==================================================

Repeat cross-validation often enough, and a plain paired t-test tells almost any two estimators
apart: it takes every fold for new evidence, though all of them draw on the same rows. The test of
:func:`~skdeep.model_selection.compare` knows better. It finds what is there, that naive Bayes is
worse here, and leaves open what these rows cannot tell.
"""

# %%
# One call
# --------
# Five estimators on ten folds, drawn ten times.

import matplotlib.pyplot as plt
import numpy as np
from scipy import stats
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdeep import KNNClassifier, MLPClassifier, SoftmaxClassifier, SVMClassifier, compare
from skdeep.model_selection import corrected_ttest

X, y = load_breast_cancer(return_X_y=True)
network = MLPClassifier((32,), max_iter=30, n_iter_no_change=30, learning_rate_init=0.01)
network.set_params(learning_rate="cosine", random_state=0)
candidates = {
    "softmax": make_pipeline(StandardScaler(), SoftmaxClassifier()),
    "network": make_pipeline(StandardScaler(), network),
    "linear SVM": make_pipeline(StandardScaler(), SVMClassifier()),
    "neighbours": make_pipeline(StandardScaler(), KNNClassifier()),
    "naive Bayes": GaussianNB(),
}
cv = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
comparison = compare(candidates, X, y, cv=cv, scoring="accuracy", baseline="softmax")
print(comparison)

# %%
# The result draws itself. Faint lines join the scores of one fold. Since these rise and fall
# together, the differences in the middle say more than the intervals on the left.

comparison.plot()
plt.show()

# %%
# The same scores, two tests
# --------------------------
# The p-values of the first 10, 20, ... 100 folds, by the plain test and by the corrected one.

n_folds = np.arange(10, 101, 10)
figure, axes = plt.subplots(1, 2, figsize=(11, 4.5), sharey=True, layout="constrained")
colors = {"network": "#0072B2", "linear SVM": "#009E73", "neighbours": "#CC79A7"}
colors["naive Bayes"] = "#D55E00"
for name, color in colors.items():
    ours, base = comparison.scores[name], comparison.scores["softmax"]
    plain = [stats.ttest_rel(ours[:n], base[:n]).pvalue for n in n_folds]
    corrected = [
        corrected_ttest(
            ours[:n], base[:n], n_train=comparison.n_train[:n], n_test=comparison.n_test[:n]
        ).p_value
        for n in n_folds
    ]
    for ax, p_values in zip(axes, (plain, corrected), strict=True):
        ax.semilogy(n_folds, p_values, "o-", color=color, label=f"{name} from softmax")
for ax, title in zip(axes, ("plain paired t-test", "corrected t-test"), strict=True):
    ax.axhline(0.05, color="0.5", ls="--", lw=1)
    ax.text(1.01, 0.05, "5%", color="0.4", va="center", transform=ax.get_yaxis_transform())
    ax.set(title=title, xlabel="folds", ylim=(1e-9, 2))
    ax.grid(alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel("p-value (below the axis: smaller still)")
axes[1].legend(loc="lower left", frameon=False)
plt.show()
