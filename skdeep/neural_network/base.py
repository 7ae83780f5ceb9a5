"""The base of all network estimators: everything but the architecture and the loss."""

from __future__ import annotations

import copy
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.callback import with_callbacks
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length

from skdeep.data import Chunks
from skdeep.neural_network.predicting import PredictingNetwork
from skdeep.neural_network.training.chunked import ChunkedSamples, check_chunks
from skdeep.neural_network.training.initial_weights import begin_at_unit_variance
from skdeep.neural_network.training.samples import Samples
from skdeep.neural_network.training.survey import Survey
from skdeep.neural_network.training.validation import ValidatedNetwork
from skdeep.neural_network.training_params import STOCHASTIC_SOLVERS
from skdeep.nn import Layer, Network, Record
from skdeep.nn.shapes.inputs import sample_shape
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.clean import as_numbers, check_array, column_or_1d, is_clean_column
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.weights import check_sample_weight

__all__ = ["BaseNetwork", "is_stochastic"]


def is_stochastic(estimator: Any) -> bool:
    """Tell whether `partial_fit` makes sense, for `available_if`."""
    if estimator.solver in STOCHASTIC_SOLVERS:
        return True
    raise AttributeError(
        "partial_fit is only available for stochastic optimizers. "
        f"{estimator.solver} is not stochastic."
    )


class BaseNetwork(PredictingNetwork, ValidatedNetwork):
    """A network trained on rows of a table.

    A subclass tells what `NetworkContract` asks for: the architecture and the loss for the data it
    is given, and how targets and predictions look. Checks, `fit` and a network to begin with are
    here; training, validation and prediction stand in a file each, and are inherited.

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

    def _root(self, n_outputs: int, input_shape: Any) -> Layer:
        """Return the layers as they are trained, for samples of that shape."""
        return self._architecture(n_outputs)

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
            Samples, in this form or another that the class describes; float32 stays float32. Also
            :class:`skdeep.data.Chunks`, which have `y` and weights in them.
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
        return self._fit(X, y, sample_weight, validation=(X_val, y_val, sample_weight_val))

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
        if isinstance(X, Chunks) and not incremental:
            self._check_params()
            check_chunks(self, None if y is X else y, sample_weight, validation[0])
            return self._fit_chunks(X, validation)
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
        dtype = self.network_.dtype
        weight = check_sample_weight(sample_weight, y)
        if not first:
            self._targets = self._targets.going_on(y, weight)
        weight = self._class_weights(y, weight, incremental)
        weight = None if weight is None else weight.astype(dtype, copy=False)
        target = self._targets.encode(y, dtype)
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
            self._start(survey.example(self, chunks), y, None, None, False)
            survey.teach(self._targets)
        else:
            self._check_targets(y, "y")
            self._go_on()
            self._targets = self._targets.going_on(y, None)
        samples = ChunkedSamples(self, chunks, survey)
        _, held_out = self._hold_out(samples.some, *validation)
        self._begin(samples, None, first)
        self._train(samples, None, held_out, (chunks, None, {}), False)
        return self

    def _begin(
        self, samples: Samples | ChunkedSamples, rows: NDArray[np.intp] | None, first: bool
    ) -> None:
        """Make the loss, and fresh weights that of the samples."""
        # Predictions are those of the loss of the fit, whatever the parameter becomes later; the
        # other one, whose buffers training fills, is not kept.
        self._loss = self._make_loss()
        drawn = first and getattr(self, "init_from", None) is None
        if drawn and getattr(self, "weight_init", None) == "lsuv":
            begin_at_unit_variance(self.network_, samples.some, rows, self._random_state)

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
            if self._y_is_numeric and y.dtype.kind in "OMm":
                y = as_numbers(y, type(self).__name__)
        return column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y

    _y_is_numeric = False

    def _start(
        self, x: Any, y: Any, sample_weight: Any, classes: Any, in_rows: bool = True
    ) -> None:
        """Build a new network for the data, and start a new record.

        Without `in_rows`, `y` has all targets there are, and not those of the rows of `x`.
        """
        self._random_state = check_random_state(self.random_state)
        weight = check_sample_weight(sample_weight, y)
        self._targets = self._learn_targets(y, weight, classes)
        if classes is not None or self._y_is_numeric:  # else they were learned from y just now
            self._check_targets(y, "y")
        self._learn_inputs(x, y if in_rows else None, weight, classes is not None)
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
