"""A keyword that is declared once is an ordinary constructor's parameter everywhere."""

import dataclasses
import inspect
import pickle
from dataclasses import KW_ONLY
from typing import Annotated, Any

import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import ParameterGrid
from sklearn.utils.estimator_checks import (
    check_no_attributes_set_in_init,
    check_parameters_default_constructible,
)

from skdeep.utils.parameters import check_parameters, parameters
from skdeep.utils.params import boolean, integer, none, one_of, real, sequence_of
from tests.cheap import cheap_estimators


@parameters
class SolverParams:
    """How it is trained.

    Attributes
    ----------
    n_iter_ : int
        Steps taken.
    """

    _: KW_ONLY
    alpha: Annotated[float, real(0), "Strength of the penalty."] = 1e-4
    max_iter: Annotated[int, integer(1), "Steps at most."] = 200


@parameters
class TrainingParams(SolverParams):
    _: KW_ONLY
    dtype: Annotated[Any, none() | one_of("float32", "float64"), "Type of the numbers."] = None


@parameters
class BaseRegressor(TrainingParams, BaseEstimator):
    """A regressor."""

    loss: Annotated[str, one_of("squared", "huber"), "What is minimized."] = "squared"
    _: KW_ONLY
    standardize: Annotated[bool, boolean(), "Whether the target is."] = False
    dtype: Annotated[Any, "Type of numbers."] = None


@parameters
class Layers(TrainingParams):
    """Layers.

    Attributes
    ----------
    n_layers_ : int
        How many.
    """

    sizes: Annotated[
        Any,
        integer(1) | sequence_of(integer(1)),
        """Units of each layer:

        - one number for one layer;
        - else a sequence.
        """,
    ] = (100,)
    _: KW_ONLY
    dropout: float = 0.0


@parameters(first=SolverParams)
class Regressor(Layers, BaseRegressor):
    """Layers for numbers.

    It says more here.

    Parameters
    ----------
    dropout : float in [0, 1), default=0.0
        Rate of the hidden units,
        in the class's own words.

    Attributes
    ----------
    coef_ : ndarray
        The weights.

    Examples
    --------
    >>> 1 + 1
    2
    """

    _: KW_ONLY
    max_iter: int = 50

    def fit(self, X, y):
        check_parameters(self)
        return self


ORDER = ["loss", "sizes", "alpha", "max_iter", "dropout", "standardize", "dtype"]


def test_the_signature_is_flat_with_plain_types():
    assert str(inspect.signature(Regressor)) == (
        "(loss: str = 'squared', sizes: Any = (100,), *, alpha: float = 0.0001, "
        "max_iter: int = 50, dropout: float = 0.0, standardize: bool = False, "
        "dtype: Any = None) -> None"
    )
    assert Regressor.__init__.__qualname__ == "Regressor.__init__"
    assert Regressor.__init__.__module__ == __name__


def test_positional_ones_come_base_first_and_keywords_own_first():
    assert list(inspect.signature(Regressor).parameters) == ORDER
    assert list(inspect.signature(BaseRegressor).parameters) == [
        "loss", "standardize", "dtype", "alpha", "max_iter",
    ]  # fmt: skip


def test_a_subclass_puts_its_own_in_front():
    @parameters(first=SolverParams)
    class More(Regressor):
        _: KW_ONLY
        gain: float = 1.0

    assert list(inspect.signature(More).parameters) == [*ORDER[:4], "gain", *ORDER[4:]]


def test_another_default_is_one_line_and_keeps_rule_and_text():
    assert Regressor().max_iter == 50
    assert BaseRegressor().max_iter == 200
    with pytest.raises(ValueError, match=r"'max_iter' parameter of Regressor must be an integer"):
        check_parameters(Regressor(max_iter=0))
    assert "max_iter : int >= 1, default=50\n    Steps at most." in Regressor.__doc__


def test_arguments_are_stored_as_given_and_nothing_else_is():
    sizes, alpha = [3, 4], "not even a number"
    model = Regressor("huber", sizes, alpha=alpha)
    assert model.sizes is sizes
    assert model.alpha is alpha
    assert vars(model) == model.get_params()
    assert list(vars(model)) == ORDER
    assert not hasattr(Regressor, "alpha")


@pytest.mark.parametrize("check", [
    check_no_attributes_set_in_init, check_parameters_default_constructible
], ids=lambda check: check.__name__)  # fmt: skip
def test_scikit_learn_finds_a_constructor_as_it_wants_it(check):
    check("Regressor", Regressor())


