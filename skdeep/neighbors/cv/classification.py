"""The nearest-neighbour classifier with cross-validation built in."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import check_is_fitted

from skdeep.neighbors.classification import KNNClassifier, NeighborsClassifier
from skdeep.neighbors.cv.base import NeighborsCVBase
from skdeep.neighbors.cv.curves import Answer, classifier_answers
from skdeep.neighbors.cv.searched_params import SearchedParams
from skdeep.neighbors.outputs import output_of
from skdeep.neighbors.search_params import VoteParams
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.class_weights import weigh_classes
from skdeep.utils.parameters import parameters

__all__ = ["KNNClassifierCV"]


@parameters(first=SearchedParams)
class KNNClassifierCV(NeighborsClassifier, NeighborsCVBase, VoteParams):
    """KNNClassifier with the number of neighbours chosen by cross-validation.

    One search serves every k: each fold and metric is searched once, for the largest number of
    neighbours, and all smaller numbers and all weights are scored from it. The scores are those of
    :class:`sklearn.model_selection.GridSearchCV` over :class:`KNNClassifier`.

    Parameters
    ----------
    scoring : str, callable or None, default=None
        A scorer; None is the accuracy, in which a row counts what `class_weight` says of its
        class: what steers the vote steers the choice. "accuracy" counts all rows the same, and
        is all that ``LeaveOneOut()`` knows.

    Attributes
    ----------
    best_estimator_ : KNNClassifier
        Fitted with it on all rows.
    classes_ : ndarray of shape (n_classes,), or list of such arrays
        The classes, for each output.

    See Also
    --------
    KNNClassifier : With a given number of neighbours.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skdeep import KNNClassifierCV
    >>> X, y = load_iris(return_X_y=True)
    >>> model = KNNClassifierCV(n_neighbors=range(1, 31), cv=10).fit(X, y)
    >>> model.n_neighbors_
    13
    >>> model.cv_results_["mean_test_score"].shape
    (30,)
    """

    _plain_kind = KNNClassifier

    def _score_weight(self, y: NDArray, weight: NDArray | None) -> NDArray | None:
        if self.class_weight is None or self.scoring is not None:
            return weight
        if y.ndim == 2:
            of_row = compute_sample_weight(self.class_weight, y)
        else:
            classes, label = np.unique(y, return_inverse=True)
            of_row = weigh_classes(self.class_weight, classes, label, weight)[label]
        return of_row if weight is None else of_row * weight

    def _answers(
        self, model: KNNClassifier, distance: NDArray, index: NDArray, ks: list[int], left_out: bool
    ) -> Iterator[Answer]:
        if left_out and isinstance(self.class_weight, str):
            model._class_weight = [
                BalancedWithoutSelf(output_of(model._y, output), model._sample_weight)
                for output in range(len(model._classes))
            ]
        return classifier_answers(model, distance, index, ks)

    @property
    def classes_(self) -> Any:
        """The classes, for each output."""
        check_is_fitted(self, "best_estimator_")
        return self.best_estimator_.classes_

    @in_kind
    def predict_proba(self, X: Any) -> Any:
        """Return the share of the votes that each class has, by the best candidate.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), or None
            As for :meth:`predict`.

        Returns
        -------
        ndarray of shape (n_queries, n_classes), or list of such arrays, one for each output
        """
        X = self._validated_queries(X)
        return self.best_estimator_.predict_proba(X)

    @in_kind
    def score(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the score by `scoring`, the accuracy if that is None.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), or None
        y : array-like of shape (n_queries,) or (n_queries, n_outputs)
        sample_weight : array-like of shape (n_queries,), default=None

        Returns
        -------
        float
        """
        if self.scoring is None:
            return super().score(X, y, sample_weight)
        return self._scored(X, y, sample_weight)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.non_deterministic = self.tie_breaking == "random"
        return tags


class BalancedWithoutSelf:
    """The balanced class weights of the rows without one of them, for each of them.

    Parameters
    ----------
    label : ndarray of shape (n_samples,)
    sample_weight : ndarray of shape (n_samples,), or None
    """

    def __init__(self, label: NDArray[np.intp], sample_weight: NDArray | None) -> None:
        self.label = label
        self.own = np.ones(len(label)) if sample_weight is None else sample_weight
        self.count = np.bincount(label, weights=self.own)
        self.members = np.bincount(label)

    def of(self, label: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the weights of the classes of each row's neighbours.

        Parameters
        ----------
        label : ndarray of shape (n_samples, k)

        Returns
        -------
        ndarray of shape (n_samples, k)
            Zero for a class of which nothing is left.
        """
        own, same = self.own[:, None], label == self.label[:, None]
        count = self.count.take(label) - np.where(same, own, 0.0)
        left = self.members.take(label) - same > 0
        n_left = np.count_nonzero(self.members) - (self.members.take(self.label) == 1)
        share = n_left[:, None] * count
        rest = self.own.sum() - own
        return np.divide(rest, share, out=np.zeros(share.shape), where=left & (share > 0))
