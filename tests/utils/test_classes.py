"""From labels to classes and codes."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.utils.multiclass import type_of_target

from skdeep.utils.classes import encode_classes, kind_of_target

LABELS = np.array([3, 1, 3, 2, 1])


@pytest.mark.parametrize("dtype", [int, np.uint8, float, bool, str])
def test_codes_give_the_labels_back(dtype):
    y = LABELS.astype(dtype)
    classes, codes = encode_classes(y)
    assert_array_equal(classes, np.unique(y))
    assert_array_equal(classes[codes], y)


def test_numbers_that_are_no_classes_are_refused():
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        encode_classes(np.array([0.5, 1.5, 2.0]))


@pytest.mark.parametrize("dtype", [int, float, str])
@pytest.mark.parametrize("n_samples", [20, 21, 30, 31])
def test_labels_that_are_mostly_different_are_suspicious_from_21_rows_on(dtype, n_samples):
    for n_classes in range(n_samples // 2 - 1, n_samples // 2 + 3):
        y = (np.arange(n_samples) % n_classes).astype(dtype)
        if n_samples > 20 and n_classes > round(0.5 * n_samples):
            with pytest.warns(UserWarning, match="greater than 50%"):
                encode_classes(y)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                encode_classes(y)


def test_objects_are_classes_where_they_are_strings():
    classes, codes = encode_classes(LABELS.astype(str).astype(object))
    assert classes.tolist() == ["1", "2", "3"]
    assert codes.tolist() == [2, 0, 2, 1, 0]


@pytest.mark.parametrize("dtype", [int, np.uint8, float, bool, str, object])
@pytest.mark.parametrize("n_classes", [1, 2, 3, 30])
def test_the_kind_of_a_column_is_scikit_learns(dtype, n_classes):
    y = (np.arange(40) % n_classes).astype(dtype)
    with warnings.catch_warnings(record=True) as ours:
        warnings.simplefilter("always")
        kind = kind_of_target(y)
    with warnings.catch_warnings(record=True) as theirs:
        warnings.simplefilter("always")
        assert kind == type_of_target(y)
    assert [str(w.message) for w in ours] == [str(w.message) for w in theirs]


@pytest.mark.parametrize("y", [np.eye(3, dtype=int), [[0, 1], [1, 1]], ["a", "b"], [0.5, 1.5]])
def test_the_kind_of_anything_else_is_scikit_learns(y):
    assert kind_of_target(y) == type_of_target(y)
