"""A case: one estimator, its parameters, its data, and what it is asked for."""

import dataclasses
import inspect
import zlib
from dataclasses import dataclass
from functools import cache

import numpy as np
from hypothesis import strategies as st
from sklearn.base import BaseEstimator

import skdeep
from skdeep import MLPClassifier, MLPRegressor
from tests.fuzz.tables import PLAIN_TABLE, Table, tables, tables_like
from tests.fuzz.targets import PLAIN_TARGETS, TARGETS, WEIGHTS
from tests.fuzz.values import SMALL, values

__all__ = ["Case", "allowed_params", "asked_more", "cases", "estimators", "questions"]

_OF_SKLEARN = ("fit", "partial_fit", "fit_transform", "get_params", "get_metadata_routing")


def estimators():
    """Return all public estimators by name."""
    public = {name: getattr(skdeep, name) for name in skdeep.__all__}
    return {
        name: kind
        for name, kind in sorted(public.items())
        if isinstance(kind, type) and issubclass(kind, BaseEstimator)
    }


@cache
def questions(name):
    """Return the methods of an estimator that need nothing but X and y."""
    kind = estimators()[name]
    found = []
    for method in dir(kind):
        if method.startswith(("_", "set_")) or method in _OF_SKLEARN:
            continue
        function = inspect.getattr_static(kind, method)
        function = getattr(kind, method, None) if not inspect.isfunction(function) else function
        if callable(function) and set(needed(function)) <= {"self", "X", "y"}:
            found.append(method)
    return found


def needed(function):
    """Return the names of the parameters without a default."""
    return [
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
    ]


@cache
def _rules(name):
    return {
        field.name: values(field.name, field.metadata["rule"])
        for field in dataclasses.fields(estimators()[name])
        if "rule" in field.metadata
    }


@dataclass(frozen=True)
class Case:
    """All that a case is made of, in words; its repr makes it again.

    Attributes
    ----------
    estimator : str
    params : tuple of (str, object)
        Beside those that make it small.
    refused : tuple of str
        Those of the parameters that are out of their domain.
    X, y, weight : Table, str, str
    method : "fit" or "partial_fit"
    before : bool
        Whether it has been fitted to plain data before.
    asked : tuple of (str, Table)
        Methods, and the data for each.
    """

    estimator: str
    params: tuple = ()
    refused: tuple = ()
    X: Table = PLAIN_TABLE
    y: str = "two classes"
    weight: str = "none"
    method: str = "fit"
    before: bool = False
    asked: tuple = ()

    def make(self, parameters=True):
        """Return the estimator, with its parameters or as it is cheap."""
        kind = estimators()[self.estimator]
        own = {field.name for field in dataclasses.fields(kind)}
        params = {name: value for name, value in SMALL.items() if name in own}
        if "estimator" in own:
            base = MLPClassifier if "Classifier" in self.estimator else MLPRegressor
            params["estimator"] = base(hidden_layer_sizes=(3,), max_iter=2)
        if not own & {"tokens", "batch_norm", "tied_weights"}:
            params.pop("n_components", None)
        return kind(**params | dict(self.params if parameters else ()))

    def data(self):
        """Return X, y and the weights."""
        rng = np.random.RandomState(self.X.seed)
        return self.X.make(), TARGETS[self.y](rng, self.X.n), WEIGHTS[self.weight](rng, self.X.n)


def plain_target(name):
    """Return the target that suits an estimator."""
    if "Translator" in name:
        return "words"
    return "numbers" if "Regressor" in name else "three classes"


def plain_table(name):
    """Return data that suit an estimator."""
    return Table(
        form="words" if name in ("CharacterLanguageModel", "Seq2SeqTranslator") else "array"
    )


@st.composite
def allowed_params(draw, name):
    """Draw values that some parameters of an estimator may have."""
    rules = _rules(name)
    some = draw(st.lists(st.sampled_from(sorted(rules)), min_size=1, max_size=4, unique=True))
    return tuple((one, draw(st.sampled_from(rules[one][0]))) for one in some if rules[one][0])


@st.composite
def cases(draw, name):
    """Draw a case for an estimator: odd here and there, and plain elsewhere."""
    odd = draw(
        st.sampled_from(
            ["params", "refused", "X", "X", "y", "weight", "asked", "all", "params and X"]
        )
    )
    params, refused = {}, []
    rules = _rules(name)
    some = st.lists(st.sampled_from(sorted(rules)), min_size=1, max_size=4, unique=True)
    for parameter in draw(some) if odd != "X" or draw(st.booleans()) else ():
        allowed, others = rules[parameter]
        if odd in ("refused", "all") and others and (not refused or draw(st.booleans())):
            params[parameter] = draw(st.sampled_from(others))
            refused.append(parameter)
        elif allowed:
            params[parameter] = draw(st.sampled_from(allowed))
    plain = plain_table(name)
    X = draw(tables()) if "X" in odd or odd == "all" else plain
    y = plain_target(name)
    if odd in ("y", "all"):
        y = draw(st.sampled_from(sorted(TARGETS)))
    elif draw(st.booleans()):
        y = draw(st.sampled_from(PLAIN_TARGETS))
    weight = "none"
    if odd in ("weight", "all") or draw(st.integers(0, 4)) == 0:
        weight = draw(st.sampled_from(sorted(WEIGHTS)))
    ask = st.tuples(
        st.sampled_from(questions(name)),
        st.one_of(st.just(X), st.just(plain), tables()) if odd in ("asked", "all") else st.just(X),
    )
    return Case(
        name,
        tuple(params.items()),
        tuple(refused),
        X,
        y,
        weight,
        draw(st.sampled_from(["fit", "fit", "fit", "partial_fit"])),
        draw(st.integers(0, 3)) == 0,
        tuple(draw(st.lists(ask, min_size=1, max_size=3))),
    )


def asked_more(case, n):
    """Return a case that is asked n times more, each time about other data."""
    rng = np.random.RandomState(zlib.crc32(repr(case).encode()))
    methods = rng.choice(questions(case.estimator), n).tolist()
    more = zip(methods, tables_like(case.X, n, rng), strict=True)
    return dataclasses.replace(case, asked=(*case.asked, *more))
