"""What all recurrent layers share: steps, lengths, directions, states; a cell adds its equations.

A sequence enters as (n_samples, n_steps, n_features) and is kept with the steps first, so that the
arrays of a step lie together. What the inputs contribute is one product for all steps; the states'
part needs a product a step, which is what takes the time.

Steps behind the end of a sequence are computed like the others, since nothing that counts depends
on them: a sequence is read from its first step on, also where it is read in reverse, for then it
is turned around within its own length first. Their outputs are zero, and no gradient enters there.
"""

from __future__ import annotations

from typing import Any, ClassVar

from skdeep.nn.initializers import Initializer, by_columns, glorot_uniform, orthogonal, zeros
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Parameter, Shape
from skdeep.nn.memory import Array
from skdeep.nn.products import gradient, product, sum_rows
from skdeep.nn.shapes.positions import valid_steps

__all__ = ["Recurrent"]

# With fewer multiplications a step, two threads with half of the rows each take turns in waiting
# for the interpreter, and need longer than one.
_SMALLEST_SHARED_STEP = 2**21


class Recurrent(Layer):
    """The base of the recurrent layers: h_t = cell(x_t, h_{t-1}), for t from 1 to the length.

    Parameters
    ----------
    units : int
        Numbers of a state.
    return_sequences : bool, default=False
        Whether the output is every state, (n_steps, units), or the last one, (units,).
    reverse : bool, default=False
        Whether sequences are read from their last valid step to the first. Every state then stands
        at the step that it has read last.
    truncate : int or None, default=None
        Cut sequences into pieces of so many steps, and let no gradient go from a piece to the one
        before it: truncated back-propagation. The states themselves go on. None cuts nothing.

    Attributes
    ----------
    initial_state : array of shape (n_samples, state_size) or None
        The state before the first step, set by whoever owns the layer; None is zero.
    grad_final_state : array of shape (n_samples, state_size) or None
        What enters `backward` besides the gradient by the output, set by whoever has used
        `final_state`; good for one call.
    grad_initial_state : array of shape (n_samples, state_size)
        The gradient by `initial_state`, where there is one.
    """

    n_gates: ClassVar[int] = 1
    n_states: ClassVar[int] = 1

    initial_state: Array | None = None
    grad_final_state: Array | None = None
    grad_initial_state: Array
    weight: Array
    recurrent_weight: Array
    bias: Array
    grad_weight: Array
    grad_recurrent_weight: Array
    grad_bias: Array

    def __init__(
        self,
        units: int,
        *,
        return_sequences: bool = False,
        reverse: bool = False,
        truncate: int | None = None,
    ) -> None:
        if units < 1:
            raise ValueError(f"{type(self).__name__} takes units of 1 or more, got {units!r}.")
        if truncate is not None and truncate < 1:
            raise ValueError(
                f"{type(self).__name__} takes truncate of 1 or more steps, or None, got "
                f"{truncate!r}."
            )
        self.units = units
        self.return_sequences = return_sequences
        self.reverse = reverse
        self.truncate = truncate

    def config(self) -> dict[str, Any]:
        """Return the number of units, and what differs from the defaults."""
        more = {
            name: value
            for name in ("return_sequences", "reverse", "truncate")
            if (value := getattr(self, name))
        }
        return {"units": self.units} | more

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: it is a copy of the states."""
        return True

    @property
    def state_size(self) -> int:
        """How many numbers go from step to step."""
        return self.n_states * self.units

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (n_steps, units), or (units,) for the last state alone."""
        if len(input_shape) != 2 or isinstance(input_shape[0], tuple):
            raise ValueError(
                f"{type(self).__name__} reads sequences, (n_steps, n_features); got samples of "
                f"shape {input_shape}."
            )
        return (input_shape[0], self.units) if self.return_sequences else (self.units,)

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        """Declare the weights of the inputs and of the states, and the biases, all gates joined."""
        d, m = input_shape[-1], self.units
        width = self.n_gates * m
        return {
            "weight": Parameter((d, width), glorot_uniform, (d, m), penalized=True),
            "recurrent_weight": Parameter(
                (m, width), by_columns(*[orthogonal] * self.n_gates), (m, m), penalized=True
            ),
            "bias": Parameter((width,), self.bias_init()),
        }

    def bias_init(self) -> Initializer:
        """Return the initializer of the biases."""
        return zeros

    def cost(self, input_shape: Shape) -> int:
        """Return the multiply-adds of all steps."""
        n_steps, d = input_shape
        return int(n_steps * (d + self.units) * self.n_gates * self.units)

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return the last state of each sequence, or every one of them."""
        n, n_steps, d = x.shape
        self.lengths, self.samples = mode.lengths, self.xp.arange(n)
        self.order = self._order(n_steps)
        self.x = self.buffer("x", (n_steps, n, d))
        self.x.swapaxes(0, 1)[...] = self._ordered(x)
        # states[t] is the state before step t, states[-1] the last.
        self.states = self.buffer("states", (n_steps + 1, n, self.units))
        self.prepare()
        for i, states in enumerate(self.kept()):
            part = slice(i * self.units, (i + 1) * self.units)
            states[0] = 0.0 if self.initial_state is None else self.initial_state[:, part]
        self._by_rows(self.walk, n)
        if not self.return_sequences:
            y = self.buffer("y", (n, self.units))
            y[...] = self._last(self.states)
            return y
        y = self.buffer("y", (n, n_steps, self.units))
        y[...] = self._ordered(self.states[1:].swapaxes(0, 1))
        if self.lengths is not None:
            y *= valid_steps(self, self.lengths, n_steps)[:, :, None]
        return y

    def final_state(self) -> Array:
        """Return what goes on behind the last valid step, of shape (n_samples, state_size)."""
        out = self.buffer("final state", (self.states.shape[1], self.state_size))
        for i, states in enumerate(self.kept()):
            out[:, i * self.units : (i + 1) * self.units] = self._last(states)
        return out

    def resume(self) -> None:
        """Begin the next forward pass in the state in which the last one ended."""
        self.initial_state = self.final_state().copy()

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Go back through time; the products over all steps at once come last."""
        n_steps, n, d = self.x.shape
        # The gradient by the state that is left to be handed to the step before.
        self.carries, self.entering = zip(
            *(self._entering(i, grad_y if i == 0 else None) for i in range(self.n_states)),
            strict=True,
        )
        self.grad_final_state = None
        self._by_rows(self.walk_back, n)
        if self.initial_state is not None:
            self.grad_initial_state = self.buffer("grad initial", (n, self.state_size))
            for i, carry in enumerate(self.carries):
                self.grad_initial_state[:, i * self.units : (i + 1) * self.units] = carry
        grad_x = None
        grad_z = self.grad_inputs()
        if wants_input:
            grad_steps = self.buffer("grad steps", (n_steps * n, d))
            product(self, grad_z, self.weight.T, out=grad_steps)
            grad_x = self.buffer("grad_x", (n, n_steps, d))
            grad_x[...] = self._ordered(grad_steps.reshape(n_steps, n, d).swapaxes(0, 1))
        sum_rows(self, grad_z, out=self.grad_bias)
        gradient(self, "weight", self.x, grad_z)
        gradient(self, "recurrent_weight", self.states[:-1], self.grad_products())
        return grad_x

    def kept(self) -> tuple[Array, ...]:
        """Return the arrays of shape (n_steps + 1, n_samples, units) that go from step to step."""
        return (self.states,)

    def prepare(self) -> None:
        """Make the arrays of a batch, and the inputs' part of all steps, from ``self.x``."""
        raise NotImplementedError

    def walk(self, rows: slice) -> None:
        """Compute the states of these samples, step by step."""
        raise NotImplementedError

    def walk_back(self, rows: slice) -> None:
        """Turn ``self.carries`` and ``self.entering`` into gradients by the sums, step by step."""
        raise NotImplementedError

    def grad_inputs(self) -> Array:
        """Return the gradient by x W + b, of shape (n_steps * n_samples, n_gates * units)."""
        raise NotImplementedError

    def grad_products(self) -> Array:
        """Return the gradient by the products with the states, of the same shape."""
        return self.grad_inputs()

    def cuts(self, t: int) -> bool:
        """Tell whether no gradient goes from step `t` to the one before it."""
        if t == 0:
            return self.initial_state is None
        return self.truncate is not None and t % self.truncate == 0

    def _by_rows(self, walk: Any, n: int) -> None:
        """Let threads take a part of the samples each, where steps are large enough."""
        step = n * self.n_gates * self.units**2
        if self.share is not None and step >= _SMALLEST_SHARED_STEP:
            self.share.run(walk, n)
        else:
            walk(slice(0, n))

    def _order(self, n_steps: int) -> Array | None:
        """Return the steps of each sequence in reverse, those behind its end where they are."""
        if not self.reverse or self.lengths is None:
            return None
        steps, lengths = self.xp.arange(n_steps)[None, :], self.lengths[:, None]
        return self.xp.where(steps < lengths, lengths - 1 - steps, steps)

    def _ordered(self, x: Array) -> Array:
        """Return (n_samples, n_steps, ...) in the order of reading, or back from it."""
        if not self.reverse:
            return x
        if self.order is None:
            return self.xp.flip(x, (1,))
        return x[self.samples[:, None], self.order]

    def _last(self, states: Array) -> Array:
        return states[-1] if self.lengths is None else states[self.lengths, self.samples]

    def _entering(self, i: int, grad_y: Array | None) -> tuple[Array, Array | None]:
        """Return the gradient behind the last step, and what enters at each step or None."""
        n_steps, n, m = self.states.shape[0] - 1, self.states.shape[1], self.units
        carry = self.buffer(f"carry {i}", (n, m))
        carry[...] = 0.0
        if self.grad_final_state is not None:
            carry += self.grad_final_state[:, i * m : (i + 1) * m]
        if grad_y is not None and not self.return_sequences:
            carry += grad_y
        if grad_y is not None and self.return_sequences:
            entering = self.buffer(f"entering {i}", (n_steps, n, m))
            entering.swapaxes(0, 1)[...] = self._ordered(grad_y)
            if self.lengths is not None:
                entering *= valid_steps(self, self.lengths, n_steps).swapaxes(0, 1)[:, :, None]
        elif self.lengths is None:
            return carry, None
        else:
            entering = self.buffer(f"entering {i}", (n_steps, n, m))
            entering[...] = 0.0
        if self.lengths is not None:  # the last state is another step's for each sequence
            entering[self.lengths - 1, self.samples] += carry
            carry[...] = 0.0
        return carry, entering
