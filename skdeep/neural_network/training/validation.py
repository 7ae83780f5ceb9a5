"""The samples that a fit is validated on: a part that it holds out, or the user's own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.data import Chunks
from skdeep.neural_network.contract import NetworkContract
from skdeep.neural_network.training.chunked import joined_samples
from skdeep.neural_network.training.samples import Samples, hold_out, warn_of_another_scale
from skdeep.neural_network.training_params import STOCHASTIC_SOLVERS
from skdeep.utils.weights import check_sample_weight

__all__ = ["ValidatedNetwork"]


class ValidatedNetwork(NetworkContract):
    """An estimator that looks, after every epoch, at samples that training does not see."""

    def _hold_out(
        self, samples: Samples, X_val: Any, y_val: Any, weight_val: Any
    ) -> tuple[NDArray[np.intp] | None, Samples | None]:
        """Return the rows to train on, None for all, and the samples to validate on."""
        if X_val is not None or y_val is not None:
            held_out = self._check_validation(X_val, y_val, weight_val)
            warn_of_another_scale(samples.X, held_out.X)
            return None, held_out
        if weight_val is not None:
            raise ValueError("sample_weight_val is provided, but X_val and y_val were not.")
        if not self.early_stopping or self.solver not in STOCHASTIC_SOLVERS:
            return None, None
        # Two classes are stratified, as in scikit-learn; those of steps are not of samples.
        two = getattr(self._targets, "kind", "") == "binary" and samples.target.ndim < 3
        return hold_out(
            samples,
            self.validation_fraction,
            stratify=samples.target.astype(bool) if two else None,
            random_state=self._random_state,
        )

    def _check_validation(self, X_val: Any, y_val: Any, weight_val: Any) -> Samples:
        """Return the user's validation samples, checked against the training data."""
        if isinstance(X_val, Chunks):
            y_val = None if y_val is X_val else y_val
            for name, value in (("y_val", y_val), ("sample_weight_val", weight_val)):
                if value is not None:
                    raise ValueError(f"Chunks as X_val bring their own {name}; leave it at None.")
            return joined_samples(self, X_val)
        for given, missing, name in ((X_val, y_val, "y_val"), (y_val, X_val, "X_val")):
            if given is not None and missing is None:
                other = "X_val" if name == "y_val" else "y_val"
                raise ValueError(f"{other} is provided, but {name} was not provided.")
        return self._validation_samples(X_val, y_val, weight_val)

    def _validation_samples(self, X_val: Any, y_val: Any, weight_val: Any) -> Samples:
        X_val, y_val = self._check_data(X_val, y_val, reset=False)
        self._check_targets(y_val, "y_val")
        dtype = self.network_.dtype
        target = self._targets.encode(y_val, dtype)
        weight = check_sample_weight(weight_val, y_val, dtype=dtype, name="sample_weight_val")
        return Samples(X_val, y_val, *self._inputs(X_val), target, weight)
