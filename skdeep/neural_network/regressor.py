"""What all network regressors share."""

from dataclasses import KW_ONLY
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.metaestimators import available_if

from skdeep.neural_network.base import BaseNetwork, is_stochastic
from skdeep.neural_network.targets import NumberTargets
from skdeep.neural_network.training.samples import Samples
from skdeep.nn import AbsoluteError, Huber, Loss, Poisson, Quantile, SquaredError
from skdeep.utils.parameters import parameters
from skdeep.utils.params import boolean, one_of, real
from skdeep.utils.r2 import r2
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
    out_activation_ : {'identity', 'exp'}
        What makes predictions of the outputs.
    """

    loss: Annotated[
        str,
        one_of("squared_error", "poisson", "absolute_error", "huber", "quantile"),
        """'squared_error' (halved), 'poisson' (half the deviance, of the exponential of the
        output), 'absolute_error', 'huber' or 'quantile'.
        """,
    ] = "squared_error"
    _: KW_ONLY
    standardize_target: Annotated[
        bool,
        boolean(),
        """Whether the network learns (y - mean) / standard deviation, with the moments of the first
        training data. Predictions are in the units of `y` either way; losses are then in units of
        the standard deviation.
        """,
    ] = False
    huber_delta: Annotated[
        float,
        real(0, closed="neither"),
        "Residuals beyond this count linearly in loss='huber'.",
    ] = 1.0
    quantile: Annotated[
        float, real(0, 1, closed="neither"), "The quantile that loss='quantile' predicts."
    ] = 0.5
    scoring: Annotated[
        Any,
        "What early stopping goes by: R2 (None), 'loss' for the validation loss, or any scorer.",
    ] = None

    _y_is_numeric = True

    @available_if(is_stochastic)
    @all_or_nothing
    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train for one epoch on the given samples.

        Callbacks are for `fit`; none is called here.

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

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict numbers.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as for `fit`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            In the units of the training targets.

        Raises
        ------
        ValueError
            If a prediction is too large for a number.
        """
        outputs = self._predictions(X)
        predictions = self._targets.decode(outputs)
        if not np.isfinite(predictions).all():
            raise ValueError(
                f"{type(self).__name__} predicts numbers that {predictions.dtype} cannot hold. Fit "
                "with the target in a smaller unit."
            )
        return predictions

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the coefficient of determination, R2, of the predictions.

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
            1 at best, 0 for the mean of `y`; with several outputs, the mean of theirs.
        """
        return r2(y, self.predict(X), sample_weight)

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
        if self.loss == "poisson" and self.standardize_target:
            raise ValueError(
                f"{type(self).__name__} takes loss='poisson' or standardize_target=True, not both: "
                "a count that is standardized is not a count any more."
            )

    def _check_unchanged(self) -> None:
        super()._check_unchanged()
        if self.standardize_target != (self._targets.mean is not None):
            raise ValueError(
                f"{type(self).__name__} goes on with a network that learned with "
                f"standardize_target={not self.standardize_target}. Got "
                f"standardize_target={self.standardize_target}; set it back, or fit anew with "
                "warm_start=False."
            )

    def _train(self, samples: Samples, *more: Any) -> None:
        super()._train(samples, *more)
        if self.loss == "squared_error" and not self.standardize_target:
            self._name_the_unit(samples)

    def _name_the_unit(self, samples: Samples) -> None:
        """Warn if no epoch came much below the loss of the mean of `y`, and its unit may be why."""
        with np.errstate(over="ignore", invalid="ignore"):
            mean = np.average(samples.target, axis=0, weights=samples.weight)
            square = np.average((samples.target - mean) ** 2, axis=0, weights=samples.weight)
            spread = np.sqrt(square)
            far = (np.abs(mean) > 10 * spread) | (spread > 10) | (spread < 0.1)
            mean_loss = square.sum() / 2
            if not (far.any() and 0 < 0.9 * mean_loss < min(self.loss_curve_)):
                return
        output = int(np.flatnonzero(far)[0])
        warn_user(
            f"{type(self).__name__} has hardly learned more of y than its mean: y, "
            f"{mean[output]:.3g} +- {spread[output]:.3g}, is in a unit far from the outputs of a "
            "network that begins to learn. Set standardize_target=True.",
            ConvergenceWarning,
        )

    def _make_loss(self) -> Loss:
        match self.loss:
            case "poisson":
                return Poisson()
            case "absolute_error":
                return AbsoluteError()
            case "huber":
                return Huber(self.huber_delta)
            case "quantile":
                return Quantile(self.quantile)
            case _:
                return SquaredError()

    def _learn_targets(self, y: Any, weight: NDArray[Any] | None, classes: Any) -> NumberTargets:
        return NumberTargets(y, weight, standardize=self.standardize_target)

    def _check_targets(self, y: Any, what: str) -> None:
        if self.loss == "poisson" and (y < 0).any():
            raise ValueError(
                f"loss='poisson' is for counts: {what} must not be negative, got {y.min():g}."
            )

    def _class_weights(self, y: Any, weight: Any, incremental: bool) -> Any:
        return weight

    def _own_score(self, predictions: NDArray[Any], y: Any, weight: Any) -> float:
        predictions = self._targets.decode(predictions)
        return r2(y, predictions, weight) if np.isfinite(predictions).all() else float("nan")
