"""The nearest-neighbour regressor with cross-validation built in."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin

from skdeep.neighbors.cv.base import NeighborsCVBase
from skdeep.neighbors.cv.curves import Answer, regressor_answers
from skdeep.neighbors.cv.searched_params import SearchedParams
from skdeep.neighbors.regression import KNNRegressor
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.parameters import parameters
from skdeep.utils.scores.r2 import r2

__all__ = ["KNNRegressorCV"]


@parameters(first=SearchedParams)
class KNNRegressorCV(RegressorMixin, NeighborsCVBase):
    """KNNRegressor with the number of neighbours chosen by cross-validation.

    One search serves every k: each fold and metric is searched once, for the largest number of
    neighbours, and all smaller numbers and all weights are scored from it. The scores are those of
    :class:`sklearn.model_selection.GridSearchCV` over :class:`KNNRegressor`.

    Parameters
    ----------
    scoring : str, callable or None, default=None
        A scorer; None is R2. ``LeaveOneOut()`` needs "neg_mean_squared_error" or
        "neg_mean_absolute_error".

    Attributes
    ----------
    best_estimator_ : KNNRegressor
        Fitted with it on all rows.

    See Also
    --------
    KNNRegressor : With a given number of neighbours.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from skdeep import KNNRegressorCV
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = KNNRegressorCV(n_neighbors=range(1, 31), weights=["uniform", "distance"])
    >>> model.fit(X, y).best_params_
    {'n_neighbors': 19, 'weights': 'distance'}
    """

    _plain_kind = KNNRegressor

    def _answers(
        self, model: KNNRegressor, distance: NDArray, index: NDArray, ks: list[int], left_out: bool
    ) -> Iterator[Answer]:
        return regressor_answers(model, distance, index, ks)

    @in_kind
    def score(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the score by `scoring`, R2 if that is None.

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
            return r2(np.asarray(y), self.predict(X), sample_weight)
        return self._scored(X, y, sample_weight)
