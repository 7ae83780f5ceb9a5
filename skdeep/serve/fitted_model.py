"""A fitted estimator as what answers requests."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.serve.errors import RequestError
from skdeep.serve.tensors import datatype_of
from skdeep.utils.interface import InputColumn, Signature, signature_of

__all__ = ["FittedModel"]

_METHODS = ("predict", "predict_proba", "decision_function", "transform")


class FittedModel:
    """A fitted estimator of skdeep or scikit-learn.

    Parameters
    ----------
    estimator : fitted estimator
        With `predict` or `transform`.

    Attributes
    ----------
    platform : str
        As the protocol's metadata have it.
    signature : Signature
        What it reads and says.
    outputs : dict of str to dict
        The methods that can be asked for, and datatype and shape of what they return.

    Raises
    ------
    TypeError
        If `estimator` has none of the methods.
    """

    platform = "skdeep"

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator
        methods = [method for method in _METHODS if hasattr(estimator, method)]
        if not methods:
            raise TypeError(
                f"{type(estimator).__name__} has none of {', '.join(_METHODS)}; there is nothing "
                "to serve."
            )
        self.signature = signature_of(estimator)
        self.outputs = {method: _described(self.signature, method) for method in methods}

    def ask(self, names: list[str], X: Any) -> Iterator[tuple[str, Any]]:
        """Yield what each method returns.

        Parameters
        ----------
        names : list of str
        X : ndarray, list of str, or dict of str to ndarray
            Rows, or the columns of a table.

        Raises
        ------
        RequestError
            If the model does not take them.
        """
        X = self._frame(X) if isinstance(X, dict) else X
        for name in names:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    yield name, getattr(self.estimator, name)(X)
            except (ValueError, TypeError) as error:
                raise RequestError(" ".join(str(error).split())) from error

    def _frame(self, columns: dict[str, NDArray[Any]]) -> Any:
        import pandas

        known = {column.name: column for column in self.signature.columns}
        return pandas.DataFrame(
            {name: _as_in_fit(values, known[name]) for name, values in columns.items()}
        )


def _as_in_fit(values: NDArray[Any], column: InputColumn) -> Any:
    """Return a column whose missing categories are written as they were when it was fitted."""
    if values.dtype != object:
        if column.datatype == "BYTES":
            raise RequestError(f"{column.name} must be text, of datatype BYTES, not numbers.")
        return values
    import pandas

    if column.missing != "none":
        values = np.array([np.nan if value is None else value for value in values], object)
    return pandas.Series(values, dtype=object)


def _described(signature: Signature, method: str) -> dict[str, Any]:
    """Return datatype and shape of what a method returns."""
    several = [-1, len(signature.classes)] if signature.several_targets else None
    if method == "predict":
        classes = signature.classes[0] if several else signature.classes
        if classes:
            datatype = datatype_of(np.array(classes))
        else:  # a translator writes text
            datatype = "BYTES" if signature.task == "other" else "FP64"
        return {"datatype": datatype, "shape": several or [-1]}
    said: dict[str, Any] = {"datatype": "FP64", "shape": [-1, -1]}
    if signature.classes and method != "transform":
        said["parameters"] = {"classes": signature.classes}
    return said
