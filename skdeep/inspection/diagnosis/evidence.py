"""What a diagnosis looks at: the record of a fit, and what the network makes of some samples."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import is_classifier

from skdeep.inspection.inputs import network_inputs, some_rows
from skdeep.inspection.trace import Traced, trace
from skdeep.nn import Network
from skdeep.utils.clean import as_numbers

__all__ = ["Evidence"]

Floats = NDArray[np.float64]

# So many samples tell enough about units; predictions are cheaper.
_TRACED, _PREDICTED = 500, 2000


@dataclass
class Evidence:
    """A fitted estimator, and samples to look at it with.

    Attributes
    ----------
    estimator : estimator
        The innermost one.
    X, y : array-like or None
        Samples that it was trained on.
    X_val, y_val : array-like or None
        Samples that it has not seen.
    """

    estimator: Any
    X: Any = None
    y: Any = None
    X_val: Any = None
    y_val: Any = None
    classifies: bool = field(init=False)

    def __post_init__(self) -> None:
        self.classifies = is_classifier(self.estimator)

    @property
    def network(self) -> Network | None:
        """The network, None where the estimator has several."""
        return getattr(self.estimator, "network_", None)

    def column(self, name: str) -> Floats:
        """Return a column of the record of the last fit, empty where there is none."""
        history = getattr(self.estimator, "history_", {})
        values = np.asarray(history.get(name, ()), dtype=np.float64)
        return values[-int(self.estimator.n_iter_) :] if values.ndim == 1 else np.empty(0)

    def views(self) -> dict[str, Floats]:
        """Return the losses of each of several networks, by the name of its view."""
        history = getattr(self.estimator, "history_", {})
        return {
            name: np.asarray(columns["loss"], dtype=np.float64)
            for name, columns in history.items()
            if isinstance(columns, dict)
        }

    @cached_property
    def rows(self) -> NDArray[np.intp]:
        """Some rows of `X`, evenly spread."""
        return some_rows(_count(self.X), _PREDICTED)

    @cached_property
    def layers(self) -> list[Traced]:
        """What each layer makes of some samples, and the gradients of a random direction."""
        if self.X is None or self.network is None:
            return []
        reading = network_inputs(self.estimator, self.X, self.y)
        if reading is None:
            return []
        reading = reading.some(_TRACED)
        rng = np.random.default_rng(0)

        def some_direction(outputs: Any) -> Any:
            return rng.normal(size=outputs.shape).astype(outputs.dtype)

        return trace(self.network, reading.x, reading.mode, some_direction)[1]

    @cached_property
    def targets(self) -> NDArray[Any] | None:
        """The targets of `rows`, None where they are not one a sample."""
        found = _column(self.y, self.rows) if self.X is not None else None
        if found is not None and not self.classifies:
            found = as_numbers(found, type(self.estimator).__name__)
        if found is not None and found.dtype.kind == "f" and not np.isfinite(found).all():
            raise ValueError("y contains NaN or infinity.")
        return found

    @cached_property
    def predictions(self) -> NDArray[Any] | None:
        """What the estimator predicts for `rows`, None where there is not one for each."""
        if self.X is None or not hasattr(self.estimator, "predict"):
            return None
        found = self.estimator.predict(_take(self.X, self.rows))
        return None if isinstance(found, list) or np.ndim(found) != 1 else np.asarray(found)

    @cached_property
    def table(self) -> Floats | None:
        """`X` as a table of numbers, None where it is none."""
        X = self.X
        if X is None or isinstance(X, (list, str)) or not hasattr(X, "shape"):
            return None
        try:
            rows = np.asarray(_take(X, self.rows))
            if rows.dtype.kind == "c":
                return None
            rows = rows.astype(np.float64)
        except (TypeError, ValueError):
            return None
        if not rows.size:
            return None
        rows = rows.reshape(len(rows), -1)
        return rows if np.isfinite(rows).all() else None

    def score(self, X: Any, y: Any) -> float:
        """Return accuracy or R2."""
        return float(self.estimator.score(X, y))

    @cached_property
    def train_score(self) -> float | None:
        """Accuracy or R2 of `rows`."""
        if self.X is None or self.y is None:
            return None
        return self.score(_take(self.X, self.rows), _take(self.y, self.rows))


def _count(X: Any) -> int:
    return X.shape[0] if hasattr(X, "shape") else len(X)


def _take(X: Any, rows: NDArray[np.intp]) -> Any:
    if issparse(X):
        X = X.tocsr()
    if hasattr(X, "iloc"):
        return X.iloc[rows]
    if hasattr(X, "take") and not hasattr(X, "dtype"):  # a table of Arrow, or a column
        return X.take(rows)
    return X[rows] if hasattr(X, "shape") else [X[row] for row in rows]


def _column(y: Any, rows: NDArray[np.intp]) -> NDArray[Any] | None:
    """Return some targets, None where there is not exactly one a sample."""
    if y is None or (isinstance(y, list) and y and np.ndim(y[0])):
        return None
    column = np.asarray(_take(y, rows))
    if column.ndim == 2 and column.shape[1] == 1:
        column = column[:, 0]
    return column if column.ndim == 1 else None
