"""Several network classifiers, whose probabilities are averaged."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import accuracy_score
from sklearn.utils.validation import check_is_fitted

from skdeep.neural_network.classifier import logarithms
from skdeep.neural_network.ensembles.base import NetworkEnsemble, as_columns, members_go_on
from skdeep.neural_network.mlp_classifier import MLPClassifier
from skdeep.neural_network.targets import TaskTargets
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.clean import column_or_1d
from skdeep.utils.interface.methods import available_if
from skdeep.utils.parameters import parameters
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.scores.accuracy import AccuracyMixin

__all__ = ["NetworkEnsembleClassifier"]

# Kinds of targets with several labels of each sample.
_SEVERAL = ("multilabel-indicator", TaskTargets.kind)


@parameters
class NetworkEnsembleClassifier(AccuracyMixin, NetworkEnsemble):
    """Several network classifiers, whose probabilities are averaged.

    The mean of k members is better than they are, as far as they err at different samples. With
    errors e_i, probabilities less the one of the true class::

        E[(1/k sum_i e_i)^2] = 1/k E[e^2] + (k - 1)/k E[e_i e_j]

    If errors are independent, the second term is zero, and k members have a k-th of the error of
    one. What they share, from the same samples and the same architecture, no number of members
    takes away: `report` tells both terms.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The class labels.

    See Also
    --------
    NetworkEnsembleRegressor : The same for numbers.
    TabularNetClassifier : For raw tables, an ensemble by itself.

    Notes
    -----
    With 'bagging', counts of draws are sample weights, so that every member knows all classes, and
    no sample is both in the training and in the validation part of early stopping. `sample_weight`
    is what samples are drawn by. Metadata is handed to members as it is, without a request of
    theirs. Callbacks of `estimator` see the fit of each member.

    References
    ----------
    L. Breiman, "Bagging predictors", Machine Learning 24, 1996.

    G. Huang et al., "Snapshot ensembles: train 1, get M for free", ICLR 2017.

    B. Lakshminarayanan, A. Pritzel, C. Blundell, "Simple and scalable predictive uncertainty
    estimation using deep ensembles", NeurIPS 2017.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from skdeep import MLPClassifier, NetworkEnsembleClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)
    >>> network = MLPClassifier((8,), learning_rate_init=0.01, max_iter=20)
    >>> clf = NetworkEnsembleClassifier(network, random_state=0).fit(X_train, y_train)
    >>> report = clf.report(X_test, y_test)
    >>> bool(report.ensemble_score > report.scores.mean())
    True
    >>> bool(0 < report.mean_correlation < 1)
    True
    """

    _metric = "accuracy"

    @available_if(members_go_on)
    @in_kind
    @all_or_nothing
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        classes: ArrayLike | None = None,
    ) -> Self:
        """Train each member for one epoch on the given samples.

        With 'bagging', each sees a sample as often as Poisson's distribution of mean one says.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as for `fit`.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Class labels.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts.
        classes : array-like of shape (n_classes,), default=None
            All classes there will ever be; required at the first call.

        Returns
        -------
        self
            The fitted ensemble itself.
        """
        return self._partial_fit(X, y, sample_weight, classes=classes)

    @in_kind
    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict the class of each sample that is most probable in the mean over members.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as for `fit`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_labels)
            Class labels.
        """
        return self._labels(self._mean(X))

    @in_kind
    def predict_proba(self, X: ArrayLike) -> NDArray[Any]:
        """Predict the probability of each class, the mean over members.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as for `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Columns in the order of `classes_`.
        """
        return self._mean(X)

    @in_kind
    def predict_log_proba(self, X: ArrayLike) -> NDArray[Any]:
        """Predict the logarithm of the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as for `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            The logarithm of `predict_proba`.
        """
        return logarithms(self.predict_proba(X))

    @in_kind
    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy; with several targets or labels, that of all at once.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as for `fit`.
        y : array-like of shape (n_samples,), (n_samples, n_labels) or (n_samples, n_targets)
            True labels.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts.

        Returns
        -------
        float
            At most 1.
        """
        targets = self._several()
        if targets is None or targets.kind != TaskTargets.kind:
            return super().score(X, y, sample_weight)
        return self._score_of(self.predict_proba(X), np.asarray(y), sample_weight)

    @property
    def classes_(self) -> NDArray[Any]:
        """The class labels."""
        return self._of_first("classes_")

    def _default(self) -> Any:
        return MLPClassifier()

    def _check_params(self) -> None:
        super()._check_params()
        member = self._member()
        if not hasattr(member, "predict_proba"):
            raise ValueError(
                f"{type(self).__name__} averages probabilities, and {type(member).__name__} with "
                f"loss={member.loss!r} learns margins; use loss='log_loss' or 'focal'."
            )

    def _say(self, member: Any, X: Any) -> Any:
        return member.predict_proba(X)

    def _several(self) -> Any:
        """Return what encodes several labels or targets of a sample, None where it has one."""
        check_is_fitted(self)
        targets = getattr(self.estimators_[0], "_targets", None)
        return targets if getattr(targets, "kind", "") in _SEVERAL else None

    def _labels(self, probabilities: Any) -> Any:
        targets = self._several()
        if targets is not None:
            return targets.decode(as_columns(probabilities))
        return self.classes_[probabilities.argmax(axis=1)]

    def _errors(self, said: NDArray[Any], y: Any) -> NDArray[Any]:
        targets = self._several()
        if targets is not None:
            return said - targets.encode(y, np.float64)
        return said - (column_or_1d(y)[:, None] == self.classes_)

    def _score_of(self, said: Any, y: Any, weight: Any) -> float:
        labels, targets = self._labels(said), self._several()
        if targets is None:
            return float(np.average(labels == column_or_1d(y), weights=weight))
        if targets.kind == TaskTargets.kind:
            return float(np.average((labels == y).all(axis=1), weights=weight))
        return float(accuracy_score(y, labels, sample_weight=weight))
