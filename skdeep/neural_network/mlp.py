"""The multilayer perceptron: the architecture that classifier and regressor share."""

from dataclasses import KW_ONLY
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from skdeep.neural_network.augmented import AugmentedPictures
from skdeep.neural_network.images.pictures import shape_in_rows
from skdeep.neural_network.training.initial_weights import (
    WEIGHT_INITS,
    drawn_weights,
    make_initializer,
)
from skdeep.neural_network.training_params import (
    STOCHASTIC_SOLVERS,
    ActivityParams,
    layer_or_function,
    layer_sizes,
)
from skdeep.nn import (
    ACTIVATIONS,
    ActivityL1,
    AlphaDropout,
    BatchNorm,
    Dense,
    Dropout,
    Layer,
    LayerNorm,
    Sequence,
    make_activation,
)
from skdeep.nn.initializers import uniform_by_fans
from skdeep.utils.parameters import parameters
from skdeep.utils.params import boolean, integer, one_of, real, sequence_of

__all__ = ["BaseMLP"]

_activation = one_of(*ACTIVATIONS, "maxout") | layer_or_function
_rate = real(0, 1, closed="left")


def _quoted(names: Any) -> str:
    *most, last = map(repr, names)
    return f"{', '.join(most)} or {last}"


class _Views(list):
    """Views into a network's parameters; putting an array in writes into the network."""

    def __setitem__(self, index: Any, value: Any) -> None:
        view = self[index]
        if not view.flags.writeable:
            raise ValueError(
                f"intercepts_[{index}] cannot be set: that layer has no biases, the shift of its "
                "batch normalization does their work."
            )
        view[...] = value


