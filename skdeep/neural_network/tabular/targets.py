"""What classifier and regressor say of their targets."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.neural_network.tabular.rows.samples import Samples
from skdeep.nn import Loss

__all__ = ["TableTargets"]


class TableTargets:
    """What the base of the networks for tables asks of classifier and regressor."""

    _classifies = False
    _loss: Loss  # of the fit
    _prior: Any = 0.0  # of classes, their shares over n + 1; 0 in files of version 0.1.0

    @property
    @abstractmethod
    def _n_outputs(self) -> int:
        """How many outputs a network has."""

    @abstractmethod
    def _check_y(self, y: Any, name: str) -> NDArray[Any]:
        """Return `y`, which is called `name`, of shape (n_samples,), or raise."""

    def _check_same_targets(self) -> None:
        """Raise ValueError if networks that go on have learned another kind of target."""

    def _learn_shares(self, samples: Samples) -> None:
        """Learn what is predicted where nothing is known, from the rows that are trained on."""

    def _learn_targets(self, y: NDArray[Any], classes: Any) -> None:
        """Learn the classes of targets that `_check_y` has passed."""

    def _scale_targets(self, y: NDArray[Any], weight: Any) -> None:
        """Learn the scale of the targets, one of each row that counts."""

    def _widen_targets(self, y: NDArray[Any], weight: Any) -> None:
        """Learn how far further targets reach, one of each row that counts."""

    def _weigh(self, y: NDArray[Any], weight: Any) -> Any:
        """Return the weights of the rows, with those of their classes."""
        return weight

    @abstractmethod
    def _as_numbers(self, y: NDArray[Any]) -> NDArray[Any]:
        """Return targets as numbers, to tell equal rows by."""

    @abstractmethod
    def _encode(self, y: NDArray[Any]) -> NDArray[Any]:
        """Return targets as the loss takes them: (n_samples,), or (n_samples, 1) for numbers."""

    @abstractmethod
    def _make_loss(self) -> Loss:
        """Return the loss."""

    def _activate(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """Return what is averaged of raw outputs of shape (..., n_outputs): what they predict."""
        loss = self._loss.replica()
        loss.settle(np, outputs.dtype)
        return loss.predict(outputs)

    def _of_average(self, averaged: NDArray[Any]) -> NDArray[Any]:
        """Return the predictions of an average over members, of shape (n_samples, n_outputs)."""
        return averaged

    @abstractmethod
    def _mixing_loss(self, averaged: NDArray[Any], target: NDArray[Any], weight: Any) -> float:
        """Return the mean loss of an average of shape (n_samples, n_outputs)."""
