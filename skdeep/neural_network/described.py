"""What an estimator says of its network: a summary before and after fit, a table in a notebook."""

from __future__ import annotations

import copy
from html import escape
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier

from skdeep.nn import Layer, Summary, summarize

__all__ = ["Described"]


class Described:
    """An estimator that has a network, or will have one."""

    def summary(
        self,
        input_shape: tuple[Any, ...] | None = None,
        n_outputs: int | None = None,
        *,
        X: Any = None,
        y: Any = None,
        batch_size: int = 1,
    ) -> Summary:
        """Return shapes, parameters, connections, multiply-adds and memory of all layers.

        Parameters
        ----------
        input_shape : tuple of int, default=None
            Of one sample: (n_features,), (height, width, channels), (n_steps, n_features). None is
            the shape that `fit` has seen.
        n_outputs : int, default=None
            None is that of `fit`; before it, 10 classes or one number.
        X, y : array-like, default=None
            Data as for `fit` instead of a shape; nothing is trained, and the estimator stays as it
            is.
        batch_size : int, default=1
            How many samples to count the memory of.

        Returns
        -------
        skdeep.nn.Summary
            Prints as a table.

        Raises
        ------
        ValueError
            If there is neither a fit nor a shape, or the layers do not fit the shape.
        """
        if X is not None:
            return clone(self)._summary_of_data(X, y, batch_size)
        if input_shape is None and self.__sklearn_is_fitted__():  # type: ignore[attr-defined]
            return self._summary_of_fit(batch_size)
        this: Any = self
        this._check_params()
        shape = self._known_shape() if input_shape is None else tuple(input_shape)
        if shape is None:
            raise ValueError(
                f"{type(self).__name__} knows no shape of its input before fit; pass input_shape "
                "or X and y to summary."
            )
        if n_outputs is None:
            n_outputs = getattr(self, "n_outputs_", None) or (10 if is_classifier(self) else 1)
        layers, shape = copy.copy(self)._outline(shape, n_outputs)
        return summarize(layers, shape, batch_size=batch_size, itemsize=self._itemsize())

    def _itemsize(self) -> int:
        """Return the bytes of a number, of the type that `dtype` asks for, or of float64."""
        dtype = getattr(self, "dtype", None)
        return np.dtype(dtype or np.float64).itemsize

    def _known_shape(self) -> tuple[Any, ...] | None:
        """Return the shape of a sample by the parameters alone, None where they do not tell."""
        return None

    def _outline(self, shape: Any, n_outputs: int) -> tuple[Layer, Any]:
        """Return layers for samples of a shape, of a copy that may be changed."""
        this: Any = self
        this._check_params()
        return this._architecture(n_outputs), shape

    def _summary_of_fit(self, batch_size: int) -> Summary:
        this: Any = self
        return this.network_.summary(batch_size=batch_size)

    def _summary_of_data(self, X: Any, y: Any, batch_size: int) -> Summary:
        """Return the summary of the network that a fit would start from, of a clone."""
        this: Any = self
        this._check_params()
        X, y = this._check_data(X, y, reset=True)
        this._start(this._inputs(X)[0], y, None, None)
        return this._summary_of_fit(batch_size)

    # scikit-learn's diagram, with the layers below

    def _layers_in_html(self) -> str:
        if not self.__sklearn_is_fitted__():  # type: ignore[attr-defined]
            return ""
        summary = self._summary_of_fit(1)
        said = escape(f"{len(summary.lines)} layers, {summary.parameters:,} parameters")
        return (
            '<details style="margin: 0.4em 0 0 0.2em"><summary style="cursor: pointer">'
            f"Network: {said}</summary>{summary._repr_html_()}</details>"
        )

    @property
    def _repr_html_(self) -> Any:
        diagram = super()._repr_html_  # type: ignore[misc]  # raises where text is asked for
        return lambda: diagram() + self._layers_in_html()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        shown = super()._repr_mimebundle_(**kwargs)  # type: ignore[misc]
        if "text/html" in shown:
            shown["text/html"] += self._layers_in_html()
        return shown
