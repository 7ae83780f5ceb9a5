"""KNNClassifierCV beside GridSearchCV: 50 numbers of neighbours on 5 folds.

The digits, and normal data of some sizes; GridSearchCV over scikit-learn's estimator and over ours.
The scores of all three are compared as well.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits, make_classification
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier

from benchmarks.timing import interleaved, median_ratio, table
from skdeep import KNNClassifier, KNNClassifierCV

KS = list(range(1, 51))


def main() -> None:
    """Time the three searches on all data and print the table."""
    lines = []
    for name, (X, y) in {
        "digits, 1797 x 64": load_digits(return_X_y=True),
        "400 x 10": make_classification(400, 10, random_state=0),
        "3000 x 30": make_classification(3000, 30, n_informative=20, random_state=0),
    }.items():
        folds = StratifiedKFold(5, shuffle=True, random_state=0)
        searches = {
            "skdeep": KNNClassifierCV(KS, cv=folds),
            "grid, sklearn": GridSearchCV(KNeighborsClassifier(), {"n_neighbors": KS}, cv=folds),
            "grid, skdeep": GridSearchCV(KNNClassifier(), {"n_neighbors": KS}, cv=folds),
        }
        runs = {key: (lambda s=search, X=X, y=y: s.fit(X, y)) for key, search in searches.items()}
        seconds = interleaved(runs, repeats=3, warmup=0)
        means = [search.cv_results_["mean_test_score"] for search in searches.values()]
        assert np.allclose(means[0], means[2], atol=1e-12)
        differ = int((np.abs(means[0] - means[1]) > 1e-12).sum())
        lines.append(
            [
                name,
                f"{np.median(seconds['skdeep']) * 1e3:.0f} ms",
                *(f"{median_ratio(seconds[k], seconds['skdeep']):.0f}x" for k in list(runs)[1:]),
                f"{differ} of {len(KS)}",
            ]
        )
    head = ["data", "KNNClassifierCV", "GridSearchCV, sklearn", "GridSearchCV, skdeep"]
    print(table([*head, "means that differ from sklearn's by ties"], lines))


if __name__ == "__main__":
    main()
