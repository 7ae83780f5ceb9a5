"""A warning names the file and the line of the code that called the package."""

import inspect

import pytest

from skdeep import MLPClassifier
from skdeep.utils.user_warnings import warn_user


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
