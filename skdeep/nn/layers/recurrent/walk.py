"""Some samples' way through time: what is kept of it, and sums over its steps."""

from __future__ import annotations

from typing import Any
from weakref import proxy

from skdeep.nn.memory import Array
from skdeep.nn.shapes.inputs import cast

__all__ = ["Ends", "StepSums", "Walk"]

# A product that sums over so many samples is about as fast, by multiplication, as over more.
_ENOUGH = 256


class Walk:
    """The samples that one thread takes through time.

    Parameters
    ----------
    layer : Recurrent
    index : int
        Of the walk among those of the batch; each has memory of its own.
    rows : slice
        The samples.
    n_steps : int

    Attributes
    ----------
    inputs : array of shape (n_steps + 1, units + 1 + n_features, n)
        [h, 1, x] of each step: the state before it, and what it reads. The last has a state alone.
    kept : list of arrays of shape (n_steps + 1, units, n)
        What goes from step to step, the states before all else.
    lengths, samples : arrays of int of shape (n,), or None where all steps are valid
        Valid steps of each sequence, and 0 to n - 1.
    carries : list of arrays of shape (units, n)
        On the way back, the gradient by each of what is kept that is left for the step before.
    entering : list of arrays of shape (n_steps, units, n), Ends or None
        What is added to it at each step.
    sums : StepSums
    gates, tanh_cells : arrays of shape (n_steps, ..., n)
        What else a cell keeps.
    """

    gates: Array
    tanh_cells: Array
    carries: list[Array]
    entering: list[Any]
    sums: StepSums

    def __init__(self, layer: Any, index: int, rows: slice, n_steps: int) -> None:
        self.layer = proxy(layer)  # a circle would keep a batch until Python looks for circles
        self.index, self.rows, self.n_steps = index, rows, n_steps
        self.n = rows.stop - rows.start
        self.lengths = None if layer.lengths is None else layer.lengths[rows]
        self.samples = layer.samples[: self.n]

    def buffer(self, name: str, shape: tuple[int, ...]) -> Array:
        """Return memory of the layer's that no other walk has."""
        return self.layer.buffer(f"{name} {self.index}", shape)

    def begin(self, x: Array) -> None:
        """Put the inputs, of shape (n, n_steps, n_features), and the first states in place."""
        layer, m, start = self.layer, self.layer.units, self.layer.initial_state
        self.inputs = self.buffer("inputs", (self.n_steps + 1, m + 1 + x.shape[2], self.n))
        self.inputs[:, m] = 1.0
        self.inputs[:-1, m + 1 :] = x.swapaxes(0, 1).swapaxes(1, 2)
        more = [
            self.buffer(f"kept {i}", (self.n_steps + 1, m, self.n))
            for i in range(1, layer.n_states)
        ]
        self.kept = [self.inputs[:, :m], *more]
        for i, states in enumerate(self.kept):
            states[0] = 0.0 if start is None else start[self.rows, i * m : (i + 1) * m].T

    def last(self, states: Array) -> Array:
        """Return those behind the last valid step, of shape (n, units)."""
        return states[-1].T if self.lengths is None else states[self.lengths, :, self.samples]


class Ends:
    """Gradients by the last states of sequences, which enter where each of them ends.

    ``ends[t]`` is what enters behind step t, of shape (units, n), zero for all others; in place of
    an array of all steps.

    Parameters
    ----------
    walk : Walk
    i : int
        The place among what goes from step to step.
    grads : array of shape (units, n)
    """

    def __init__(self, walk: Walk, i: int, grads: Array) -> None:
        xp, layer = walk.layer.xp, walk.layer
        self.xp, self.grads = xp, walk.buffer(f"ends {i}", grads.shape)
        self.grads[...] = grads
        self.spare = walk.buffer("ending", grads.shape)
        last: Any = walk.lengths
        self.ends = cast(xp.arange(walk.n_steps)[:, None] == last[None] - 1, layer.dtype)

    def __getitem__(self, t: int) -> Array:
        return self.xp.multiply(self.grads, self.ends[t], out=self.spare)


class StepSums:
    """Sums over all steps of products of what a step reads and the gradient by its sums.

    Where there are few samples, those of several steps are put beside each other first, so that a
    product sums over enough of them to be worth its time.

    Parameters
    ----------
    walk : Walk
    blocks : list of (slice, slice)
        The rows of both factors, for each product that is wanted.

    Attributes
    ----------
    totals : list of arrays of shape (rows of the first factor, rows of the second)
    """

    totals: list[Array]

    def __init__(self, walk: Walk, blocks: list[tuple[slice, slice]]) -> None:
        self.walk, self.blocks = proxy(walk), blocks
        self.together = max(1, min(_ENOUGH // walk.n, walk.n_steps))
        self.n_held, self.totals = 0, []

    def add(self, inputs: Array, grads: Array) -> None:
        """Add the products of a step.

        Parameters
        ----------
        inputs : array of shape (units + 1 + n_features, n)
        grads : array of shape (n_gates * units, n)
        """
        if self.together == 1:
            self._multiply(inputs, grads)
            return
        if not self.n_held:
            self.held = [self._beside(i, len(one)) for i, one in enumerate((inputs, grads))]
        for held, one in zip(self.held, (inputs, grads), strict=True):
            held[:, self.n_held] = one
        self.n_held += 1
        if self.n_held == self.together:
            self.finish()

    def finish(self) -> None:
        """Add the products of the steps that are held."""
        if self.n_held:
            inputs, grads = (held[:, : self.n_held] for held in self.held)
            self._multiply(
                inputs.reshape(len(inputs), -1),
                grads.reshape(len(grads), -1),
            )
            self.n_held = 0

    def _beside(self, i: int, n_rows: int) -> Array:
        """Return memory for steps beside each other, as much for any number of samples."""
        n = self.walk.n
        most = max(n, min(_ENOUGH, n * self.walk.n_steps))
        flat = self.walk.buffer(f"held {i}", (n_rows * most,))
        return flat[: n_rows * self.together * n].reshape(n_rows, self.together, n)

    def _multiply(self, inputs: Array, grads: Array) -> None:
        xp, first = self.walk.layer.xp, not self.totals
        for i, (rows, columns) in enumerate(self.blocks):
            a, b = inputs[rows], grads[columns].T
            shape = (a.shape[0], b.shape[1])
            if first:
                total = self.walk.buffer(f"total {i}", shape)
                self.totals.append(xp.matmul(a, b, out=total))
            else:
                self.totals[i] += xp.matmul(a, b, out=self.walk.buffer(f"spare total {i}", shape))