@parameters
class BaseMLP(ActivityParams, AugmentedPictures):
    """Dense layers with normalization, activation and dropout between them.

    Attributes
    ----------
    coefs_, intercepts_ : list of ndarray
        Weights of shape (n_inputs, n_units) and biases of shape (n_units,) of each layer, views
        into the network's parameter vector.
    n_layers_ : int
        Number of layers of units, input and output included.
    """

    hidden_layer_sizes: Annotated[
        Any,
        integer(1) | sequence_of(integer(1)),
        "The number of units of each hidden layer.",
    ] = (100,)
    activation: Annotated[
        Any,
        _activation | sequence_of(_activation),
        f"""Of the hidden units, one for all layers or one each:
        {_quoted(ACTIVATIONS)}; any function of an array, number by number, such as ``numpy.sin``
        (its derivative by differences, or as ``skdeep.nn.Elementwise(f, derivative)``); a
        :class:`~skdeep.nn.Layer`, or what makes one when it is called; or 'maxout', the largest of
        two linear functions of its own for each unit (of k: ``skdeep.nn.Maxout(k)``), whose weights
        are of shape (n_inputs, k * n_units). With 'selu' and no `weight_init`, weights are drawn as
        'lecun_normal' does, and `dropout` is :class:`~skdeep.nn.AlphaDropout`.
        """,
    ] = "relu"
    _: KW_ONLY
    dropout: Annotated[
        Any,
        _rate | sequence_of(_rate),
        "Rate at which hidden units are dropped in training, one for all layers or one each.",
    ] = 0.0
    input_dropout: Annotated[float, _rate, "Rate at which features are dropped in training."] = 0.0
    batch_norm: Annotated[
        bool,
        boolean(),
        """Whether hidden layers are normalized over the batch, of at least two samples, before
        their activation. Predictions take mean and variance of the data of `fit`; of the last
        `partial_fit`, if it had 32 samples or more, or else running averages.
        """,
    ] = False
    layer_norm: Annotated[
        bool,
        boolean(),
        "Whether hidden layers are normalized over their units before their activation.",
    ] = False
    weight_init: Annotated[
        Any,
        drawn_weights,
        f"""How weights are drawn, with zero biases: {_quoted(WEIGHT_INITS)}, or a number, the
        standard deviation of normal ones. 'normal' has 0.01; with 'zeros' no hidden layer learns;
        'lsuv' draws orthonormal ones and divides them, layer by layer, so that what each layer says
        of some training data has variance one. None is scikit-learn's scheme: Glorot's uniform for
        weights and biases.
        """,
    ] = None

    tied_layers: Annotated[
        bool,
        boolean(),
        """Whether hidden layers that map as many units to as many share their weights, each with
        biases of its own: a network of any depth has then the weights of one such layer.
        """,
    ] = False

    _side_by_side = True
    _takes_chunks = True

    def _check_architecture(self) -> None:
        owner, n_layers = type(self).__name__, len(layer_sizes(self.hidden_layer_sizes))
        for name in ("activation", "dropout"):
            given = _one_a_layer(getattr(self, name), n_layers)
            if len(given) != n_layers:
                raise ValueError(
                    f"The {name!r} parameter of {owner} must be one value for all hidden layers or "
                    f"one for each of the {n_layers}. Got {len(given)} values instead: {given!r}."
                )
        for activation in _one_a_layer(self.activation, n_layers):
            make_activation(activation)
        if self.batch_norm and self.layer_norm:
            raise ValueError(
                f"{owner} takes batch_norm=True or layer_norm=True, not both: each normalizes the "
                "same units."
            )
        if self.batch_norm and self.batch_size == 1 and self.solver in STOCHASTIC_SOLVERS:
            raise ValueError(
                f"{owner} cannot learn with batch_norm=True and batch_size=1: a unit less its mean "
                "over one sample is zero. Raise batch_size, or use layer_norm=True."
            )

    def _architecture(self, n_outputs: int) -> Layer:
        """Return dense, normalization, activation, dropout for each hidden layer, then dense."""
        sizes = layer_sizes(self.hidden_layer_sizes)
        activations = _one_a_layer(self.activation, len(sizes))
        rates = _one_a_layer(self.dropout, len(sizes))
        layers: list[Layer] = [Dropout(float(self.input_dropout))] if self.input_dropout else []
        first: dict[tuple[int, int], str] = {}  # the path of the weights of each shape
        n_inputs = 0
        for size, activation, rate in zip(sizes, activations, rates, strict=True):
            function = make_activation(activation)
            units = size * function.pieces
            tie = None
            if self.tied_layers and size == n_inputs:
                tie = first.get((size, units))
                first.setdefault((size, units), f"{len(layers)}.weight")
            n_inputs = size
            # The shift of a batch normalization does the work of a bias.
            layers.append(self._dense(units, activation, use_bias=not self.batch_norm, tie=tie))
            if self.batch_norm:
                layers.append(BatchNorm())
            if self.layer_norm:
                layers.append(LayerNorm())
            layers.append(function)
            if self.activity_l1:
                layers.append(ActivityL1(self.activity_l1))
            if rate:
                kind = AlphaDropout if function.self_normalizing else Dropout
                layers.append(kind(float(rate)))
        # Without hidden layers too, scikit-learn draws the output's weights by the activation.
        layers.append(self._dense(n_outputs, activations[-1] if sizes else self.activation))
        return Sequence(*layers)

    def _dense(
        self, units: int, activation: Any, *, use_bias: bool = True, tie: str | None = None
    ) -> Dense:
        drawn = make_initializer(self.weight_init)
        if drawn is not None:
            return Dense(units, weight_init=drawn, use_bias=use_bias, same_as=tie)
        if make_activation(activation).self_normalizing:
            return Dense(units, weight_init="lecun_normal", use_bias=use_bias, same_as=tie)
        # scikit-learn's scheme: Glorot's, with a factor of its own for logistic units, for the
        # biases too.
        scheme = uniform_by_fans(2.0 if activation == "logistic" else 6.0)
        return Dense(units, weight_init=scheme, bias_init=scheme, use_bias=use_bias, same_as=tie)

    def _picture_shape(self, n_features: int) -> tuple[int, int, int]:
        owner = type(self).__name__
        shape = shape_in_rows(owner, self.image_shape, n_features)
        if self.image_shape == "auto" and shape[0] == 1 < n_features:
            raise ValueError(
                f"{owner} has augment={self.augment!r}, which is for pictures, but X has "
                f"{n_features} features, which make no square picture; set image_shape."
            )
        return shape

    def _dense_layers(self) -> list[Any]:
        self._require_fit()
        return [layer for layer in self.network_.layers() if layer.linear]

    @property
    def coefs_(self) -> list[NDArray[Any]]:
        """The weights of each dense layer, of shape (n_inputs, n_units), first layer first."""
        return _Views(layer.weight for layer in self._dense_layers())

    @coefs_.setter
    def coefs_(self, values: Any) -> None:
        for view, value in zip(self.coefs_, values, strict=True):
            view[...] = value

    @property
    def intercepts_(self) -> list[NDArray[Any]]:
        """The biases of each dense layer, (n_units,); zeros where a shift replaces them."""
        return _Views(
            layer.bias if layer.use_bias else _no_biases(layer) for layer in self._dense_layers()
        )

    @intercepts_.setter
    def intercepts_(self, values: Any) -> None:
        for index, (view, value) in enumerate(zip(self.intercepts_, values, strict=True)):
            if view.flags.writeable or np.any(value):  # zeros may stay zeros
                self.intercepts_[index] = value

    @property
    def n_layers_(self) -> int:
        """The number of layers of units, input and output included."""
        return len(self._dense_layers()) + 1


def _no_biases(layer: Dense) -> NDArray[Any]:
    """Return zeros that cannot be set."""
    zeros = np.zeros(layer.units, layer.dtype)
    zeros.flags.writeable = False
    return zeros


def _one_a_layer(value: Any, n_layers: int) -> list[Any]:
    """Return `value` once a hidden layer: it is one for all, or a sequence of one each."""
    return list(value) if np.iterable(value) and not isinstance(value, str) else [value] * n_layers
