"""The multilayer perceptron: the architecture that classifier and regressor share."""

from __future__ import annotations

from skdeep.neural_network.base import BaseNetwork
from skdeep.neural_network.rules import check_mlp_params, hidden_sizes, one_a_layer
from skdeep.nn import (
    ACTIVATIONS,
    INITIALIZERS,
    BatchNorm,
    Dense,
    Dropout,
    Layer,
    LayerNorm,
    Sequence,
)
from skdeep.nn.initializers import uniform_by_fans
from skdeep.utils.params import Rule

__all__ = ["BaseMLP"]


class BaseMLP(BaseNetwork):
    """The architecture that classifier and regressor share."""

    _more_rules: dict[str, list[Rule]] = {}

    def _check_params(self) -> None:
        check_mlp_params(self, self._more_rules)

    def _architecture(self, n_outputs: int) -> Layer:
        """Return dense, normalization, activation, dropout for each hidden layer, then dense."""
        sizes = hidden_sizes(self)
        activations = one_a_layer(self.activation, len(sizes))
        rates = one_a_layer(self.dropout, len(sizes))
        layers: list[Layer] = [Dropout(float(self.input_dropout))] if self.input_dropout else []
        for size, activation, rate in zip(sizes, activations, rates, strict=True):
            # The shift of a batch normalization does the work of a bias.
            layers.append(self._dense(size, activation, use_bias=not self.batch_norm))
            if self.batch_norm:
                layers.append(BatchNorm())
            if self.layer_norm:
                layers.append(LayerNorm())
            layers.append(ACTIVATIONS[activation]())
            if rate:
                layers.append(Dropout(float(rate)))
        # Without hidden layers too, scikit-learn draws the output's weights by the activation.
        layers.append(self._dense(n_outputs, activations[-1] if sizes else self.activation))
        return Sequence(*layers)

    def _dense(self, units: int, activation: str, *, use_bias: bool = True) -> Dense:
        if self.weight_init is not None:
            return Dense(units, weight_init=INITIALIZERS[self.weight_init], use_bias=use_bias)
        # scikit-learn's scheme: Glorot's, with a factor of its own for logistic units, for the
        # biases too.
        scheme = uniform_by_fans(2.0 if activation == "logistic" else 6.0)
        return Dense(units, weight_init=scheme, bias_init=scheme, use_bias=use_bias)
