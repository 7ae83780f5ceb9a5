"""Estimators by short names: ``mlp``, ``knn``, ``sklearn:hist_gradient_boosting``."""

from __future__ import annotations

import ast
import difflib
import inspect
import re
from typing import Any

from sklearn.base import BaseEstimator, is_classifier, is_regressor
from sklearn.utils import all_estimators

import skdeep
from skdeep.cli.errors import UsageError

__all__ = ["make_estimators", "names_by_task", "short_name"]

TASKS = ("classification", "regression")


def short_name(class_name: str) -> str:
    """Return the name of a class as it is written on the command line.

    >>> [short_name(name) for name in ("MLPClassifier", "KNNRegressorCV", "LogisticRegression")]
    ['mlp', 'knn_cv', 'logistic_regression']
    >>> short_name("TabularNetClassifier")
    'tabular'
    """
    stem = re.sub(r"(Classifier|Regressor)(?=CV$|$)", "", class_name)
    stem = {"TabularNet": "Tabular"}.get(stem, stem)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]|CV$)", "_", stem).lower()


def names_by_task() -> dict[str, list[str]]:
    """Return all names that can be used for each task."""
    return {task: [*_ours(task), *_sklearns(task)] for task in TASKS}


def make_estimators(
    specs: list[str], settings: list[str], task: str, random_state: int
) -> dict[str, Any]:
    """Return estimators by label.

    Parameters
    ----------
    specs : list of str
        Each ``name``, or ``label=name``.
    settings : list of str
        Each ``label.parameter=value``, the value in Python's notation or a plain string.
    task : {"classification", "regression"}
    random_state : int
        For every estimator that takes one.
    """
    known = {**_ours(task), **_sklearns(task)}
    made: dict[str, Any] = {}
    for spec in specs:
        label, _, name = spec.rpartition("=")
        label = label or name
        if label in made:
            raise UsageError(
                f"--estimators has {label!r} twice; give one a name of its own: wide={name}"
            )
        made[label] = _find(name, known, task)()
        if "random_state" in made[label].get_params():
            made[label].set_params(random_state=random_state)
    for setting in settings:
        target, equals, value = setting.partition("=")
        label, dot, parameter = target.rpartition(".")
        if not (equals and dot and parameter):
            raise UsageError(
                f"--set takes NAME.PARAMETER=VALUE, such as mlp.dropout=0.2. Got {setting!r}."
            )
        if label not in made:
            raise UsageError(f"--set names {label!r}, which --estimators does not: {list(made)}")
        try:
            made[label].set_params(**{parameter: _value(value)})
        except ValueError as error:
            raise UsageError(f"--set {setting}: {error}") from error
    return made


def _find(name: str, known: dict[str, type], task: str) -> type:
    """Return the class of a name, which may be written like the class itself too."""
    wanted = _plain(name)
    for key, kind in known.items():
        prefix = "sklearn:" if key.startswith("sklearn:") else ""
        if wanted in (_plain(key), _plain(prefix + kind.__name__)):
            return kind
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    ours = ", ".join(key for key in known if not key.startswith("sklearn:"))
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(
        f"There is no estimator {name!r} for {task}.{hint} Known are {ours} and, as "
        "sklearn:NAME, those of scikit-learn; `python -m skdeep estimators` lists all."
    )


def _ours(task: str) -> dict[str, type]:
    found = {}
    for name in skdeep.__all__:
        kind = getattr(skdeep, name)
        if inspect.isclass(kind) and issubclass(kind, BaseEstimator) and _fits(kind, task):
            found[short_name(name)] = kind
    return found


def _sklearns(task: str) -> dict[str, type]:
    """Return scikit-learn's estimators of the task that can be made without arguments."""
    found = {}
    for name, kind in all_estimators(type_filter=_filter(task)):
        required = [
            parameter
            for parameter in inspect.signature(kind).parameters.values()
            if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
        ]
        if not required:
            found[f"sklearn:{short_name(name)}"] = kind
    return found


def _filter(task: str) -> str:
    return "classifier" if task == "classification" else "regressor"


def _fits(kind: Any, task: str) -> bool:
    return bool((is_classifier if task == "classification" else is_regressor)(kind()))


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
