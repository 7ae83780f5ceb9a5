"""Which data need none of scikit-learn's checks."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_X_y, validate_data

from skdeep import (
    KNNClassifier,
    LeastSquaresRegressor,
    MLPClassifier,
    TabularNetClassifier,
    TabularNetRegressor,
)
from skdeep.utils.clean import (
    as_numbers,
    check_classification_targets,
    is_clean,
    require_fit,
    type_of_target,
    validated,
)

X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
Y = np.array([0, 1, 0])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("y", [Y, Y.astype(np.uint8), Y + 0.5, Y == 1, Y.astype(str)])
def test_scikit_learn_returns_clean_data_as_they_are(dtype, y):
    rows = X.astype(dtype)
    assert is_clean(rows)
    assert is_clean(rows, y)
    checked, labels = check_X_y(rows, y, dtype=[np.float64, np.float32], order="C")
    assert checked is rows
    assert labels.dtype == y.dtype
    assert np.shares_memory(labels, y)


@pytest.mark.parametrize(
    "rows",
    [
        X.tolist(),
        np.asfortranarray(X),
        X[:, ::2],
        X.astype(int),
        X.astype(np.float16),
        X.astype(object),
        X.astype(complex),
        X.astype(">f8"),
        X[0],
        X[None],
        X[:0],
        X[:, :0],
        np.ma.masked_array(X),
        sparse.csr_matrix(X),
        np.where(X == 4, np.nan, X),
        np.where(X == 4, np.inf, X),
        np.where(X == 4, -np.inf, np.where(X == 2, np.inf, X)),
        None,
    ],
)
def test_what_has_to_be_converted_or_refused_is_not_clean(rows):
    assert not is_clean(rows)
    assert not is_clean(rows, Y)


@pytest.mark.parametrize(
    "y",
    [
        Y.tolist(),
        np.where(Y == 1, np.nan, Y),
        Y.astype(object),
        Y.astype(complex),
        Y.astype(bytes),
        Y[:, None],
        Y[:2],
    ],
)
def test_targets_that_have_to_be_converted_or_refused_are_not_clean(y):
    assert not is_clean(X, y)


def test_numbers_that_are_too_large_to_add_up_are_left_to_the_full_check():
    assert not is_clean(np.full((3, 2), 1e308))


@pytest.mark.parametrize(
    "table", [X, X.tolist(), sparse.csr_array(X), np.asfortranarray(X)], ids=range(4)
)
def test_validated_learns_and_checks_features_as_scikit_learn_does(table):
    ours, theirs = MLPClassifier(), MLPClassifier()
    checks = {"accept_sparse": "csr", "dtype": [np.float64, np.float32]}
    frame = pd.DataFrame(X, columns=["a", "b"])
    for given in (frame, table):
        validated(ours, given, reset=True, **checks)
        validate_data(theirs, given, reset=True, **checks)
        assert vars(ours).keys() == vars(theirs).keys()
        assert ours.n_features_in_ == theirs.n_features_in_
    validated(ours, table, reset=False, **checks)
    with pytest.raises(ValueError, match="X has 1 features, but MLPClassifier is expecting 2"):
        validated(ours, X[:, :1].copy(), reset=False, **checks)


def test_validated_warns_of_names_that_are_missing():
    estimator = MLPClassifier()
    validated(estimator, pd.DataFrame(X, columns=["a", "b"]), reset=True)
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        assert validated(estimator, X, reset=False) is X


def test_validated_returns_targets_only_where_there_are_any():
    assert validated(MLPClassifier(), X, reset=True) is X
    rows, target = validated(MLPClassifier(), X, Y, reset=True)
    assert rows is X
    assert target is Y


def test_require_fit_raises_as_scikit_learn_does():
    with pytest.raises(NotFittedError, match="This MLPClassifier instance is not fitted yet"):
        require_fit(MLPClassifier())
    require_fit(MLPClassifier(solver="lbfgs", max_iter=1000).fit(X, Y))


def test_validated_misses_a_target_that_is_none():
    with pytest.raises(ValueError, match="requires y to be passed"):
        validated(MLPClassifier(), X, None, reset=True)


def test_text_among_numbers_is_told_what_reads_it():
    table = pd.DataFrame({"city": ["Rome", "Oslo"], "income": [1.0, 2.0]})
    with pytest.raises(ValueError, match=r"'Rome'\. MLPClassifier takes numbers: skdeep.TableEnc"):
        MLPClassifier().fit(table, [0, 1])


@pytest.mark.parametrize("other", [1.0, "Rome"])
def test_dates_among_others_are_told_what_reads_them(other):
    table = pd.DataFrame({"day": pd.to_datetime(["2001-01-01", "2001-01-02"]), "other": other})
    with pytest.raises(TypeError, match=r"\. MLPClassifier takes numbers: skdeep.TableEncoder"):
        MLPClassifier().fit(table, [0, 1])


@pytest.mark.parametrize("estimator", [LeastSquaresRegressor(), TabularNetRegressor()])
def test_text_for_a_numeric_target_is_named(estimator):
    with pytest.raises(ValueError, match=r"Regressor needs numbers for y: .*'dear'"):
        estimator.fit([[1.0], [2.0]], ["dear", "cheap"])


@pytest.mark.parametrize("kind", [MLPClassifier, KNNClassifier, TabularNetClassifier])
def test_labels_that_are_missing_are_named(kind):
    y = pd.Series(["a", "b", pd.NA] * 5, dtype="string")
    with pytest.raises(ValueError, match=r"contains NaN: a value is missing, pandas.NA"):
        kind().fit(np.ones((15, 2)), y)


@pytest.mark.parametrize("check", [type_of_target, check_classification_targets])
@pytest.mark.parametrize("other", [1, None, True])
def test_labels_of_several_types_are_named(check, other):
    with pytest.raises(ValueError, match=rf"as 'a' \(str\) and {other} \({type(other).__name__}"):
        check(np.array(["a", other] * 9, dtype=object))


def test_integers_beyond_all_floats_are_refused():
    numbers = np.array([[10**400], [1]], dtype=object)
    with pytest.raises(ValueError, match="Input data has a number beyond all floats"):
        MLPClassifier().fit(numbers, [0, 1])
    with pytest.raises(ValueError, match="needs numbers for y: int too large"):
        as_numbers(numbers[:, 0], "MLPRegressor")
