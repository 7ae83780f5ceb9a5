"""How a training went: loss, score, learning rate and gradient, epoch by epoch."""

from __future__ import annotations

import math
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skdeep.inspection.displays.figure import BLUE, GREEN, GREY, ORANGE, Drawn, axes_grid, tidy
from skdeep.inspection.unwrap import unwrap_fitted
from skdeep.utils.params import check_value, one_of, sequence_of

__all__ = ["TrainingCurveDisplay"]

_PANELS = ("loss", "score", "learning_rate", "gradient_norm")
# What the sides of an adversarial game lose where each sample is real with probability one half.
_BALANCED = {"discriminator_loss": 2 * math.log(2), "generator_loss": math.log(2)}


class TrainingCurveDisplay(Drawn):
    """Loss, validation score, learning rate and length of the gradient by epoch.

    It is made by :meth:`from_estimator`, and needs nothing but what `fit` records anyway.

    Parameters
    ----------
    epoch : array-like of shape (n_epochs,)
        Numbers of the epochs.
    loss : array-like of shape (n_epochs,)
        Training loss.
    validation_loss, validation_score : array-like of shape (n_epochs,), default=None
        Where there was a validation.
    learning_rate, gradient_norm : array-like of shape (n_epochs,), default=None
        Where there are such.
    best_epoch : int, default=None
        The epoch whose network was kept.
    loss_parts : dict of str to array-like of shape (n_epochs,), default=None
        What the loss is the sum of, drawn in its place: the losses of discriminator and generator,
        each with a dotted line where neither can tell real samples from others.

    Attributes
    ----------
    ax_ : matplotlib Axes or array of Axes
        What was drawn into.
    axes_ : ndarray of Axes
        The panels.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    ActivationDisplay : What the layers did.
    skdeep.inspection.diagnose : The same in words.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skdeep import MLPClassifier
    >>> from skdeep.inspection import TrainingCurveDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = MLPClassifier(max_iter=300, early_stopping=True, random_state=0).fit(X, y)
    >>> display = TrainingCurveDisplay.from_estimator(clf)
    >>> len(display.axes_), len(display.loss) == clf.n_iter_
    (4, True)
    """

    def __init__(
        self,
        epoch: ArrayLike,
        loss: ArrayLike,
        *,
        validation_loss: ArrayLike | None = None,
        validation_score: ArrayLike | None = None,
        learning_rate: ArrayLike | None = None,
        gradient_norm: ArrayLike | None = None,
        best_epoch: int | None = None,
        loss_parts: dict[str, ArrayLike] | None = None,
    ) -> None:
        self.epoch, self.loss = epoch, loss
        self.validation_loss, self.validation_score = validation_loss, validation_score
        self.learning_rate, self.gradient_norm = learning_rate, gradient_norm
        self.best_epoch, self.loss_parts = best_epoch, loss_parts

    @classmethod
    def from_estimator(cls, estimator: Any, *, panels: Any = None, ax: Any = None) -> Self:
        """Draw the training of a fitted network.

        Parameters
        ----------
        estimator : estimator
            A fitted network, also at the end of a `Pipeline` or inside a search.
        panels : list of str, default=None
            Which to draw of 'loss', 'score', 'learning_rate', 'gradient_norm'; None draws those
            that there are.
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        TrainingCurveDisplay
            The display.
        """
        inner, _ = unwrap_fitted(estimator)
        history = getattr(inner, "history_", None)
        if not isinstance(history, dict) or "loss" not in history:
            raise TypeError(
                f"TrainingCurveDisplay needs a history of one training, such as MLPClassifier's; "
                f"got {type(inner).__name__}."
            )
        known = {name: np.asarray(values, float) for name, values in history.items()}
        best = None
        if getattr(inner, "early_stopping", False) and "validation_score" in known:
            scores = known["validation_score"]
            if np.isfinite(scores).any():
                best = int(known["epoch"][int(np.nanargmax(scores))])
        names = ("validation_loss", "validation_score", "learning_rate", "gradient_norm")
        more = {
            name: known[name] for name in names if name in known and np.isfinite(known[name]).any()
        }
        parts = {
            name: column
            for name, column in known.items()
            if name.endswith("_loss") and name != "validation_loss"
        }
        curves: dict[str, Any] = {**more, "best_epoch": best, "loss_parts": parts or None}
        return cls(known["epoch"], known["loss"], **curves).plot(ax, panels=panels)

    def plot(self, ax: Any = None, *, panels: Any = None) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.
        panels : list of str, default=None
            Which to draw; None draws those that there are.

        Returns
        -------
        TrainingCurveDisplay
            The display itself.
        """
        there = {
            "loss": self.loss,
            "score": self.validation_score,
            "learning_rate": self.learning_rate,
            "gradient_norm": self.gradient_norm,
        }
        if panels is None:
            panels = [name for name in _PANELS if there[name] is not None]
        owner = type(self).__name__
        check_value(owner, "panels", panels, [sequence_of(one_of(*_PANELS), min_length=1)])
        for name in panels:
            if there[name] is None:
                raise ValueError(f"There is no {name!r} to draw: the training had none.")
        axes = axes_grid(self, ax, len(panels), 2, (4.6, 3.0))
        for panel, name in zip(axes, panels, strict=True):
            getattr(self, f"_draw_{name}")(panel)
            if self.best_epoch is not None and name in ("loss", "score"):
                panel.axvline(self.best_epoch, color=GREY, lw=1, ls="--", zorder=0)
                if name == "score" or "score" not in panels:
                    panel.set_title(f"best epoch {self.best_epoch}", fontsize="medium", loc="right")
            panel.set_xlabel("epoch")
            tidy(panel)
        return self

    def _draw_loss(self, ax: Any) -> None:
        if self.loss_parts is not None:
            self._draw_parts(ax, self.loss_parts)
            return
        loss = np.asarray(self.loss, float)
        ax.plot(self.epoch, loss, color=BLUE, label="training")
        curves = [loss]
        if self.validation_loss is not None:
            ax.plot(self.epoch, self.validation_loss, color=ORANGE, label="validation")
            ax.legend(frameon=False)
            curves.append(np.asarray(self.validation_loss, float))
        known = np.concatenate(curves)
        known = known[np.isfinite(known)]
        if len(known) and known.min() > 0 and known.max() > 10 * known.min():
            ax.set_yscale("log")
        ax.set_title("loss", fontsize="medium", loc="left")

    def _draw_parts(self, ax: Any, parts: dict[str, ArrayLike]) -> None:
        colors = (BLUE, ORANGE, GREEN)
        for i, (name, curve) in enumerate(parts.items()):
            color = colors[i % len(colors)]
            ax.plot(self.epoch, curve, color=color, label=name.removesuffix("_loss"))
            if name in _BALANCED:
                ax.axhline(_BALANCED[name], color=color, lw=1, ls=":", zorder=0)
        ax.set_ylim(bottom=0)
        ax.legend(frameon=False)
        ax.set_title("loss", fontsize="medium", loc="left")

    def _draw_score(self, ax: Any) -> None:
        ax.plot(self.epoch, self.validation_score, color=ORANGE)
        ax.set_title("validation score", fontsize="medium", loc="left")

    def _draw_learning_rate(self, ax: Any) -> None:
        ax.plot(self.epoch, self.learning_rate, color=GREEN)
        rates = np.asarray(self.learning_rate, float)
        if np.nanmax(rates) == np.nanmin(rates):
            ax.set_ylim(0, 1.5 * np.nanmax(rates) or 1.0)
        else:
            ax.set_ylim(bottom=0)
        ax.set_title("learning rate", fontsize="medium", loc="left")

    def _draw_gradient_norm(self, ax: Any) -> None:
        ax.plot(self.epoch, self.gradient_norm, color=BLUE)
        norms = np.asarray(self.gradient_norm, float)
        if np.nanmin(norms) > 0:
            ax.set_yscale("log")
        ax.set_title("length of the gradient", fontsize="medium", loc="left")
