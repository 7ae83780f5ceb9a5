"""What an estimator on a network must tell: architecture, loss, targets, how it reads samples."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skdeep.neural_network.training.estimator import NetworkTraining
from skdeep.neural_network.training.rules import check_training
from skdeep.nn import Layer, Loss
from skdeep.utils.clean import validated

__all__ = ["NetworkContract"]

_FLOATS = (np.float64, np.float32)


class NetworkContract(NetworkTraining, ABC):
    """What all that is done with a network asks of the estimator that has it."""

    _targets: Any
    #: Whether `_prepare` and `_begin_epochs` are all that comes before its epochs, so that several
    #: such networks may go through theirs side by side.
    _side_by_side: ClassVar[bool] = False

    def _check_params(self) -> None:
        """Raise ValueError for a parameter that is wrong by itself or beside another."""
        check_training(self)
        self._check_architecture()

    def _check_architecture(self) -> None:
        """Raise ValueError for parameters of the architecture that do not go together."""

    @abstractmethod
    def _architecture(self, n_outputs: int) -> Layer:
        """Return the layers."""

    @abstractmethod
    def _make_loss(self) -> Loss:
        """Return the loss."""

    @abstractmethod
    def _learn_targets(self, y: Any, weight: NDArray[Any] | None, classes: Any) -> Any:
        """Return what encodes `y`: `ClassTargets` or `NumberTargets`."""

    @abstractmethod
    def _check_targets(self, y: Any, what: str) -> None:
        """Raise ValueError if `y`, called `what`, does not go with the targets learned before."""

    @abstractmethod
    def _class_weights(self, y: Any, weight: Any, incremental: bool) -> Any:
        """Return the sample weights, with the class weights in them."""

    @abstractmethod
    def _own_score(self, predictions: NDArray[Any], y: Any, weight: Any) -> float:
        """Return accuracy or R2 of what the network predicts."""

    # Where X is no table of numbers, a subclass has its own:

    _accepts_sparse = True
    _takes_chunks = False

    def _check_X(self, X: Any, *, reset: bool) -> Any:
        """Return `X` checked, as something with a row for each sample that can be checked again.

        With `reset`, what later ones must have is learned from it; else that is checked. Private
        attributes may be set here: a fit that fails takes them back.
        """
        return validated(
            self,
            X,
            accept_sparse="csr" if self._accepts_sparse else False,
            dtype=_FLOATS,
            order="C",
            reset=reset,
        )

    def _inputs(self, X: Any) -> tuple[Any, NDArray[np.intp] | None]:
        """Return what the network reads of an `X` from `_check_X`, and the lengths of sequences.

        It is an array or CSR matrix with a row for each sample, or a tuple of them. The lengths
        are None where all steps are valid, or where there are none.
        """
        return X, None

    def _learn_inputs(self, x: Any, y: Any, weight: Any, incremental: bool) -> None:
        """Learn what the network must know of `x` before it is built; `y` is None where unknown."""

    def _as_scored(self, y: Any, weight: Any) -> tuple[Any, Any, Any]:
        """Return the estimator, targets and weights as a scorer of samples takes them."""
        return self, y, weight

    def _check_chunk(self, lengths: NDArray[np.intp] | None) -> None:
        """Raise ValueError for a chunk that can be trained on in memory alone."""

    def _float_type(self, x: Any) -> Any:
        """Return the type of the network's numbers, where `dtype` asks for none."""
        return _float_type(x)


def _float_type(x: Any) -> Any:
    """Return the type of the first input that has floats, float64 where none has."""
    parts = x if isinstance(x, tuple) else (x,)
    return next((part.dtype for part in parts if part.dtype.kind == "f"), np.float64)
