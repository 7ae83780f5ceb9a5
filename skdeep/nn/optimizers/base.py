"""What all optimizers share: clipping, decoupled weight decay, the count of steps, the state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any, ClassVar

import numpy as np

from skdeep.nn.memory import Array
from skdeep.nn.optimizers.members import Members
from skdeep.nn.penalties import Penalty
from skdeep.nn.vectors import length

__all__ = ["BLOCK", "Matrices", "Optimizer"]

# So many parameters at a time, with their gradient and state, stay in a core's caches from one
# pass over them to the next, and are enough for calls to cost nothing beside the work.
BLOCK = 2**18

# A slice of the parameters, and how many matrices of how many rows and columns it holds.
Matrices = tuple[slice, tuple[int, int, int]]


class Optimizer:
    """The base of all optimizers.

    Parameters
    ----------
    clip_norm : float or None, default=None
        Gradients longer than this are scaled down to this length [2]_.
    clip_value : float or None, default=None
        Entries of the gradient that are larger become this large; before `clip_norm`.
    weight_decay : float >= 0, default=0.0
        Decoupled decay: each step first multiplies the penalized weights by
        1 - learning_rate * weight_decay, whatever the gradient is [1]_.

    References
    ----------
    .. [1] I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019.
    .. [2] R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural
       networks", ICML 2013, algorithm 1.
    """

    #: Names of the state vectors, each as long as the parameters.
    slots: ClassVar[tuple[str, ...]] = ()
    #: Whether it knows its `reach`, so that a proximal step may follow each of its own.
    proximal: ClassVar[bool] = False
    #: Whether a matrix of weights moves as a whole, so that `settle` is to be told where they lie.
    by_matrix: ClassVar[bool] = False
    #: Of networks side by side whose loss is the mean of theirs: each has the gradient of its own,
    #: and is clipped by itself. None where that is one network, or steps are of any gradient's
    #: multiples the same.
    members: Members | None = None
    xp: ModuleType = np

    def __init__(
        self,
        *,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        weight_decay: float = 0.0,
    ) -> None:
        self.clip_norm, self.clip_value = clip_norm, clip_value
        self.weight_decay = weight_decay
        self.t = 0

    @property
    def in_slices(self) -> bool:
        """Whether each slice of the parameters may move before all of the gradient is known."""
        return self.clip_norm is None and self.members is None and not self.by_matrix

    def settle(
        self, xp: ModuleType, dtype: Any, size: int, matrices: Sequence[Matrices] = ()
    ) -> None:
        """Make the state vectors, zero, and forget all steps.

        Parameters
        ----------
        xp, dtype : module, dtype of the namespace
        size : int
            Number of parameters.
        matrices : sequence of (slice, (int, int, int))
            `Network.matrices`, for an optimizer that moves them `by_matrix`.
        """
        self.xp = xp
        self.t = 0
        for slot in self.slots:
            setattr(self, slot, xp.zeros(size, dtype=dtype))

    def step(
        self,
        params: Array,
        grad: Array,
        learning_rate: float,
        *,
        n_penalized: int = 0,
        penalty: Penalty | None = None,
    ) -> None:
        """Move `params` against `grad`, once.

        Parameters
        ----------
        params, grad : array of shape (n_parameters,)
            `params` is changed, `grad` is destroyed.
        learning_rate : float
        n_penalized : int, default=0
            How many of the first parameters are penalized and decay.
        penalty : Penalty or None, default=None
            Adds its gradient to `grad` first, in the same walk over the parameters. What of it has
            a kink is a proximal step after the move instead, where the optimizer is `proximal`.
        """
        update = self.start_step(
            params, grad, learning_rate, n_penalized=n_penalized, penalty=penalty
        )
        update(slice(0, params.shape[0]), grad)

    def start_step(
        self,
        params: Array,
        grad: Array,
        learning_rate: float,
        *,
        n_penalized: int = 0,
        penalty: Penalty | None = None,
    ) -> Callable[[slice, Array], None]:
        """Begin a step, and return what does it for any slice of the parameters.

        That is ``update(part, gradient)`` with the gradient of that slice alone, which it destroys.
        The slices must not overlap and make up the vector; where `in_slices` is true, several
        threads may move them. An optimizer that moves `by_matrix` takes the vector as one slice.

        The parameters are those of `step`; `grad` is looked at only if `clip_norm` is set or there
        are `members`.
        """
        self.t += 1
        self.begin(learning_rate)
        scale, shrinking = 1.0, None
        if penalty is not None and self.proximal:
            penalty, shrinking = penalty.split()
        whole = self.clip_norm is not None or self.members is not None
        if whole:  # the length of the whole gradient comes first
            if penalty is not None:
                penalty.add_gradient(params[:n_penalized], grad[:n_penalized])
                penalty = None
            if self.members is not None:
                grad *= self.members.n
                shrinking = shrinking and shrinking.scaled(self.members.n)
            self.clip_entries(grad)
            scale = self.clip_scale(grad)
        clips = self.clip_value is not None and not whole
        keep = 1.0 - learning_rate * self.weight_decay

        def update_block(part: slice, g: Array) -> None:
            w = params[part]
            n = max(0, n_penalized - part.start)  # so many weights come first
            if penalty is not None and n:
                penalty.add_gradient(w[:n], g[:n])
            if clips:
                self.clip_entries(g)
            if scale != 1.0:
                g *= scale
            if keep != 1.0:
                w[:n] *= keep
            self.update(w, g, part)
            if shrinking is not None:
                step: Any = self.reach(g, part)
                shrinking.shrink(w[:n], step[:n] if step is g else step)

        def update(part: slice, gradient: Array) -> None:
            if part.stop - part.start <= BLOCK and not self.by_matrix:
                update_block(part, gradient)
                return
            for block in self.blocks(part):
                own = gradient[block.start - part.start : block.stop - part.start]
                update_block(block, own)

        return update

    def blocks(self, part: slice) -> Iterator[slice]:
        """Yield the slices that make up `part` and are moved one at a time."""
        for start in range(part.start, part.stop, BLOCK):
            yield slice(start, min(start + BLOCK, part.stop))

    def clip_entries(self, grad: Array) -> None:
        """Make entries beyond `clip_value` that large, if it is set."""
        if self.clip_value is not None:
            self.xp.clip(grad, -self.clip_value, self.clip_value, out=grad)

    def clip_scale(self, grad: Array) -> float:
        """Return what the gradient is to be multiplied by to be no longer than `clip_norm`.

        That of each of `members` is made no longer at once.
        """
        if self.clip_norm is None:
            return 1.0
        if self.members is not None:
            self.members.clip(self.xp, grad, self.clip_norm)
            return 1.0
        norm = length(self.xp, grad)
        return min(1.0, self.clip_norm / norm) if norm > 0 else 1.0

    def begin(self, learning_rate: float) -> None:
        """Work out the numbers of this step."""
        self.rate = learning_rate

    def update(self, w: Array, g: Array, part: slice) -> None:
        """Move the slice `part` of the parameters; `w` and `g` are that slice already.

        The gradient may be written over.
        """
        raise NotImplementedError

    def reach(self, g: Array, part: slice) -> float | Array:
        """Return how far a unit of gradient moves each parameter of the slice, if it lasts.

        That is the length of the proximal step, by which the loss and a penalty with a kink are
        in balance where they should be.

        Parameters
        ----------
        g : array
            Of that slice, to be written over and returned.
        part : slice
        """
        return self.rate

    def state(self) -> dict[str, Any]:
        """Return copies of all that the next step depends on, by name."""
        state = self.__getstate__()
        state.pop("members", None)  # which an optimizer that goes on has
        return state | {slot: state[slot] * 1 for slot in self.slots if slot in state}

    def load(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self.__dict__.update(state)
        for slot in self.slots:
            if slot in state:
                setattr(self, slot, state[slot] * 1)

    def copy(self) -> Optimizer:
        """Return an optimizer in the same state that goes its own way from here."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        for slot in self.slots:
            if slot in self.__dict__:  # none before it has been settled
                setattr(twin, slot, getattr(self, slot) * 1)
        return twin

    def __getstate__(self) -> dict[str, Any]:
        """Leave the namespace, a module, out of pickles."""
        return {name: value for name, value in self.__dict__.items() if name != "xp"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Come back in NumPy's namespace."""
        self.__dict__.update(state)
        self.xp = np
