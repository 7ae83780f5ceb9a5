"""A warning names the file and the line of the code that called the package, once for a search."""

import inspect
import warnings

import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score

from skdeep import LeastSquaresRegressor, MLPClassifier, SoftmaxClassifier
from skdeep.utils.user_warnings import warn_user
from tests.data import iris


def test_a_warning_of_ours_points_here():
    with pytest.warns(UserWarning, match="look") as caught:
        warn_user("look")
    here = inspect.currentframe()
    assert caught[0].filename == __file__
    assert caught[0].lineno == here.f_lineno - 3


def test_it_does_from_within_a_fit_too():
    with pytest.warns(UserWarning, match="does not use batch_size=1") as caught:
        MLPClassifier(solver="lbfgs", batch_size=1).fit([[0.0], [1.0]], [0, 1])
    assert {warning.filename for warning in caught} == {__file__}


UNFINISHED = [
    MLPClassifier((4,), max_iter=2),
    MLPClassifier((4,), solver="lbfgs", max_iter=2),
    SoftmaxClassifier(max_iter=1),
    SoftmaxClassifier(solver="adam", max_iter=2),
    LeastSquaresRegressor(solver="sgd", max_iter=2),
]


@pytest.mark.parametrize("model", UNFINISHED, ids=[f"{i}" for i in range(len(UNFINISHED))])
def test_all_fits_of_a_search_say_the_same_once(model):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")  # what Python does with them for users
        GridSearchCV(model, {"max_iter": [model.max_iter]}, cv=3).fit(*iris())
        cross_val_score(model, *iris(), cv=3)
    texts = [str(warning.message) for warning in caught]
    assert len(texts) == 2  # one for each line
    assert texts[0] == texts[1]
    assert texts[0].endswith("(Shown once for all fits of this line.)")
    assert {(warning.category, warning.filename) for warning in caught} == {
        (ConvergenceWarning, __file__)
    }


def test_filters_of_the_user_hold_in_a_search():
    model, X_and_y = SoftmaxClassifier(max_iter=1), iris()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        GridSearchCV(model, {"C": [1.0, 2.0]}, cv=3).fit(*X_and_y)
    assert len(caught) == 2 * 3 + 1
    assert not any("Shown once" in str(warning.message) for warning in caught)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        for _ in range(2):
            with pytest.raises(ConvergenceWarning):
                cross_val_score(model, *X_and_y, error_score="raise")


def test_fits_of_the_users_own_loop_are_left_to_python():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            SoftmaxClassifier(max_iter=1).fit(*iris())
    assert len(caught) == 3
