"""What every transformer must do that scikit-learn's `check_estimator` does not ask."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import (
    check_get_feature_names_out_error,
    check_set_output_transform,
    check_set_output_transform_pandas,
    check_set_output_transform_polars,
    check_transformer_get_feature_names_out,
    check_transformer_get_feature_names_out_pandas,
)

from skdeep.preprocessing import PiecewiseLinearEncoder, RobustSmoothScaler, TableEncoder, Whitener

TRANSFORMERS = [PiecewiseLinearEncoder(4), RobustSmoothScaler(), TableEncoder()]
CHECKS = [
    check_get_feature_names_out_error,
    check_set_output_transform,
    check_set_output_transform_pandas,
    check_set_output_transform_polars,
    check_transformer_get_feature_names_out,
    check_transformer_get_feature_names_out_pandas,
]


def name(what):
    return getattr(what, "__name__", type(what).__name__)


@pytest.mark.parametrize("check", CHECKS, ids=name)
@pytest.mark.parametrize(
    "transformer", [*TRANSFORMERS, Whitener(), Whitener("pca", n_components=2)], ids=repr
)
def test_names_and_containers_of_the_output(transformer, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(name(transformer), clone(transformer))


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=name)
def test_missing_values_are_kept_and_leave_the_others_alone(transformer):
    assert get_tags(transformer).input_tags.allow_nan
    X = np.random.RandomState(0).normal(size=(20, 3))
    holes = X.copy()
    holes[::4, 1] = np.nan
    out = clone(transformer).fit(holes).transform(holes)
    names = clone(transformer).fit(holes).get_feature_names_out()
    own = np.array([text.startswith("x1") and "missing" not in text for text in names])
    assert np.isnan(out[::4, own]).all()
    assert not np.isnan(out[:, ~own]).any()
    kept = clone(transformer).fit(np.delete(holes, np.arange(0, 20, 4), axis=0))
    others = np.array([text.startswith("x1") for text in kept.get_feature_names_out()])
    assert_allclose(out[1::4][:, own], kept.transform(holes[1::4])[:, others])


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=name)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_constant_and_empty_columns_and_huge_values_do_no_harm(transformer, dtype):
    X = np.array([[1.0, np.nan, 3e38, 1e20], [1.0, np.nan, -3e38, 1e20], [1.0, np.nan, 0, 1e20]])
    out = clone(transformer).fit(X.astype(dtype)).transform(X.astype(dtype))
    names = clone(transformer).fit(X).get_feature_names_out()
    known = [i for i, text in enumerate(names) if not text.startswith("x1")]
    assert np.isfinite(out[:, known]).all()
    assert np.isnan(out[:, names == "x1"]).all()