def test_clone_repr_pickle_and_set_params():
    model = Regressor(sizes=(5,), dtype="float32")
    assert repr(model) == "Regressor(dtype='float32', sizes=(5,))"
    for copy in (clone(model), pickle.loads(pickle.dumps(model))):
        assert copy is not model
        assert copy.get_params() == model.get_params()
    assert model.set_params(alpha=0.5).alpha == 0.5
    assert len({clone(model).set_params(**p).alpha for p in ParameterGrid({"alpha": [1, 2]})}) == 2
    assert model != clone(model)
    assert len({model, clone(model)}) == 2


def test_wrong_arguments_are_pythons_errors():
    with pytest.raises(TypeError, match=r"Regressor\.__init__\(\) got an unexpected .*'aplha'"):
        Regressor(aplha=1.0)
    with pytest.raises(TypeError, match="positional arguments"):
        Regressor("huber", (3,), 0.1)


def test_the_docstring_has_every_parameter_in_the_order_of_the_signature():
    doc = pytest.importorskip("numpydoc.docscrape").ClassDoc(Regressor)
    assert [entry.name for entry in doc["Parameters"]] == ORDER
    kinds = {entry.name: entry.type for entry in doc["Parameters"]}
    assert kinds == {
        "loss": "{'squared', 'huber'}, default='squared'",
        "sizes": "int >= 1 or sequence of int >= 1, default=(100,)",
        "alpha": "float >= 0, default=0.0001",
        "max_iter": "int >= 1, default=50",
        "dropout": "float in [0, 1), default=0.0",
        "standardize": "bool, default=False",
        "dtype": "{'float32', 'float64'} or None, default=None",
    }
    assert "- one number for one layer;" in "\n".join(doc["Parameters"][1].desc)


def test_what_the_class_says_itself_stays_as_it_is():
    assert Regressor.__doc__.startswith("Layers for numbers.\n\nIt says more here.\n\nParameters\n")
    assert "Rate of the hidden units,\n    in the class's own words.\n" in Regressor.__doc__
    assert Regressor.__doc__.endswith("Examples\n--------\n>>> 1 + 1\n2\n")


def test_fitted_attributes_of_the_bases_are_documented_after_its_own():
    doc = pytest.importorskip("numpydoc.docscrape").ClassDoc(Regressor)
    documented = [entry.name for entry in doc["Attributes"]]
    assert documented == ["coef_", "n_layers_", "n_iter_"]


def test_of_two_bases_the_one_that_declares_it_counts_though_the_first_inherits_it():
    assert "    Type of numbers.\n" in Regressor.__doc__
    assert "    Type of the numbers.\n" in Layers.__doc__


def test_a_class_without_a_docstring_has_none():
    assert TrainingParams.__doc__ is None


def test_a_parameter_without_text_is_not_documented():
    assert "dropout" not in Layers.__doc__

    @parameters
    class Silent:
        """One."""

        alpha: float = 0.0

    assert Silent.__doc__ == "One.\n"


def test_a_new_text_replaces_the_old_one_and_keeps_the_rule():
    @parameters
    class Other(SolverParams):
        """Another."""

        _: KW_ONLY
        alpha: Annotated[float, "Of the ridge."] = 0.0

    assert "alpha : float >= 0, default=0.0\n    Of the ridge.\n" in Other.__doc__
    with pytest.raises(ValueError, match="'alpha' parameter of Other"):
        check_parameters(Other(alpha=-1))


def test_a_parameter_without_a_default_must_be_given():
    @parameters
    class Ensemble(SolverParams):
        estimator: Any

    with pytest.raises(TypeError, match="missing 1 required positional argument: 'estimator'"):
        Ensemble()
    assert Ensemble("any", alpha=1.0).estimator == "any"


def test_every_parameter_is_checked_in_one_sentence():
    check_parameters(Regressor())
    with pytest.raises(ValueError) as error:
        Regressor(sizes=(3, 0)).fit(None, None)
    assert str(error.value) == (
        "The 'sizes' parameter of Regressor must be an integer in [1, inf), or a sequence, each "
        "entry an integer in [1, inf). Got (3, 0) instead."
    )


@pytest.mark.parametrize("estimator", cheap_estimators(), ids=lambda e: type(e).__name__)
def test_every_default_obeys_its_rule(estimator):
    """`check_parameters` looks at no parameter that is its default."""
    declared = [field for field in dataclasses.fields(estimator) if "rule" in field.metadata]
    assert declared
    for field in declared:
        if field.default is not dataclasses.MISSING:
            assert field.metadata["rule"].allows(field.default), field.name


def test_a_keyword_does_not_become_positional_unawares():
    with pytest.raises(TypeError, match="'max_iter' is passed by keyword in a base of Other"):

        @parameters
        class Other(SolverParams):
            max_iter: int = 50
