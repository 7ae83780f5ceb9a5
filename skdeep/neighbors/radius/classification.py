"""Classification by the vote of all training rows within a radius."""

from collections.abc import Iterator
from dataclasses import KW_ONLY
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from skdeep.neighbors.classification import NeighborsClassifier
from skdeep.neighbors.outputs import encode_outputs, in_columns, output_of
from skdeep.neighbors.radius.base import RadiusNeighbors
from skdeep.neighbors.radius.votes import BallVotes, ball_weights
from skdeep.neighbors.search_params import SupervisedParams
from skdeep.utils.parameters import parameters
from skdeep.utils.params import real
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.user_warnings import warn_user

__all__ = ["RadiusNeighborsClassifier"]


@parameters(first=SupervisedParams)
class RadiusNeighborsClassifier(NeighborsClassifier, RadiusNeighbors, SupervisedParams):
    """Classification by the vote of all training rows within a radius.

    A drop-in for :class:`sklearn.neighbors.RadiusNeighborsClassifier`: same keywords, same
    predictions, on the exact search of :class:`KNNClassifier`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,), or list of such arrays
        The classes, for each output.
    outlier_label_ : list of labels, or None
        The label of rows without neighbours, for each output.
    outputs_2d_ : bool
        Whether `y` had more than one column.

    See Also
    --------
    KNNClassifier : With a number of neighbours instead of a radius.
    RadiusNeighborsRegressor : The regressor.

    Examples
    --------
    >>> from skdeep import RadiusNeighborsClassifier
    >>> model = RadiusNeighborsClassifier(radius=1.2, outlier_label=-1)
    >>> model.fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
    RadiusNeighborsClassifier(outlier_label=-1, radius=1.2)
    >>> model.predict([[0.5], [9.0]])
    array([ 0, -1])
    """

    radius: Annotated[float, real(0), "How near the rows that vote are."] = 1.0
    _: KW_ONLY
    outlier_label: Annotated[
        Any,
        """The label of rows without neighbours: one, a list with one for each output, or
        "most_frequent" for the most frequent class. None: such rows are an error.
        """,
    ] = None

    @all_or_nothing
    def fit(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> "RadiusNeighborsClassifier":
        """Keep the training rows, and index them.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or (n_samples, \
n_samples) if metric == "precomputed"
            Training rows. A C-contiguous array of numbers is not copied, a memory map stays one.
        y : {array-like, sparse matrix} of shape (n_samples,) or (n_samples, n_outputs)
            Classes.
        sample_weight : array-like of shape (n_samples,), default=None
            A row of weight w counts as w rows.

        Returns
        -------
        RadiusNeighborsClassifier
            Itself.

        Raises
        ------
        TypeError, ValueError
            If a parameter, `X`, `y` or `sample_weight` is not as described; the estimator is then
            left as it was.
        """
        self._check_params()
        X, y = self._validate(X, y)
        self._classes, self._y, self.outputs_2d_ = encode_outputs(y)
        self.classes_ = self._classes if self.outputs_2d_ else self._classes[0]
        self._fit_index(X, sample_weight)
        self.outlier_label_ = self._outlier_labels()
        return self

    def _outlier_labels(self) -> list[Any] | None:
        """Return the label of outliers for each output."""
        given = self.outlier_label
        if given is None:
            return None
        if isinstance(given, str) and given == "most_frequent":
            labels = []
            for output, classes in enumerate(self._classes):
                number = output_of(self._y, output)
                labels.append(classes[np.bincount(number, weights=self._sample_weight).argmax()])
            return labels
        several = np.ndim(given) > 0 and not isinstance(given, str)
        labels = list(given) if several else [given] * len(self._classes)
        if len(labels) != len(self._classes):
            raise ValueError(
                f"The length of outlier_label: {given} is inconsistent with the output length: "
                f"{len(self._classes)}"
            )
        for label, classes in zip(labels, self._classes, strict=True):
            if np.ndim(label) > 0 and not isinstance(label, str):
                raise TypeError(
                    f"The outlier_label of classes {classes} is supposed to be a scalar, got "
                    f"{label}."
                )
            if np.append(classes, label).dtype != classes.dtype:
                raise TypeError(
                    f"The dtype of outlier_label {label} is inconsistent with classes {classes} "
                    "in y."
                )
        return labels

    def _votes(self, X: Any) -> Iterator[BallVotes]:
        """Yield the votes for each output."""
        balls = self._voters(X)
        outliers = np.flatnonzero(balls.count == 0)
        if len(outliers) and self.outlier_label_ is None:
            raise ValueError(
                f"No neighbors found for test samples {outliers!r}, you can try using larger "
                "radius, giving a label for outliers, or considering removing them from your "
                "dataset."
            )
        weight = ball_weights(balls, self.weights)
        if self._sample_weight is not None:
            mass = self._sample_weight[balls.index]
            weight = mass if weight is None else weight * mass
        for output, classes in enumerate(self._classes):
            label = output_of(self._y, output)[balls.index]
            yield BallVotes(balls, label.astype(np.intp, copy=False), weight, len(classes))

    def predict(self, X: Any) -> NDArray:
        """Return the class with the most votes within the radius of each query.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), or None
            None stands for the training rows, each without itself among its neighbours.

        Returns
        -------
        ndarray of shape (n_queries,) or (n_queries, n_outputs)

        Raises
        ------
        ValueError
            If a query has no neighbours and there is no `outlier_label`, and as
            :meth:`radius_neighbors`.
        """
        check_is_fitted(self, "n_samples_fit_")
        columns = []
        for output, (votes, classes) in enumerate(zip(self._votes(X), self._classes, strict=True)):
            winner, empty = votes.winners()
            column = classes.take(winner)
            if empty.any():
                if self.outlier_label_ is None:
                    raise ValueError(
                        f"All neighbors of the rows {np.flatnonzero(empty)!r} have the weight "
                        "zero: give an outlier_label, or other weights."
                    )
                column[empty] = self.outlier_label_[output]
            columns.append(column)
        return in_columns(columns, self._classes, self.outputs_2d_)

    def predict_proba(self, X: Any) -> Any:
        """Return the share of the votes of each class within the radius of each query.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), or None
            As for :meth:`predict`.

        Returns
        -------
        ndarray of shape (n_queries, n_classes), or list of such arrays, one for each output
            Of a query without neighbours, one for its label, and all zero if that is no class.

        Raises
        ------
        ValueError
            As :meth:`predict`.
        """
        check_is_fitted(self, "n_samples_fit_")
        shares = []
        for output, (votes, classes) in enumerate(zip(self._votes(X), self._classes, strict=True)):
            share = votes.shares()
            outliers = votes.balls.count == 0
            if outliers.any() and self.outlier_label_ is not None:
                label = self.outlier_label_[output]
                place = np.flatnonzero(classes == label)
                if len(place):
                    share[outliers, place[0]] = 1.0
                else:
                    warn_user(
                        f"Outlier label {label} is not in training classes. All class "
                        "probabilities of outliers will be assigned with 0.",
                    )
            shares.append(share)
        return shares if self.outputs_2d_ else shares[0]
