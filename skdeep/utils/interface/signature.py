"""What a fitted estimator reads and says, in plain values that a file can hold."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np
from sklearn.base import is_classifier, is_regressor
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from skdeep.utils.interface.columns import InputColumn, describe_columns

__all__ = ["Signature", "final_step", "signature_of"]


@dataclass
class Signature:
    """What a model reads and says.

    Parameters
    ----------
    estimator : str
        The class of what predicts.
    task : {"classifier", "regressor", "transformer", "other", "unknown"}
    kind : {"table", "sequence", "tokens", "text"}
        What it reads: rows of a table, sequences of vectors, sequences of whole numbers, or text.
    n_features : int
        Of a row, or of a step of a sequence.
    named : bool, default=False
        Whether the columns have names of their own.
    columns : list of InputColumn
        Of a table, what is known of each.
    classes : list
        Of a classifier, in order; of several targets a list each.
    image_shape : list of int or None, default=None
        Of pictures.
    takes_missing : bool, default=True
        Whether numbers may be missing, as NaN.
    coded : bool, default=False
        Whether categories are read as codes: from 1 on in the order of a column's choices, the one
        after them for a missing value where that is a category, and 0 for all else.
    """

    estimator: str
    task: str
    kind: str
    n_features: int
    named: bool = False
    columns: list[InputColumn] = field(default_factory=list)
    classes: list[Any] = field(default_factory=list)
    image_shape: list[int] | None = None
    takes_missing: bool = True
    coded: bool = False

    def to_json(self) -> str:
        """Return it as text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return what `to_json` wrote.

        Raises
        ------
        ValueError
            If the text is none of it.
        """
        try:
            values = json.loads(text)
            columns = [InputColumn(**column) for column in values.pop("columns")]
            return cls(**values, columns=columns)
        except (TypeError, KeyError, AttributeError, ValueError) as error:
            raise ValueError(f"no description of a model: {error}") from error

    @property
    def several_targets(self) -> bool:
        """Whether there are classes for each of several targets."""
        return bool(self.classes) and isinstance(self.classes[0], list)


def final_step(estimator: Any) -> Any:
    """Return the estimator that predicts, inside pipelines and searches."""
    while True:
        if isinstance(estimator, Pipeline):
            estimator = estimator.steps[-1][1]
        elif hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        else:
            return estimator


def signature_of(estimator: Any) -> Signature:
    """Return what a fitted estimator reads and says, as far as it can be told."""
    final = final_step(estimator)
    n_features, kind = int(getattr(estimator, "n_features_in_", 1)), _kind(final)
    shape = getattr(final, "image_shape_", None)
    return Signature(
        estimator=type(final).__name__,
        task=_task(final),
        kind=kind,
        n_features=n_features,
        named=hasattr(estimator, "feature_names_in_"),
        columns=describe_columns(estimator, n_features) if kind == "table" else [],
        classes=_classes(estimator) if is_classifier(final) else [],
        image_shape=None if shape is None else [int(size) for size in shape],
        takes_missing=bool(get_tags(estimator).input_tags.allow_nan),
    )


def _task(final: Any) -> str:
    if is_classifier(final):
        return "classifier"
    if is_regressor(final):
        return "regressor"
    if hasattr(final, "transform") and not hasattr(final, "predict"):
        return "transformer"
    return "other"


def _classes(estimator: Any) -> list[Any]:
    classes = getattr(estimator, "classes_", None)
    if isinstance(classes, list):
        return [np.asarray(of_one).tolist() for of_one in classes]
    return classes.tolist() if isinstance(classes, np.ndarray) else []


def _kind(final: Any) -> str:
    """Return what an estimator reads: a table, sequences of vectors or text."""
    tags = get_tags(final).input_tags
    vocabulary = getattr(final, "vocabulary_", None)
    if (tags.string and not tags.two_d_array) or (
        vocabulary is not None and isinstance(vocabulary[0], str)
    ):
        return "text"
    # A table of numbers is read as sequences of single numbers, as many as it has columns.
    n_steps = getattr(final, "n_steps_", None)
    if n_steps is not None and getattr(final, "n_features_in_", n_steps) != n_steps:
        return "sequence"
    return "table"
