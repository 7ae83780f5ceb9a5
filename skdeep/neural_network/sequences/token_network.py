"""Networks that write tokens: each step of what they say is one of some classes."""

from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar

from skdeep.neural_network.sequences.padded_network import PaddedNetwork
from skdeep.neural_network.training_params import ActivityParams
from skdeep.nn import Layer, Loss, SoftmaxCrossEntropy
from skdeep.utils.parameters import parameters
from skdeep.utils.params import none, one_of

__all__ = ["TokenNetwork"]


@parameters
class TokenNetwork(PaddedNetwork, ActivityParams):
    """A network that learns, from sequences, which token comes at each step.

    Attributes
    ----------
    out_activation_ : str
        'softmax', which makes probabilities of the outputs.
    """

    _: KW_ONLY
    max_iter: int = 50
    clip_norm: float | None = 1.0
    dtype: Any = "float32"
    scoring: Annotated[
        Any,
        none() | one_of("loss"),
        """What early stopping goes by: 'loss' for the validation loss, None for what is said of
        each step given the right steps before it.
        """,
    ] = None

    #: What the layers depend on beside the parameters, and what tells it.
    _layers_depend_on: ClassVar[str]
    _told_by: ClassVar[str]

    def _make_loss(self) -> Loss:
        return SoftmaxCrossEntropy()

    def _check_targets(self, y: Any, what: str) -> None:
        """Nothing can be wrong that reading the sequences has not found."""

    def _class_weights(self, y: Any, weight: Any, incremental: bool) -> Any:
        return weight

    def _outline(self, shape: Any, n_outputs: int) -> tuple[Layer, Any]:
        if not self.__sklearn_is_fitted__():
            raise ValueError(
                f"The layers of {type(self).__name__} depend on the {self._layers_depend_on}; pass "
                f"{self._told_by} to summary."
            )
        return super()._outline(shape, n_outputs)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        return tags
