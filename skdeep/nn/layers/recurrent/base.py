"""What all recurrent layers share: steps, lengths, directions, states; a cell adds its equations.

A sequence enters as (n_samples, n_steps, n_features) and is kept with the steps first and the
samples last, so that the arrays of a step lie together, and each gate of a step, too. State and
input of a step stand below each other, a row of ones between them::

    [h_{t-1}, 1, x_t],    of shape (units + 1 + n_features, n_samples)

so that [U, b, W]' times it is the sum of all gates, one product a step, and it times the gradient
by those sums is the gradient by U, b and W at once.

Steps behind the end of a sequence are computed like the others, since nothing that counts depends
on them: a sequence is read from its first step on, also where it is read in reverse, for then it
is turned around within its own length first. Their outputs are zero, and no gradient enters there.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, ClassVar

from skdeep.nn.initializers import Initializer, by_columns, glorot_uniform, orthogonal, zeros
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Parameter, Shape
from skdeep.nn.layers.recurrent.walk import Ends, StepSums, Walk
from skdeep.nn.memory import Array
from skdeep.nn.shapes.positions import valid_steps

__all__ = ["Recurrent"]

# With fewer multiplications a step, two threads with half of the samples each take turns in waiting
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
        n, n_steps, _ = x.shape
        self.input_shape, self.lengths, self.samples = x.shape, mode.lengths, self.xp.arange(n)
        self.order = self._order(n_steps)
        self.join()
        self.walks = [Walk(self, i, rows, n_steps) for i, rows in enumerate(self._parts(n))]
        shape = (n, n_steps, self.units) if self.return_sequences else (n, self.units)
        y = self.buffer("y", shape)

        def go(walk: Walk) -> None:
            walk.begin(self._ordered(x[walk.rows], walk.rows))
            self.go(walk)
            if self.return_sequences:
                states = walk.inputs[1:, : self.units].swapaxes(1, 2).swapaxes(0, 1)
                y[walk.rows] = self._ordered(states, walk.rows)
            else:
                y[walk.rows] = walk.last(walk.kept[0])

        self._each(go)
        if self.return_sequences and self.lengths is not None:
            y *= valid_steps(self, self.lengths, n_steps)[:, :, None]
        return y

    def final_state(self) -> Array:
        """Return what goes on behind the last valid step, of shape (n_samples, state_size)."""
        m = self.units
        out = self.buffer("final state", (self.input_shape[0], self.state_size))
        for walk in self.walks:
            for i, states in enumerate(walk.kept):
                out[walk.rows, i * m : (i + 1) * m] = walk.last(states)
        return out

    def resume(self) -> None:
        """Begin the next forward pass in the state in which the last one ended."""
        self.initial_state = self.final_state().copy()

    def activations(self, sample: int) -> dict[str, Array]:
        """Return gates and states of one sample of the last batch, each of shape (n_steps, units).

        Steps stand in the order of reading. Good until `backward`.
        """
        walk = next(one for one in self.walks if one.rows.start <= sample < one.rows.stop)
        place = sample - walk.rows.start
        return {name: values[:, :, place] for name, values in self.named(walk).items()}

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Go back through time, and add up what the parameters' gradients are of each step."""
        n, n_steps, d = self.input_shape
        grad_x = self.buffer("grad_x", self.input_shape) if wants_input else None
        starts = self.initial_state is not None
        if starts:
            self.grad_initial_state = self.buffer("grad initial", (n, self.state_size))

        def go_back(walk: Walk) -> None:
            rows, m = walk.rows, self.units
            self._enter(walk, grad_y[rows])
            walk.sums = StepSums(walk, self.sums_of())
            grads = self.go_back(walk)
            walk.sums.finish()
            if starts:
                for i, carry in enumerate(walk.carries):
                    self.grad_initial_state[rows, i * m : (i + 1) * m] = carry.T
            if grad_x is not None:
                steps = walk.buffer("grad steps", (n_steps, d, walk.n))
                self.xp.matmul(self.weight, grads, out=steps)
                grad_x[rows] = self._ordered(steps.swapaxes(1, 2).swapaxes(0, 1), rows)

        self._each(go_back)
        self.grad_final_state = None
        first, *others = (walk.sums.totals for walk in self.walks)
        for other in others:
            for total, more in zip(first, other, strict=True):
                total += more
        self.hand_out(first)
        return grad_x

    # What a cell says

    def join(self) -> None:
        """Make the matrices of a forward pass: parameters below each other, some halved."""
        raise NotImplementedError

    def go(self, walk: Walk) -> None:
        """Compute the states of these samples, step by step."""
        raise NotImplementedError

    def go_back(self, walk: Walk) -> Array:
        """Turn ``walk.carries`` and ``walk.entering`` into gradients by the sums, step by step.

        Returns
        -------
        array of shape (n_steps, n_gates * units, n_samples)
            The gradient by x W + b.
        """
        raise NotImplementedError

    def named(self, walk: Walk) -> dict[str, Array]:
        """Return the gates and states to show, each of shape (n_steps, units, n_samples)."""
        return {"state": walk.inputs[1:, : self.units]}

    def sums_of(self) -> list[tuple[slice, slice]]:
        """Return the rows of [h, 1, x] and of the gradient by sums whose products are wanted."""
        return [(slice(None), slice(None))]

    def hand_out(self, totals: list[Array]) -> None:
        """Write these products, summed over steps and samples, to the parameters' gradients."""
        (total,), m = totals, self.units
        self.grad_recurrent_weight[...] = total[:m]
        self.grad_bias[...] = total[m]
        self.grad_weight[...] = total[m + 1 :]

    def joined(self, *halved: slice) -> Array:
        """Return U, b and W below each other, the given columns halved."""
        d, m = self.weight.shape[0], self.units
        out = self.buffer("joined", (m + 1 + d, self.weight.shape[1]))
        out[:m], out[m], out[m + 1 :] = self.recurrent_weight, self.bias, self.weight
        for columns in halved:
            out[:, columns] *= 0.5
        return out

    def cuts(self, t: int) -> bool:
        """Tell whether no gradient goes from step `t` to the one before it."""
        if t == 0:
            return self.initial_state is None
        return self.truncate is not None and t % self.truncate == 0

    # Samples, lengths and order

    def _parts(self, n: int) -> list[slice]:
        """Return the samples of each thread, where steps are large enough to be shared."""
        step = n * self.n_gates * self.units**2
        if self.share is None or step < _SMALLEST_SHARED_STEP:
            return [slice(0, n)]
        n_parts = min(self.share.n_threads, n)
        edges = [i * n // n_parts for i in range(n_parts + 1)]
        return [slice(*edge) for edge in pairwise(edges)]

    def _each(self, do: Callable[[Walk], None]) -> None:
        """Let each thread go through time with its samples."""
        if len(self.walks) == 1 or self.share is None:
            for walk in self.walks:
                do(walk)
            return

        def some(part: slice) -> None:
            for walk in self.walks[part]:
                do(walk)

        self.share.run(some, len(self.walks))

    def _order(self, n_steps: int) -> Array | None:
        """Return the steps of each sequence in reverse, those behind its end where they are."""
        if not self.reverse or self.lengths is None:
            return None
        steps, lengths = self.xp.arange(n_steps)[None, :], self.lengths[:, None]
        return self.xp.where(steps < lengths, lengths - 1 - steps, steps)

    def _ordered(self, x: Array, rows: slice) -> Array:
        """Return (n_samples, n_steps, ...) in the order of reading, or back from it."""
        if not self.reverse:
            return x
        if self.order is None:
            return self.xp.flip(x, (1,))
        order = self.order[rows]
        return x[self.samples[: len(order), None], order]

    def _enter(self, walk: Walk, grad_y: Array) -> None:
        """Set the gradients behind the last step, and what enters at each step or None."""
        n_steps, n, m = self.input_shape[1], walk.n, self.units
        walk.carries, walk.entering = [], []
        for i in range(self.n_states):
            carry = walk.buffer(f"carry {i}", (m, n))
            carry[...] = 0.0
            if self.grad_final_state is not None:
                carry += self.grad_final_state[walk.rows, i * m : (i + 1) * m].T
            every = i == 0 and self.return_sequences
            if i == 0 and not every:
                carry += grad_y.T
            entering: Any = None
            if every:
                entering = walk.buffer(f"entering {i}", (n_steps, m, n))
                entering.swapaxes(1, 2).swapaxes(0, 1)[...] = self._ordered(grad_y, walk.rows)
                if walk.lengths is not None:
                    entering *= valid_steps(self, walk.lengths, n_steps).T[:, None, :]
            known = self.grad_final_state is not None or (i == 0 and not every)
            if walk.lengths is not None and known:  # each sequence has a last state of its own
                if every:
                    entering[walk.lengths - 1, :, walk.samples] += carry.T
                else:
                    entering = Ends(walk, i, carry)
                carry[...] = 0.0
            walk.carries.append(carry)
            walk.entering.append(entering)
