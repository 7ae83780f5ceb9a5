"""The base of all network estimators: everything but the architecture and the loss."""

from __future__ import annotations

import copy
import warnings
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.callback import CallbackSupportMixin
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.validation import check_consistent_length, check_is_fitted, validate_data

from skdeep.neural_network.rules import check_training
from skdeep.neural_network.solvers import (
    fit_lbfgs,
    fit_stochastic,
    make_optimizer,
    make_schedule,
)
from skdeep.neural_network.tasks import Tasks
from skdeep.neural_network.training_params import STOCHASTIC_SOLVERS, TrainingParams
from skdeep.neural_network.validation import Validation
from skdeep.nn import L2, Batch, Batches, Layer, Loss, Network, Record, Run
from skdeep.nn.run import product_threads
from skdeep.nn.shapes.inputs import convert
from skdeep.utils.clean import is_clean
from skdeep.utils.threads import limit_blas_threads
from skdeep.utils.weights import check_sample_weight

__all__ = ["BaseNetwork", "is_stochastic"]

_FLOATS = (np.float64, np.float32)


def is_stochastic(estimator: Any) -> bool:
    """Tell whether `partial_fit` makes sense, for `available_if`."""
    if estimator.solver in STOCHASTIC_SOLVERS:
        return True
    raise AttributeError(
        "partial_fit is only available for stochastic optimizers. "
        f"{estimator.solver} is not stochastic."
    )


