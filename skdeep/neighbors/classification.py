"""Classification by the vote of the nearest neighbours."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import MultiOutputMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skdeep.neighbors.kneighbors import KNeighbors
from skdeep.neighbors.outputs import encode_outputs, in_columns, output_of
from skdeep.neighbors.search_params import SupervisedParams, VoteParams
from skdeep.neighbors.vote import (
    Ballot,
    ClassWeight,
    check_some_weight,
    class_counts,
    distance_weights,
)
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.class_weights import weigh_classes
from skdeep.utils.parameters import parameters
from skdeep.utils.params import integer
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.scores.accuracy import AccuracyMixin

__all__ = ["KNNClassifier", "NeighborsClassifier"]


class NeighborsClassifier(AccuracyMixin, MultiOutputMixin):
    """What classifiers on nearest neighbours share."""

    @in_kind
    def score(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy on some rows; on the training rows without themselves for None.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), or None
            ``score(None, y)`` on the training targets is leave-one-out cross-validation, from a
            single search.
        y : array-like of shape (n_queries,) or (n_queries, n_outputs)
            The right classes.
        sample_weight : array-like of shape (n_queries,), default=None
            What each row counts in the mean.

        Returns
        -------
        float
        """
        return super().score(X, y, sample_weight)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


@parameters(first=SupervisedParams)
class KNNClassifier(NeighborsClassifier, KNeighbors, SupervisedParams, VoteParams):
    """Classification by the vote of the nearest training rows.

    A drop-in for :class:`sklearn.neighbors.KNeighborsClassifier`: same keywords, same predictions.
    The search is exact, and several times faster: a matrix product in float32 finds candidates, a
    bound on its error proves that no neighbour is missing among them, and their distances in
    float64 decide. Equal distances are ordered by index. Euclidean, cosine and correlation
    distances work in this way, L1, L-infinity and L-p compute every distance in compiled code,
    and any other metric of :func:`sklearn.metrics.pairwise_distances` works too.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,), or list of such arrays
        The classes, for each output.
    outputs_2d_ : bool
        Whether `y` had more than one column.

    See Also
    --------
    KNNClassifierCV : Chooses the number of neighbours from a single search per fold.
    KNNRegressor : The regressor.

    Notes
    -----
    Temporary arrays of the search are bounded by scikit-learn's `working_memory`.

    References
    ----------
    .. [1] T. Cover and P. Hart, "Nearest neighbor pattern classification", IEEE Transactions on
       Information Theory 13(1), 1967.

    Examples
    --------
    >>> from skdeep import KNNClassifier
    >>> model = KNNClassifier(n_neighbors=3).fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
    >>> model.predict([[1.1]])
    array([0])
    >>> model.predict_proba([[0.9]])
    array([[0.667, 0.333]])
    """

    n_neighbors: Annotated[int, integer(1), "How many neighbours vote."] = 5

    @in_kind
    @all_or_nothing
    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> "KNNClassifier":
        """Keep the training rows, and index them.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or (n_samples, \
n_samples) if metric == "precomputed"
            Training rows. A C-contiguous array of numbers is not copied, a memory map stays one.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Classes.
        sample_weight : array-like of shape (n_samples,), default=None
            A row of weight w counts as w rows: the nearest rows whose weights add up to
            `n_neighbors` vote, each with its weight, the farthest with what is left of it.

        Returns
        -------
        KNNClassifier
            Itself.

        Raises
        ------
        ValueError
            If a parameter, `X`, `y` or `sample_weight` is not as described; the estimator is then
            left as it was.
        """
        self._check_params()
        X, y = self._validate(X, y)
        self._fit_classes(y)
        self._fit_index(X, sample_weight)
        self._class_weight = self._class_weights()
        return self

    def _fit_classes(self, y: Any) -> None:
        self._classes, self._y, self.outputs_2d_ = encode_outputs(y)
        self.classes_ = self._classes if self.outputs_2d_ else self._classes[0]

    def _class_weights(self) -> list[NDArray[np.float64] | ClassWeight | None]:
        """Return what a vote for each class counts, for each output."""
        given = self.class_weight
        if given is None:
            return [None] * len(self._classes)
        if not isinstance(given, list):
            given = [given] * len(self._classes)
        if len(given) != len(self._classes):
            raise ValueError(
                f"class_weight has {len(given)} entries, but y has {len(self._classes)} outputs."
            )
        return [
            weigh_classes(weight, classes, output_of(self._y, output), self._sample_weight)
            for output, (weight, classes) in enumerate(zip(given, self._classes, strict=True))
        ]

    def _ballots(
        self, distance: NDArray, index: NDArray, mass: NDArray | None, n_counted: int | None = None
    ) -> Iterator[Ballot]:
        """Yield the votes for each output, of all neighbours or of the nearest `n_counted`."""
        weight = distance_weights(distance, self.weights, mass)
        for output, classes in enumerate(self._classes):
            label = output_of(self._y, output).take(index).astype(np.intp, copy=False)
            count, of_class = weight, self._class_weight[output]
            if of_class is not None:
                count = class_counts(of_class, label)
                count = count if weight is None else weight * count
            check_some_weight(None if count is None else count[:, :n_counted])
            yield Ballot(label, count, len(classes), n_counted)

    def _elected(self, ballots: Iterable[Ballot]) -> NDArray:
        """Return the classes that win."""
        random = check_random_state(self.random_state) if self.tie_breaking == "random" else None
        columns = (
            classes.take(ballot.winners(self.tie_breaking, random))
            for ballot, classes in zip(ballots, self._classes, strict=True)
        )
        return in_columns(columns, self._classes, self.outputs_2d_)

    def _shares(self, ballots: Iterable[Ballot]) -> Any:
        """Return the share of the votes of each class."""
        shares = [ballot.shares() for ballot in ballots]
        return shares if self.outputs_2d_ else shares[0]

    @in_kind
    def predict(self, X: Any) -> NDArray:
        """Return the class that wins the vote for each query.

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
            If no neighbour of some query has any weight, and as :meth:`kneighbors`.
        """
        check_is_fitted(self, "n_samples_fit_")
        return self._elected(self._ballots(*self._neighborhoods(X)))

    @in_kind
    def predict_proba(self, X: Any) -> Any:
        """Return the share of the votes that each class has.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), or None
            As for :meth:`predict`.

        Returns
        -------
        ndarray of shape (n_queries, n_classes), or list of such arrays, one for each output

        Raises
        ------
        ValueError
            As :meth:`predict`.
        """
        check_is_fitted(self, "n_samples_fit_")
        return self._shares(self._ballots(*self._neighborhoods(X)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = self.tie_breaking == "random"
        return tags
