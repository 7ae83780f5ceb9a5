"""A network of padded sequences: batches of similar lengths, no more steps than those."""

from dataclasses import KW_ONLY
from functools import partial
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from skdeep.neural_network.base import BaseNetwork
from skdeep.neural_network.sequences.reader import Buckets, trim
from skdeep.neural_network.training.chunked import ChunkedSamples
from skdeep.neural_network.training.samples import Samples
from skdeep.neural_network.training_params import STOCHASTIC_SOLVERS
from skdeep.utils.parameters import parameters
from skdeep.utils.params import integer, one_of

__all__ = ["PaddedNetwork"]

# Sequences of similar lengths that are predicted together.
_TOGETHER = 256


@parameters
class PaddedNetwork(BaseNetwork):
    """A network whose samples are `Sequences`, or something else that has lengths."""

    _: KW_ONLY
    batch_size: Annotated[
        Any,
        integer(1) | one_of("auto"),
        "Sequences in a mini-batch; 'auto' is min(32, n_samples).",
    ] = "auto"

    _accepts_sparse = False
    _buckets: ClassVar[Any] = None  # while it trains

    # Whether there is a target for every step.
    _tells_steps = True

    def _batch_size(self, n_samples: int) -> int:
        return min(32, n_samples) if self.batch_size == "auto" else super()._batch_size(n_samples)

    def _inputs(self, X: Any) -> tuple[Any, NDArray[np.intp] | None]:
        return X.values, X.lengths

    def _train(self, samples: Samples | ChunkedSamples, rows: Any, *more: Any) -> None:
        buckets, lengths = None, samples.some.lengths
        if lengths is not None and self.shuffle and self.solver in STOCHASTIC_SOLVERS:
            batch_size = self._batch_size(len(samples) if rows is None else len(rows))
            buckets = Buckets(lengths, rows, batch_size, self._random_state)
        self.__dict__["_buckets"] = buckets
        super()._train(samples, rows, *more)
        del self.__dict__["_buckets"]
        if self._run is not None:
            self._run.order = None  # which holds the lengths of all sequences

    def _run_options(self) -> dict[str, Any]:
        options = super()._run_options()
        transform = partial(trim, per_step=self._tells_steps, then=options.get("transform"))
        return options | {"transform": transform, "order": self._buckets}

    def _predictions(self, X: Any) -> NDArray[Any]:
        """Predict sequences of similar lengths together, with no more steps than the longest."""
        check_is_fitted(self)
        X = self._check_X(X, reset=False)
        if getattr(X, "lengths", None) is None:
            return super()._predictions(X)
        n, n_steps = X.shape[:2]
        order, out = np.argsort(X.lengths, kind="stable"), None
        for start in range(0, n, _TOGETHER):
            rows = order[start : start + _TOGETHER]
            part = X[rows].trimmed()
            y = super()._predictions(part)
            if out is None:
                steps = (n_steps,) if y.ndim == 3 else ()
                out = np.zeros((n, *steps, y.shape[-1]), y.dtype)
            out[(rows, slice(part.shape[1])) if y.ndim == 3 else rows] = y
        assert out is not None
        return out
