"""Estimators that cross-validate by themselves keep groups together, as scikit-learn's do."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, LeaveOneOut, cross_val_score
from sklearn.pipeline import make_pipeline

from skdeep import KNNClassifierCV, KNNRegressorCV, LeastSquaresRegressorCV, SoftmaxClassifierCV
from tests.data import iris

X, y = iris()
GROUPS = np.arange(len(X)) % 5
SMALL = {
    KNNClassifierCV: {"n_neighbors": [1, 2]},
    KNNRegressorCV: {"n_neighbors": [1, 2]},
    SoftmaxClassifierCV: {"Cs": 2},
    LeastSquaresRegressorCV: {"degree": [1, 2]},
}
RESULTS = ("scores_", "cv_errors_")


def result(model):
    return next((getattr(model, name) for name in RESULTS if hasattr(model, name)), None)


@pytest.mark.parametrize("kind", SMALL)
def test_groups_are_those_of_the_folds(kind):
    model = kind(cv=GroupKFold(3), **SMALL[kind])
    by_hand = clone(model).set_params(cv=list(GroupKFold(3).split(X, y, GROUPS))).fit(X, y)
    pipeline = make_pipeline("passthrough", clone(model))
    models = [
        clone(model).fit(X, y, groups=GROUPS),
        pipeline.fit(X, y, **{f"{kind.__name__.lower()}__groups": GROUPS})[-1],
    ]
    with config_context(enable_metadata_routing=True):  # the splitter asks for groups by itself
        models += [
            clone(model).fit(X, y, groups=GROUPS),
            make_pipeline("passthrough", clone(model)).fit(X, y, groups=GROUPS)[-1],
        ]
        scores = cross_val_score(model, X, y, params={"groups": GROUPS}, error_score="raise", cv=2)
    assert np.isfinite(scores).all()
    for grouped in models:
        assert_array_equal(grouped.predict(X), by_hand.predict(X))
        if result(grouped) is None:
            assert_array_equal(
                grouped.cv_results_["mean_test_score"], by_hand.cv_results_["mean_test_score"]
            )
        else:
            assert_array_equal(result(grouped), result(by_hand))


def test_groups_where_single_rows_are_left_out_are_refused():
    for model in (KNNRegressorCV(cv=LeaveOneOut()), LeastSquaresRegressorCV()):
        with pytest.raises(ValueError, match="one row at a time and has no use for groups"):
            model.fit(X, y, groups=GROUPS)
