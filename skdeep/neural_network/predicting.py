"""What the network of an estimator says of samples: in blocks, by the threads they are worth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.neural_network.contract import NetworkContract
from skdeep.nn import Network
from skdeep.nn.shapes.inputs import n_rows
from skdeep.nn.training.threads import product_threads
from skdeep.utils.clean import require_fit
from skdeep.utils.threads import available_threads, limit_blas_threads

__all__ = ["PredictingNetwork"]

# From so many multiplications on, blocks of rows are predicted side by side.
_SHARED_PREDICTION = 2**27


class PredictingNetwork(NetworkContract):
    """An estimator that predicts by its network."""

    def _predictions(self, X: Any) -> NDArray[Any]:
        """Return what the output activation makes of the network's outputs for `X`."""
        require_fit(self)
        with np.errstate(over="ignore", invalid="ignore"):  # finite numbers, whose sum is not
            X = self._check_X(X, reset=False)
        return self._predictions_of(*self._inputs(X))

    def _answers(self, X: Any, *decode: Callable[[NDArray[Any]], Any]) -> list[Any]:
        """Return what each function makes of the predictions for `X`."""
        predictions = self._predictions(X)
        return [function(predictions) for function in decode]

    def _predictions_of(self, x: Any, lengths: NDArray[np.intp] | None) -> NDArray[Any]:
        """Return the same for what the network reads."""
        with self._computing(self.network_, x) as threads:
            outputs = self._finite(self.network_.outputs(x, lengths, n_threads=threads))
            loss = self._loss.replica()
            if loss.dtype != self.network_.dtype:
                loss.settle(np, self.network_.dtype)
            return loss.predict(outputs)

    @contextmanager
    def _computing(self, network: Network, x: Any) -> Iterator[int]:
        """Hold BLAS to the threads that inputs are worth; yield how many blocks may run at once.

        There are no warnings of overflow inside.
        """
        n_at_once = min(n_rows(x), network.block_size)
        with (
            limit_blas_threads(product_threads(network, n_at_once)),
            np.errstate(over="ignore", invalid="ignore"),
        ):
            work = n_rows(x) * network.cost
            yield available_threads() if work >= _SHARED_PREDICTION else 1

    def _finite(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """Return outputs for samples; raise ValueError if some are not finite."""
        finite = np.isfinite(outputs)
        if not finite.all():
            finite = finite.reshape(len(outputs), -1).all(axis=1)
            raise ValueError(
                f"The network of this {type(self).__name__} has no finite output for "
                f"{np.sum(~finite)} of {len(finite)} samples: their features are too far from "
                "those of fit. Scale them alike."
            )
        return outputs
