"""What a class counts, by a dict or balanced."""

import numpy as np
import pytest
from sklearn.utils import compute_class_weight

from skdeep.utils.class_weights import weigh_classes

CLASSES, CODES = np.array(["a", "b", "c"]), np.array([0, 0, 0, 1, 1, 2])


@pytest.mark.parametrize("sample_weight", [None, np.array([1.0, 2.0, 0.0, 3.0, 1.0, 5.0])])
def test_balanced_is_what_scikit_learn_computes(sample_weight):
    theirs = compute_class_weight(
        "balanced", classes=CLASSES, y=CLASSES[CODES], sample_weight=sample_weight
    )
    ours = weigh_classes("balanced", CLASSES, CODES, sample_weight)
    np.testing.assert_allclose(ours, theirs, rtol=1e-15)


def test_a_class_without_weight_changes_nothing_for_the_others():
    weight = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 1.0])
    with np.errstate(all="raise"):
        ours = weigh_classes("balanced", CLASSES, CODES, weight)
    np.testing.assert_allclose(ours, [4 / 6, 1.0, 2.0])


def test_a_dict_names_some_or_all_classes():
    np.testing.assert_array_equal(weigh_classes({"b": 0.5}, CLASSES, CODES), [1.0, 0.5, 1.0])
    more = {"a": 2, "b": 3, "c": 4, "in other folds": 5}
    np.testing.assert_array_equal(weigh_classes(more, CLASSES, CODES), [2.0, 3.0, 4.0])


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf, "1", None, 1j])
def test_a_weight_is_a_finite_number_that_is_not_negative(value):
    with pytest.raises(ValueError, match="class_weight of 'b' must be a finite number"):
        weigh_classes({"a": 1.0, "b": value}, CLASSES, CODES)


def test_a_misspelt_class_is_named():
    with pytest.raises(ValueError, match=r"class_weight has \['B'\], which are not among"):
        weigh_classes({"a": 1.0, "B": 2.0}, CLASSES, CODES)
