"""A failed method leaves its object as it was."""

import inspect

import pytest

from skdeep.utils.restore import all_or_nothing


class Estimator:
    def __init__(self):
        self.coef_ = 1.0

    @all_or_nothing
    def fit(self, X, fail=False):
        """Fit."""
        self.coef_ = X
        self.extra_ = True
        if fail:
            raise KeyboardInterrupt
        return self


def test_an_exception_gives_the_attributes_back():
    estimator = Estimator()
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(2.0, fail=True)
    assert vars(estimator) == {"coef_": 1.0}


def test_success_and_signature_are_kept():
    assert vars(Estimator().fit(2.0)) == {"coef_": 2.0, "extra_": True}
    assert list(inspect.signature(Estimator.fit).parameters) == ["self", "X", "fail"]
    assert Estimator.fit.__doc__ == "Fit."