class BaseNetwork(TrainingParams, CallbackSupportMixin, BaseEstimator, ABC):
    """A network trained on rows of a table.

    A subclass tells the architecture and the loss for the data it is given, and how targets and
    predictions look; validation, the split for early stopping, training, callbacks and persistence
    are here.

    Attributes
    ----------
    network_ : skdeep.nn.Network
        The network.
    n_outputs_ : int
        Number of its outputs.
    loss_ : float
        Loss of the last epoch.
    loss_curve_ : list of float
        Loss of each epoch.
    best_loss_ : float or None
        The lowest of them; None where early stopping went by a validation part.
    validation_scores_, validation_loss_curve_ : list of float or None
        Score and loss of each epoch on the validation part, if there was one.
    best_validation_score_ : float or None
        The highest of the scores.
    history_ : dict of lists
        Columns 'epoch', 'loss', 'learning_rate', 'gradient_norm' (of the last batch's loss; for
        'lbfgs' of loss and penalty), 'seconds', and 'validation_loss' and 'validation_score' where
        there was a validation part.
    n_iter_ : int
        Epochs of the last `fit`.
    t_ : int
        Training samples seen.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if `X` has them all as strings.
    """

    network_: Network
    _targets: Any
    _loss: Loss
    _record: Record
    _run: Run | None
    _rng: np.random.Generator | None

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

    # Fitting

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        *,
        validation: tuple[Any, Any, Any] = (None, None, None),
        incremental: bool = False,
        classes: Any = None,
    ) -> Any:
        self._check_params()
        if incremental and self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")
        metadata = {} if sample_weight is None else {"sample_weight": sample_weight}
        given = (X, y, metadata)
        first = not (self.__sklearn_is_fitted__() and (self.warm_start or incremental))
        X, y = self._check_data(X, y, reset=first)
        if first:
            self._start(X, y, sample_weight, classes)
        else:
            self._check_targets(y, "y")
            self._go_on()
        dtype = self.network_.dtype
        weight = check_sample_weight(sample_weight, X, dtype=dtype)
        if not first:
            self._targets = self._targets.going_on(y, weight)
        weight = self._class_weights(y, weight, incremental)
        target = self._targets.encode(y, dtype)
        rows, held_out = self._hold_out(X, y, target, weight, validation)
        # Predictions are those of the loss of the fit, whatever the parameter becomes later; the
        # other one, whose buffers training fills, is not kept.
        self._loss = self._make_loss()
        validate = None if held_out is None else self._validator(held_out)
        tasks = Tasks(self, *given, as_it_is=self._as_it_is, quiet=incremental)
        told = {"verbose": self.verbose, "tasks": tasks, "after_epoch": self._show_record}
        if self.solver == "lbfgs":
            if self.network_.draws:
                raise ValueError(
                    f"{type(self).__name__} cannot use dropout with solver='lbfgs', whose line "
                    "search needs the same loss at every look; use solver='adam' or 'sgd', or "
                    "alpha to regularize."
                )
            batch = Batch(convert(X, np, dtype), target, weight)
            self._run = None
            fit_lbfgs(
                self.network_,
                self._record,
                batch,
                validate,
                loss=self._loss.replica(),
                alpha=self.alpha,
                max_iter=self.max_iter,
                max_fun=self.max_fun,
                tol=self.tol,
                **told,
            )
        else:
            batch_size = self._batch_size(X.shape[0] if rows is None else len(rows))
            self._run = self._go_on_running() if incremental and self._run else self._new_run()
            self._run.keeps_best = self.early_stopping and held_out is not None
            fit_stochastic(
                self._run,
                Batches(X, target, weight, batch_size, dtype),
                rows,
                validate,
                n_epochs=self.max_iter,
                incremental=incremental,
                advice=self._advice(),
                **told,
            )
        self.network_.forget_batch()
        tasks.end()
        return self

    def _new_run(self) -> Run:
        """Return the training run that the parameters describe."""
        return Run(
            self.network_,
            self._loss.replica(),
            make_optimizer(self),
            make_schedule(self),
            rng=self._rng,
            record=self._record,
            **self._run_options(),
        )

    def _go_on_running(self) -> Run:
        """Return a copy of the last run, for the parameters as they are now."""
        assert self._run is not None
        run = self._run.copy(self.network_, self._loss.replica())
        run.rng, run.record = self._rng, self._record
        vars(run).update(self._run_options())
        return run

    def _run_options(self) -> dict[str, Any]:
        return {
            "penalty": L2(self.alpha),
            "shuffle": self.shuffle,
            "random_state": self._random_state,
            "tol": self.tol,
            "patience": self.n_iter_no_change,
        }

    def _validator(self, held_out: Validation) -> Any:
        """Return what tells loss and score of a network on samples that training does not see."""
        loss = self._loss.replica()
        loss.settle(np, self.network_.dtype)
        return lambda network: held_out.evaluate(self, network, loss)

    def _advice(self) -> str:
        rate = self.learning_rate_init
        return f"Lower learning_rate_init (now {rate:g}), set clip_norm, or scale the features"

    def _show_record(self) -> None:
        """Set the fitted attributes that tell what the epochs came to."""
        for name, value in self._record.as_dict().items():
            if name != "n_without_progress":
                setattr(self, name + "_", value)

    @property
    def _no_improvement_count(self) -> int:
        """What scikit-learn's own tests look at."""
        return self._record.n_without_progress

    def _as_it_is(self) -> dict[str, Any]:
        """Return what makes an estimator of this moment, which training does not change."""
        record = self._record.copy()
        shown = {name + "_": value for name, value in record.as_dict().items()}
        del shown["n_without_progress_"]
        network = self.network_.copy()
        if self._run is not None:
            self._run.settle(network)
        return {"network_": network, "_record": record, "_run": None, **shown}

    def _check_data(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, Any]:
        """Return X as rows of floats and y as the subclass's targets want it."""
        with np.errstate(over="ignore", invalid="ignore"):  # finite numbers, whose sum is not
            X, y = validate_data(
                self,
                X,
                y,
                skip_check_array=is_clean(X, y),
                accept_sparse="csr",
                dtype=_FLOATS,
                order="C",
                multi_output=True,
                y_numeric=self._y_is_numeric,
                reset=reset,
            )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return X, y

    _y_is_numeric = False

    def _start(self, X: Any, y: Any, sample_weight: Any, classes: Any) -> None:
        """Build a new network for the data, and start a new record."""
        self._random_state = check_random_state(self.random_state)
        weight = check_sample_weight(sample_weight, X)
        self._targets = self._learn_targets(y, weight, classes)
        if classes is not None or self._y_is_numeric:  # else they were learned from y just now
            self._check_targets(y, "y")
        self.network_ = Network(
            self._architecture(self._targets.n_outputs),
            input_shape=(X.shape[1],),
            dtype=np.dtype(X.dtype if self.dtype is None else self.dtype).type,
            random_state=self._random_state,
        )
        self._run, self._rng = None, None
        if self.network_.draws:
            seed = self._random_state.randint(2**31)
            self._rng = np.random.Generator(np.random.SFC64(seed))
        self._record = Record()
        self._record.begin_fit(by_validation=self.early_stopping)
        self._show_record()

    def _go_on(self) -> None:
        """Go on with copies, so that a fit that fails takes nothing with it."""
        self._check_unchanged()
        self._random_state = check_random_state(self.random_state)
        self.network_ = self.network_.copy()
        self._rng = copy.deepcopy(self._rng)
        self._record = self._record.copy()
        self._show_record()

    def _check_unchanged(self) -> None:
        """Raise ValueError if the parameters describe another network than there is."""
        owner, network = type(self).__name__, self.network_
        wanted = self._architecture(self._targets.n_outputs)
        if repr(wanted) != repr(network.root):
            raise ValueError(
                f"{owner} goes on with the network it has, {network.root}, but its parameters "
                f"describe {wanted}. Set them back, or build a new one by fit with "
                "warm_start=False."
            )
        if self.dtype is not None and np.dtype(self.dtype) != network.dtype:
            raise ValueError(
                f"{owner} goes on with a network of {np.dtype(network.dtype)}. Got "
                f"dtype={self.dtype!r}; set it back, or fit anew with warm_start=False."
            )

    def _batch_size(self, n_samples: int) -> int:
        if self.batch_size == "auto":
            return min(200, n_samples)
        if self.batch_size > n_samples:
            warnings.warn(
                f"batch_size={self.batch_size} is larger than the number of training samples; "
                f"it is going to be clipped to {n_samples}.",
                stacklevel=6,
            )
        return min(self.batch_size, n_samples)

    def _hold_out(
        self, X: Any, y: Any, target: Any, weight: Any, validation: tuple[Any, Any, Any]
    ) -> tuple[NDArray[np.intp] | None, Validation | None]:
        """Return the rows to train on, None for all, and the samples to validate on."""
        X_val, y_val, weight_val = validation
        if X_val is not None or y_val is not None:
            return None, self._check_validation(X_val, y_val, weight_val)
        if weight_val is not None:
            raise ValueError("sample_weight_val is provided, but X_val and y_val were not.")
        if not self.early_stopping or self.solver not in STOCHASTIC_SOLVERS:
            return None, None
        if self.validation_fraction == 0:
            raise ValueError(
                "early_stopping=True needs a validation part: raise 'validation_fraction' above 0, "
                "or pass X_val and y_val."
            )
        # Two classes are stratified, as in scikit-learn.
        stratify = None
        if getattr(self._targets, "kind", "") == "binary":
            stratify = target.astype(bool)
        train, held_out = train_test_split(
            np.arange(X.shape[0]),
            random_state=self._random_state,
            test_size=self.validation_fraction,
            stratify=stratify,
        )
        if len(held_out) < 2:
            raise ValueError(
                "The validation set is too small. Increase 'validation_fraction' or the size of "
                "your dataset."
            )
        held_out_weight = None if weight is None else weight[held_out]
        if weight is not None:
            for what, part in (("training", train), ("validation", held_out)):
                if not weight[part].any():
                    raise ValueError(
                        f"All samples of the {what} part have zero sample_weight; change "
                        "'validation_fraction' or pass X_val and y_val."
                    )
        return train, Validation(X[held_out], y[held_out], target[held_out], held_out_weight)

    def _check_validation(self, X_val: Any, y_val: Any, weight_val: Any) -> Validation:
        """Return the user's validation samples, checked against the training data."""
        for given, missing, name in ((X_val, y_val, "y_val"), (y_val, X_val, "X_val")):
            if given is not None and missing is None:
                other = "X_val" if name == "y_val" else "y_val"
                raise ValueError(f"{other} is provided, but {name} was not provided.")
        X_val, y_val = self._check_data(X_val, y_val, reset=False)
        check_consistent_length(X_val, y_val)
        self._check_targets(y_val, "y_val")
        dtype = self.network_.dtype
        return Validation(
            X_val,
            y_val,
            self._targets.encode(y_val, dtype),
            check_sample_weight(weight_val, X_val, dtype=dtype, name="sample_weight_val"),
        )

    # Predicting

    def _predictions(self, X: Any) -> NDArray[Any]:
        """Return what the output activation makes of the network's outputs for `X`."""
        check_is_fitted(self)
        with np.errstate(over="ignore", invalid="ignore"):  # finite numbers, whose sum is not
            clean = is_clean(X)
            X = validate_data(self, X, reset=False, skip_check_array=clean, accept_sparse="csr")
        network = self.network_
        with (
            limit_blas_threads(product_threads(network, min(X.shape[0], network.block_size))),
            np.errstate(over="ignore", invalid="ignore"),
        ):
            outputs = network.outputs(X)
            finite = np.isfinite(outputs).reshape(len(outputs), -1).all(axis=1)
            if not finite.all():
                raise ValueError(
                    f"The network of this {type(self).__name__} has no finite output for "
                    f"{np.sum(~finite)} of {len(finite)} samples: their features are too far from "
                    "those of fit. Scale them alike."
                )
            loss = self._loss.replica()
            loss.settle(np, network.dtype)
            return loss.predict(outputs)

    # What is known after fitting

    def __sklearn_is_fitted__(self) -> bool:
        return "network_" in vars(self)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _require_fit(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise AttributeError(f"This {type(self).__name__} instance is not fitted yet.")

    @property
    def n_outputs_(self) -> int:
        """The number of outputs of the network."""
        self._require_fit()
        return self.network_.output_shape[-1]

    @property
    def out_activation_(self) -> str:
        """The name of the function that makes predictions of the outputs."""
        self._require_fit()
        return self._loss.link
