"""Auxiliary heads: classifiers on the way, which count in training and vanish at prediction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from skdeep.nn.layers.base import PREDICT, Layer, Mode, Shape
from skdeep.nn.layers.blocks.absence import learns_nothing
from skdeep.nn.layers.composite import Sequence
from skdeep.nn.losses import Loss
from skdeep.nn.memory import Array

__all__ = ["AuxiliaryHeads", "AuxiliaryLoss"]


class AuxiliaryHeads(Layer):
    """Stages one after the other, with a head of its own behind some of them.

    In prediction it is the composition of its stages. In training the outputs of the heads follow
    those of the last stage, side by side, and `AuxiliaryLoss` compares all of them with the
    target::

        y = [f_3(f_2(f_1(x))), h_1(f_1(x)), h_2(f_2(f_1(x)))]

    so that the first stages learn from near by, however deep the network is.

    Parameters
    ----------
    *stages : Layer
    heads : sequence of (Layer or None)
        The head behind each stage but the last, or None.

    References
    ----------
    C. Szegedy et al., "Going deeper with convolutions", CVPR 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import AuxiliaryHeads, Dense, Mode, Network
    >>> root = AuxiliaryHeads(Dense(8), Dense(3), heads=[Dense(3)])
    >>> network = Network(root, input_shape=(4,), random_state=0)
    >>> x = np.ones((5, 4))
    >>> network.forward(x).shape, network.forward(x, Mode(training=True)).shape
    ((5, 3), (5, 6))
    """

    auxiliary: ClassVar[bool] = True

    def __init__(self, *stages: Layer, heads: list[Layer | None]) -> None:
        if len(heads) != len(stages) - 1:
            raise ValueError(
                f"AuxiliaryHeads takes a head, or None, behind each stage but the last: "
                f"{len(stages) - 1} for {len(stages)} stages, got {len(heads)}."
            )
        self.stages, self.heads = list(stages), list(heads)

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: in training it is a copy of the parts."""
        return self.stages[-1].frees_output

    def children(self, input_shape: Shape) -> Iterator[tuple[str, Layer, Shape]]:
        """Yield the stages by their numbers, and the head of each behind it."""
        for i, stage in enumerate(self.stages):
            yield f"stage {i}", stage, input_shape
            input_shape = stage.output_shape(input_shape)
            head = self.heads[i] if i < len(self.heads) else None
            if head is not None:
                yield f"head {i}", head, input_shape

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the output shape in prediction, which must be that of all heads."""
        shape = Sequence(*self.stages).output_shape(input_shape)
        for name, head, at in self.children(input_shape):
            found = head.output_shape(at)
            if name.startswith("head") and found != shape:
                raise ValueError(
                    f"AuxiliaryHeads takes heads of the output shape of the last stage, {shape}; "
                    f"{name} has {found}."
                )
        return shape

    def cost(self, input_shape: Shape) -> int:
        """Return what the stages cost: heads vanish at prediction."""
        children = self.children(input_shape)
        return sum(child.cost(at) for name, child, at in children if name.startswith("stage"))

    def connect(self, may_overwrite: bool) -> None:
        """Let stages write over what no head reads."""
        self.may_overwrite = may_overwrite
        for i, stage in enumerate(self.stages):
            stage.connect(may_overwrite)
            head = self.heads[i] if i < len(self.heads) else None
            may_overwrite = stage.frees_output and head is None
            if head is not None:
                head.connect(False)

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return the output of the last stage and, in training, of all heads beside it."""
        self.trained = mode.training
        found = []
        for i, stage in enumerate(self.stages):
            x = stage.forward(x, mode)
            head = self.heads[i] if i < len(self.heads) else None
            if head is not None and mode.training:
                found.append(head.forward(x, mode))
        if not found:
            self.trained = False
            return x
        width = x.shape[-1]
        joined = self.buffer("y", (*x.shape[:-1], width * (1 + len(found))))
        for k, part in enumerate([x, *found]):
            joined[..., k * width : (k + 1) * width] = part
        return joined

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Run the chain rule through the stages, adding what the heads send back."""
        parts = self._parts(grad_y)
        grad: Array = parts.pop(0)
        for i in range(len(self.stages) - 1, -1, -1):
            head = self.heads[i] if i < len(self.heads) else None
            if head is not None and self.trained:
                grad += head.backward(parts.pop(), True)
            elif head is not None:
                learns_nothing(head)
            grad = self.stages[i].backward(grad, wants_input or i > 0)
        return grad

    def _parts(self, grad_y: Array) -> list[Array]:
        """Return the gradients of the last stage's output and of each head's, each its own."""
        if not self.trained:
            return [grad_y]
        n_parts = 1 + sum(head is not None for head in self.heads)
        width = grad_y.shape[-1] // n_parts
        found = []
        for k in range(n_parts):
            part = self.buffer(f"grad {k}", (*grad_y.shape[:-1], width))
            part[...] = grad_y[..., k * width : (k + 1) * width]
            found.append(part)
        return found

    def __repr__(self) -> str:
        stages = ", ".join(map(repr, self.stages))
        return f"AuxiliaryHeads({stages}, heads={self.heads!r})"


class AuxiliaryLoss(Loss):
    """Another loss, of the network's output and, with less weight, of each of its heads.

    ::

        loss(z_0, target) + share sum over heads h of loss(z_h, target)

    for outputs z = [z_0, z_1, ...] side by side, as `AuxiliaryHeads` gives them in training. In
    prediction there is z_0 alone, and only its loss is left.

    Parameters
    ----------
    loss : Loss
    n_outputs : int
        Width of z_0, and of each head's output.
    share : float, default=0.3
        The paper's.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import AuxiliaryLoss, SquaredError
    >>> loss = AuxiliaryLoss(SquaredError(), n_outputs=1)
    >>> loss.settle(np, np.float64)
    >>> loss.value_and_gradient(np.array([[2.0, 4.0]]), np.array([[0.0]]))
    (4.4, array([[2. , 1.2]]))
    """

    def __init__(self, loss: Loss, n_outputs: int, share: float = 0.3) -> None:
        self.loss, self.n_outputs, self.share = loss, n_outputs, share

    @property
    def link(self) -> str:  # type: ignore[override]
        """What the loss says."""
        return self.loss.link

    def settle(self, xp: object, dtype: object) -> None:
        """Say where arrays come from, to the loss as well."""
        super().settle(xp, dtype)  # type: ignore[arg-type]
        self.loss.settle(xp, dtype)  # type: ignore[arg-type]

    def replica(self) -> AuxiliaryLoss:
        """Return a copy for another thread."""
        twin = super().replica()
        twin.loss = self.loss.replica()
        return twin

    def of_rows(self, z: Array, target: Array, weight: Array | None) -> tuple[float, Array]:
        """Return the sum of the losses, and their gradients side by side."""
        n_outputs = self.n_outputs
        grad = self.buffer("grad", tuple(z.shape))
        part = self.buffer("part", (z.shape[0], n_outputs))
        value = 0.0
        for start in range(0, z.shape[1], n_outputs):
            columns = slice(start, start + n_outputs)
            factor = self.share if start else 1.0
            part[...] = z[:, columns]
            of_part, grad_part = self.loss.of_rows(part, target, weight)
            value += factor * of_part
            grad[:, columns] = grad_part
            grad[:, columns] *= factor
        return value, grad

    def predict(self, z: Array) -> Array:
        """Turn raw outputs into predictions, as the loss does."""
        return self.loss.predict(z)
