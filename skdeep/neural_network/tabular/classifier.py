"""Classification of raw tables by a mix of networks."""

from __future__ import annotations

from dataclasses import KW_ONLY
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdeep.neural_network.classifier import logarithms
from skdeep.neural_network.tabular.base import TabularNet
from skdeep.neural_network.tabular.rows.samples import Samples
from skdeep.nn import Loss, SoftmaxCrossEntropy
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.class_weights import check_balance, weigh_classes
from skdeep.utils.classes import encode_classes
from skdeep.utils.clean import check_array, column_or_1d
from skdeep.utils.parameters import parameters
from skdeep.utils.params import none, one_of, rule
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.scores.accuracy import AccuracyMixin

__all__ = ["TabularNetClassifier"]


@parameters
class TabularNetClassifier(AccuracyMixin, TabularNet):
    """Classification of raw tables by networks, without preparation or tuning.

    A raw data frame goes in, with numbers of any scale, categories, dates and missing values.
    Small networks are trained on several views of the table: the numbers scaled robustly, cut into
    quantile bins with a slope in each (piecewise linear), and as waves of learned frequencies; a
    linear model besides. On each view there are a few members side by side, with no weights in
    common. Each is trained by AdamW on another part of the rows, while its rate falls to zero again
    and again; they stay as the last fall leaves them, or, where that is clearly worse on the rows
    left out, each as it was at its best epoch. The members' probabilities are averaged, and how
    much each view counts is found on the rows left out, so that no row is lost and no knob is
    turned by hand.

    The loss is the cross-entropy, and probabilities are meant to be honest. The shares of the
    classes count as one row besides the n of training, ``p <- (n p + share) / (n + 1)``, so that
    nothing that happened is held for impossible.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The class labels, sorted.
    validation_loss_ : float
        Cross-entropy of the mix on the rows that members leave out; NaN after `partial_fit`.

    See Also
    --------
    TabularNetRegressor : The same for numbers.
    MLPClassifier : One network with every knob, on numbers that you have prepared.
    TableEncoder, RobustSmoothScaler, PiecewiseLinearEncoder : The preparation, on its own.
    sklearn.ensemble.HistGradientBoostingClassifier : Trees on raw tables, faster.

    Notes
    -----
    `feature_importances_` is the variance of each column that a view makes of a feature, times the
    squared weights by which the first layer takes it in, summed over columns and averaged over
    members and views. It costs nothing, and tells what the networks look at, not what would be lost
    without it: for that, see :func:`sklearn.inspection.permutation_importance`.

    Equal rows count as one with the sum of their weights, and the order of rows does not matter.
    Training is in float32, prediction in float64. On long tables, epochs are fewer, and a member
    leaves out no more than 65,536 rows.

    References
    ----------
    D. Holzmüller, L. Grinsztajn, I. Steinwart, "Better by default: strong pre-tuned MLPs and
    boosted trees on tabular data", NeurIPS 2024, arXiv:2407.04491. Y. Gorishniy, I. Rubachev,
    A. Babenko, "On embeddings for numerical features in tabular deep learning", NeurIPS 2022,
    arXiv:2203.05556. R. Caruana et al., "Ensemble selection from libraries of models", ICML 2004.

    Examples
    --------
    >>> import pandas as pd
    >>> from skdeep import TabularNetClassifier
    >>> table = pd.DataFrame({"size": [1.0, 2.0, None, 9.0] * 9, "kind": ["a", "b", "a", "b"] * 9})
    >>> grown = ["no", "no", "no", "yes"] * 9
    >>> clf = TabularNetClassifier("fast", random_state=0).fit(table, grown)
    >>> clf.predict(pd.DataFrame({"size": [8.0, None], "kind": ["b", "new"]}))
    array(['yes', 'no'], dtype='<U3')
    """

    _: KW_ONLY
    class_weight: Annotated[
        Any,
        none() | one_of("balanced") | rule("a dict", lambda value: isinstance(value, dict), "dict"),
        'What each class counts, by label; "balanced": all the same in sum.',
    ] = None

    _classifies = True

    @in_kind
    @all_or_nothing
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        classes: ArrayLike | None = None,
    ) -> TabularNetClassifier:
        """Train for one epoch on the given rows.

        The first call learns from its rows how the table looks: scales, bins, categories. Give it
        enough of them. No rows are left out, and all views count the same; callbacks are for
        `fit`.

        Parameters
        ----------
        X : data frame or array-like of shape (n_samples, n_features)
            Rows of the table.
        y : array-like of shape (n_samples,)
            Class labels.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each row counts.
        classes : array-like of shape (n_classes,), default=None
            All classes there will ever be; required at the first call.

        Returns
        -------
        TabularNetClassifier
            The fitted estimator itself.
        """
        if not self.__sklearn_is_fitted__():
            if classes is None:
                raise ValueError("classes must be passed on the first call to partial_fit.")
        elif classes is not None and not np.array_equal(self.classes_, np.unique(classes)):
            raise ValueError(
                f"`classes={classes!r}` is not the same as on last call to partial_fit, was: "
                f"{self.classes_!r}"
            )
        check_balance(self.class_weight)
        return self._partial_fit(X, y, sample_weight, classes)

    @in_kind
    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict the most probable class of each row.

        Parameters
        ----------
        X : data frame or array-like of shape (n_samples, n_features)
            Rows of the table.

        Returns
        -------
        ndarray of shape (n_samples,)
            Class labels.
        """
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    @in_kind
    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Predict the probability of each class, the mean over members and the classes' shares.

        Parameters
        ----------
        X : data frame or array-like of shape (n_samples, n_features)
            Rows of the table.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Columns in the order of `classes_`.
        """
        return self._mixed(X)

    @in_kind
    def predict_log_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Predict the logarithm of the probability of each class.

        Parameters
        ----------
        X : data frame or array-like of shape (n_samples, n_features)
            Rows of the table.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            The logarithm of `predict_proba`.
        """
        return logarithms(self.predict_proba(X))

    # What the base asks

    @property
    def _n_outputs(self) -> int:
        return len(self.classes_)

    def _check_y(self, y: Any, name: str) -> NDArray[Any]:
        y = check_array(y, ensure_2d=False, dtype=None, input_name=name)
        y = column_or_1d(y, warn=True)
        if name != "y":
            self._codes(y, name)
        return y

    def _learn_targets(self, y: NDArray[Any], classes: Any) -> None:
        self.classes_ = encode_classes(y)[0] if classes is None else np.unique(classes)

    def _codes(self, y: NDArray[Any], name: str = "y") -> NDArray[np.intp]:
        strange = ~np.isin(y, self.classes_)
        if strange.any():
            raise ValueError(
                f"{name} has the class {str(y[strange][0])!r}, which is not in classes_: "
                f"{self.classes_}."
            )
        return np.searchsorted(self.classes_, y)

    def _as_numbers(self, y: NDArray[Any]) -> NDArray[Any]:
        return self._codes(y)

    def _learn_shares(self, samples: Samples) -> None:
        counts = np.bincount(samples.target, samples.weight, self._n_outputs)
        self._prior = counts / (counts.sum() * (samples.n_samples + 1))

    def _of_average(self, averaged: NDArray[Any]) -> NDArray[Any]:
        """Return (n p + share) / (n + 1): n right answers do not make sure of the next one."""
        return (1 - np.sum(self._prior)) * averaged + self._prior

    def _encode(self, y: NDArray[Any]) -> NDArray[Any]:
        return self._codes(y)

    def _weigh(self, y: NDArray[Any], weight: Any) -> Any:
        if self.class_weight is None:
            return weight
        codes = self._codes(y)
        by_class = weigh_classes(self.class_weight, self.classes_, codes, weight)[codes]
        weighted = by_class if weight is None else weight * by_class
        if not weighted.any():
            raise ValueError(f"class_weight={self.class_weight!r} leaves all sample weights zero.")
        return weighted

    def _make_loss(self) -> Loss:
        return SoftmaxCrossEntropy()

    def _mixing_loss(self, averaged: NDArray[Any], target: NDArray[Any], weight: Any) -> float:
        right = self._of_average(averaged)[np.arange(len(target)), target]
        return float(np.average(-np.log(np.maximum(right, 1e-7)), weights=weight))
