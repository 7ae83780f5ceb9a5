"""What all network regressors share."""

from dataclasses import KW_ONLY
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin
from sklearn.exceptions import ConvergenceWarning

from skdeep.neural_network.base import BaseNetwork, is_stochastic
from skdeep.neural_network.number_losses import (
    HuberDelta,
    LossName,
    Power,
    QuantileShare,
    QuantileShares,
    check_deviations,
    check_domain,
    check_quantiles,
    check_same_outputs,
    make_loss,
    make_targets,
)
from skdeep.neural_network.targets import NumberTargets
from skdeep.neural_network.training.chunked import ChunkedSamples
from skdeep.neural_network.training.initial_weights import begin_at
from skdeep.neural_network.training.samples import Samples
from skdeep.neural_network.training.tasks import Tasks
from skdeep.nn import Loss
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.interface.methods import available_if
from skdeep.utils.parameters import parameters
from skdeep.utils.params import boolean
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.user_warnings import warn_user

__all__ = ["NetworkRegressor"]


@parameters
class NetworkRegressor(RegressorMixin, BaseNetwork):
    """A network whose outputs are numbers.

    A subclass has an architecture, and how `X` becomes what its network reads.

    Attributes
    ----------
    target_mean_, target_scale_ : ndarray of shape (n_outputs,) or None
        What `standardize_target` subtracts and divides by.
    out_activation_ : {'identity', 'exp', 'gaussian', 'quantiles'}
        What makes predictions of the outputs: nothing, the exponential, means and softplus of
        variances, or a lowest quantile and the sums of softplus above it.
    """

    loss: LossName = "squared_error"
    _: KW_ONLY
    standardize_target: Annotated[
        bool,
        boolean(),
        """Whether the network learns (y - mean) / standard deviation, with the moments of the first
        training data; with 'poisson', 'gamma' and 'tweedie' y / mean. Predictions are in the units
        of `y` either way; losses are then in those that the network sees.
        """,
    ] = False
    huber_delta: HuberDelta = 1.0
    quantile: QuantileShare = 0.5
    scoring: Annotated[
        Any,
        """What early stopping goes by: what `score` tells (None), 'loss' for the validation loss,
        or any scorer. With 'gaussian' take 'loss', which minds the deviations as well.
        """,
    ] = None
    quantiles: QuantileShares = None
    power: Power = 1.5

    _y_is_numeric = True

    @available_if(is_stochastic)
    @in_kind
    @all_or_nothing
    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train for one epoch on the given samples.

        Callbacks are for `fit`; none is called here. Optimizer, rate and schedule are those of the
        first call, or of `fit`, whatever their parameters have become, as scikit-learn has it.

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
            The fitted estimator itself.

        Raises
        ------
        ValueError
            As for `fit`.
        """
        return self._fit(X, y, sample_weight, incremental=True)

    @in_kind
    def predict(self, X: ArrayLike, return_std: bool = False) -> Any:
        """Predict numbers.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as for `fit`.
        return_std : bool, default=False
            Whether to return standard deviations as well, with ``loss='gaussian'``.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            In the units of the training targets. With `quantiles` an axis of them is behind those.
            Where each step of a sequence has a target, an axis of steps is behind the first, or it
            is a list of arrays if lengths differ.
        y_std : ndarray of the same shape
            Only with `return_std`.

        Raises
        ------
        ValueError
            If a prediction is too large for a number, or there are no standard deviations.
        """
        if self.__sklearn_is_fitted__():
            check_deviations(self, self._loss, return_std)
        if not return_std:
            return self._answers(X, self._decode)[0]
        return tuple(self._answers(X, self._decode, lambda found: self._targets.deviations(found)))

    def _decode(self, predictions: NDArray[Any]) -> NDArray[Any]:
        decoded = self._targets.decode(predictions)
        if not np.isfinite(decoded).all():
            raise ValueError(
                f"{type(self).__name__} predicts numbers that {decoded.dtype} cannot hold. Fit "
                "with the target in a smaller unit."
            )
        return decoded

    @in_kind
    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the coefficient of determination, R2, of the predictions.

        With several `quantiles` it is D2 of their pinball losses instead: the share of the loss of
        the quantiles of `y` that is saved, the mean over quantiles
        (:func:`sklearn.metrics.d2_pinball_score`).

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as for `fit`.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            True numbers, in any unit.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts.

        Returns
        -------
        float
            1 at best, 0 for the mean (the quantiles) of `y`; with several outputs, the mean of
            theirs.
        """
        predictions = self.predict(X)
        return self._targets.score(y, predictions, sample_weight)

    @property
    def target_mean_(self) -> NDArray[np.float64] | None:
        """What `standardize_target` subtracts."""
        self._require_fit()
        return self._targets.mean

    @property
    def target_scale_(self) -> NDArray[np.float64] | None:
        """What `standardize_target` divides by."""
        self._require_fit()
        return self._targets.scale

    def _check_params(self) -> None:
        super()._check_params()
        check_quantiles(self)

    def _check_unchanged(self) -> None:
        super()._check_unchanged()
        if self.standardize_target != (self._targets.mean is not None):
            raise ValueError(
                f"{type(self).__name__} goes on with a network that learned with "
                f"standardize_target={not self.standardize_target}. Got "
                f"standardize_target={self.standardize_target}; set it back, or fit anew with "
                "warm_start=False."
            )
        check_same_outputs(self, self._targets)

    # Whether loss='poisson' begins with outputs as they are drawn.
    _poisson_as_drawn = False

    def _begin(
        self, samples: Samples | ChunkedSamples, rows: NDArray[np.intp] | None, first: bool
    ) -> None:
        """Let outputs that are logarithms of means begin about that of all targets."""
        super()._begin(samples, rows, first)
        if not first or self._loss.link != "exp" or getattr(self, "init_from", None) is not None:
            return
        as_drawn = self._poisson_as_drawn and self.loss == "poisson"
        if not as_drawn and self._targets.mean is None:  # else it is 1
            with np.errstate(divide="ignore", invalid="ignore"):
                begin_at(self.network_, np.log(samples.target_mean()))

    def _end_training(self, samples: Samples | ChunkedSamples, tasks: Tasks) -> None:
        super()._end_training(samples, tasks)
        if self.loss == "squared_error" and not self.standardize_target:
            self._name_the_unit(samples)

    def _name_the_unit(self, samples: Samples | ChunkedSamples) -> None:
        """Warn if no epoch came much below the loss of the mean of `y`, and its unit may be why."""
        with np.errstate(over="ignore", invalid="ignore"):
            mean, spread = samples.target_moments()
            if not 0 < 0.9 * (spread**2).sum() / 2 < min(self.loss_curve_, default=0.0):
                return
            far = (np.abs(mean) > 10 * spread) | (spread > 10) | (spread < 0.1)
            if not far.any():
                return
        output = int(np.flatnonzero(far)[0])
        warn_user(
            f"{type(self).__name__} has hardly learned more of y than its mean: y, "
            f"{mean[output]:.3g} +- {spread[output]:.3g}, is in a unit far from the outputs of a "
            "network that begins to learn. Set standardize_target=True.",
            ConvergenceWarning,
        )

    def _make_loss(self) -> Loss:
        return make_loss(self)

    def _learn_targets(self, y: Any, weight: NDArray[Any] | None, classes: Any) -> NumberTargets:
        return make_targets(self, y, weight, standardize=self.standardize_target)

    def _check_targets(self, y: Any, what: str) -> None:
        check_domain(self, y, what)

    def _class_weights(self, y: Any, weight: Any, incremental: bool) -> Any:
        return weight

    def _own_score(self, predictions: NDArray[Any], y: Any, weight: Any) -> float:
        predictions = self._targets.decode(predictions)
        if not np.isfinite(predictions).all():
            return float("nan")
        return float(self._targets.score(y, predictions, weight))
