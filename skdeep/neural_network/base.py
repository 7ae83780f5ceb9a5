"""The base of all network estimators: everything but the architecture and the loss."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.callback import with_callbacks
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length

from skdeep.data import Chunks
from skdeep.neural_network.training.chunked import (
    ChunkedSamples,
    check_chunks,
    joined_samples,
)
from skdeep.neural_network.training.estimator import NetworkTraining
from skdeep.neural_network.training.initial_weights import begin_at_unit_variance
from skdeep.neural_network.training.rules import check_training
from skdeep.neural_network.training.samples import Samples, hold_out, warn_of_another_scale
from skdeep.neural_network.training.survey import Survey
from skdeep.neural_network.training_params import STOCHASTIC_SOLVERS
from skdeep.nn import Layer, Loss, Network, Record
from skdeep.nn.run import product_threads
from skdeep.nn.shapes.inputs import n_rows, sample_shape
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.clean import check_array, column_or_1d, is_clean_column, require_fit, validated
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.threads import available_threads, limit_blas_threads
from skdeep.utils.weights import check_sample_weight

__all__ = ["BaseNetwork", "is_stochastic"]

_FLOATS = (np.float64, np.float32)


# From so many multiplications on, blocks of rows are predicted side by side.
_SHARED_PREDICTION = 2**27


def is_stochastic(estimator: Any) -> bool:
    """Tell whether `partial_fit` makes sense, for `available_if`."""
    if estimator.solver in STOCHASTIC_SOLVERS:
        return True
    raise AttributeError(
        "partial_fit is only available for stochastic optimizers. "
        f"{estimator.solver} is not stochastic."
    )


class BaseNetwork(NetworkTraining, ABC):
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
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if `X` has them all as strings.
    """

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

    def _root(self, n_outputs: int, input_shape: Any) -> Layer:
        """Return the layers as they are trained, for samples of that shape."""
        return self._architecture(n_outputs)

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

    def _float_type(self, x: Any) -> Any:
        """Return the type of the network's numbers, where `dtype` asks for none."""
        return _float_type(x)

    # Fitting

    @in_kind
    @all_or_nothing
    @with_callbacks
    def fit(
        self,
        X: ArrayLike | Chunks,
        y: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: ArrayLike | Chunks | None = None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, in this form or another that the class describes; float32 stays float32. For
            `MLP` and `ConvNet` estimators also :class:`skdeep.data.Chunks`, which have `y` and
            weights in them.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Of a classifier class labels, or a label indicator matrix; of a regressor numbers, in
            units of your own.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts.
        X_val, y_val : array-like, default=None
            Validation samples of your own, evaluated after every epoch; early stopping takes them
            instead of a part of `X`. A `Pipeline` transforms them if it is told
            ``transform_input=["X_val"]``, with scikit-learn's metadata routing enabled. Chunks as
            `X_val` are read into memory whole.
        sample_weight_val : array-like of shape (n_val_samples,), default=None
            Their weights, as they are: a `class_weight` is for training.

        Returns
        -------
        self
            The fitted estimator itself.

        Raises
        ------
        ValueError
            If a parameter, an array or a shape is wrong, or the loss is not finite any more; the
            estimator is then as it was before.
        """
        validation = (X_val, y_val, sample_weight_val)
        if isinstance(X, Chunks):
            self._check_params()
            check_chunks(self, y, sample_weight, X_val)
            return self._fit_chunks(X, validation)
        return self._fit(X, y, sample_weight, validation=validation)

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
        more = (validation, incremental, classes)
        self._train(*self._prepare(X, y, sample_weight, *more), incremental)
        return self

    def _prepare(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        validation: tuple[Any, Any, Any],
        incremental: bool = False,
        classes: Any = None,
    ) -> tuple[Samples, NDArray[np.intp] | None, Samples | None, tuple[Any, Any, dict[str, Any]]]:
        """Check what is given and make the network; return what `_train` takes."""
        self._check_params()
        if incremental and self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")
        metadata = {} if sample_weight is None else {"sample_weight": sample_weight}
        given = (X, y, metadata)
        first = not (self.__sklearn_is_fitted__() and (self.warm_start or incremental))
        X, y = self._check_data(X, y, reset=first)
        x, lengths = self._inputs(X)
        if first:
            self._start(x, y, sample_weight, classes)
        else:
            self._check_targets(y, "y")
            self._go_on()
        weight = check_sample_weight(sample_weight, y, dtype=self.network_.dtype)
        if not first:
            self._targets = self._targets.going_on(y, weight)
        weight = self._class_weights(y, weight, incremental)
        target = self._targets.encode(y, self.network_.dtype)
        samples = Samples(X, y, x, lengths, target, weight)
        rows, held_out = self._hold_out(samples, *validation)
        self._begin(samples, rows, first)
        return samples, rows, held_out, given

    def _fit_chunks(self, chunks: Chunks, validation: tuple[Any, Any, Any]) -> Any:
        """The same, of samples that are read again in each epoch."""
        first = not (self.__sklearn_is_fitted__() and self.warm_start)
        survey = Survey(self, chunks, reset=first)
        y = survey.targets()
        if first:
            self._start(survey.example(self, chunks), y, None, None)
            survey.teach(self._targets)
        else:
            self._check_targets(y, "y")
            self._go_on()
            self._targets = self._targets.going_on(y, None)
        samples = ChunkedSamples(self, chunks, survey)
        some = samples.some
        _, held_out = self._hold_out(some, *validation)
        self._begin(some, None, first)
        del some
        self._train(samples, None, held_out, (chunks, None, {}), False)
        return self

    def _begin(self, samples: Samples, rows: NDArray[np.intp] | None, first: bool) -> None:
        """Make the loss, and fresh weights that of the samples."""
        # Predictions are those of the loss of the fit, whatever the parameter becomes later; the
        # other one, whose buffers training fills, is not kept.
        self._loss = self._make_loss()
        if first and getattr(self, "weight_init", None) == "lsuv":
            begin_at_unit_variance(self.network_, samples, rows, self._random_state)

    def _check_data(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, Any]:
        """Return `X` and `y` checked, with as many entries."""
        with np.errstate(over="ignore", invalid="ignore"):  # finite numbers, whose sum is not
            X = self._check_X(X, reset=reset)
            y = self._check_y(y)
        check_consistent_length(X, y)
        return X, y

    def _check_y(self, y: Any) -> Any:
        if y is None:
            raise ValueError(
                f"This {type(self).__name__} estimator requires y to be passed, but the target y "
                "is None."
            )
        if not is_clean_column(y):
            y = check_array(
                y,
                accept_sparse="csr",
                ensure_2d=False,
                dtype=None,
                input_name="y",
                estimator=self,
            )
            if self._y_is_numeric and y.dtype.kind == "O":
                y = y.astype(np.float64)
        return column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y

    _y_is_numeric = False

    def _start(self, x: Any, y: Any, sample_weight: Any, classes: Any) -> None:
        """Build a new network for the data, and start a new record."""
        self._random_state = check_random_state(self.random_state)
        weight = check_sample_weight(sample_weight, y)
        self._targets = self._learn_targets(y, weight, classes)
        if classes is not None or self._y_is_numeric:  # else they were learned from y just now
            self._check_targets(y, "y")
        shape = sample_shape(x)
        self.network_ = Network(
            self._root(self._targets.n_outputs, shape),
            input_shape=shape,
            dtype=np.dtype(self._float_type(x) if self.dtype is None else self.dtype).type,
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
        wanted = self._root(self._targets.n_outputs, network.input_shape)
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
        # Two classes are stratified, as in scikit-learn.
        two = getattr(self._targets, "kind", "") == "binary"
        return hold_out(
            samples,
            self.validation_fraction,
            stratify=samples.target.astype(bool) if two else None,
            random_state=self._random_state,
        )

    def _check_validation(self, X_val: Any, y_val: Any, weight_val: Any) -> Samples:
        """Return the user's validation samples, checked against the training data."""
        if isinstance(X_val, Chunks):
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

    # Predicting

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
        finite = np.isfinite(outputs).reshape(len(outputs), -1).all(axis=1)
        if not finite.all():
            raise ValueError(
                f"The network of this {type(self).__name__} has no finite output for "
                f"{np.sum(~finite)} of {len(finite)} samples: their features are too far from "
                "those of fit. Scale them alike."
            )
        return outputs

    # What is known after fitting

    def __sklearn_is_fitted__(self) -> bool:
        return "network_" in vars(self)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = self._accepts_sparse
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


def _float_type(x: Any) -> Any:
    """Return the type of the first input that has floats, float64 where none has."""
    parts = x if isinstance(x, tuple) else (x,)
    return next((part.dtype for part in parts if part.dtype.kind == "f"), np.float64)
