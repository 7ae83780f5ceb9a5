"""Several network regressors, whose predictions are averaged."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted

from skdeep.neural_network.ensembles.base import NetworkEnsemble, members_go_on
from skdeep.neural_network.mlp_regressor import MLPRegressor
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.interface.methods import available_if
from skdeep.utils.parameters import parameters
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.scores.r2 import r2

__all__ = ["NetworkEnsembleRegressor"]


@parameters
class NetworkEnsembleRegressor(RegressorMixin, NetworkEnsemble):
    """Several network regressors, whose predictions are averaged.

    The mean of k members is better than they are, as far as they err at different samples. With
    errors e_i, predictions less targets::

        E[(1/k sum_i e_i)^2] = 1/k E[e^2] + (k - 1)/k E[e_i e_j]

    If errors are independent, the second term is zero, and k members have a k-th of the mean square
    error of one. What they share, from the same samples and the same architecture, no number of
    members takes away: `report` tells both terms.

    See Also
    --------
    NetworkEnsembleClassifier : The same for classes, with notes on strategies.
    TabularNetRegressor : For raw tables, an ensemble by itself.

    References
    ----------
    A. Krogh, J. Vedelsby, "Neural network ensembles, cross validation, and active learning",
    NIPS 1994.

    G. Huang et al., "Snapshot ensembles: train 1, get M for free", ICLR 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep import MLPRegressor, NetworkEnsembleRegressor
    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(-2, 2, size=(100, 1))
    >>> y = np.sin(2 * X[:, 0]) + 0.3 * rng.normal(size=100)
    >>> network = MLPRegressor(hidden_layer_sizes=(32,), learning_rate_init=0.02)
    >>> reg = NetworkEnsembleRegressor(network, strategy="bagging", random_state=0).fit(X, y)
    >>> mean, std = reg.predict([[0.0], [4.0]], return_std=True)
    >>> bool(std[1] > 2 * std[0])  # members agree where there were samples
    True
    >>> report = reg.report_  # on what each member has not seen
    >>> bool(report.mean_square < report.members_mean_square)
    True
    """

    @available_if(members_go_on)
    @in_kind
    @all_or_nothing
    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train each member for one epoch on the given samples.

        With 'bagging', each sees a sample as often as Poisson's distribution of mean one says.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as for `fit`.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Numbers.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts.

        Returns
        -------
        self
            The fitted ensemble itself.
        """
        return self._partial_fit(X, y, sample_weight)

    @in_kind
    def predict(self, X: ArrayLike, return_std: bool = False) -> Any:
        """Predict numbers, the mean over members.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as for `fit`.
        return_std : bool, default=False
            Whether to return the standard deviation over members, too: how far they disagree. It
            is not that of the noise in `y`, which all members leave out alike.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs), or two of them
            Mean, and standard deviation if asked for.
        """
        if not return_std:
            return self._mean(X)
        check_is_fitted(self)
        said = [self._say(member, X) for member in self.estimators_]
        return np.mean(said, axis=0), np.std(said, axis=0)

    @in_kind
    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the coefficient of determination, R2, or D2 as the estimator does for quantiles.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as for `fit`.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            True numbers.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts.

        Returns
        -------
        float
            1 at best, 0 for the mean of `y`; with several outputs, the mean of theirs.
        """
        return self._score_of(self.predict(X), y, sample_weight)

    def _default(self) -> Any:
        return MLPRegressor()

    def _say(self, member: Any, X: Any) -> Any:
        return member.predict(X)

    def _errors(self, said: NDArray[Any], y: Any) -> NDArray[Any]:
        k, n = said.shape[:2]
        columns = np.reshape(y, (n, -1))
        errors = said.reshape(k, n, columns.shape[1], -1) - columns[:, :, None]  # of each quantile
        return errors.reshape(k, n, -1)

    def _score_of(self, said: Any, y: Any, weight: Any) -> float:
        score = getattr(self._targets, "score", r2)
        return float(score(y, said, weight))

    @property
    def _targets(self) -> Any:
        """What turns numbers into targets of the members."""
        return getattr(self.estimators_[0], "_targets", None)

    @property
    def _metric(self) -> str:  # type: ignore[override]
        return "D2" if hasattr(self._targets, "quantiles") else "R2"
