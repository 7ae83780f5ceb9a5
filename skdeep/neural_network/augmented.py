"""Networks that see their samples changed in training, and averages of such at prediction."""

from __future__ import annotations

import copy
from dataclasses import KW_ONLY
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from skdeep.neural_network.base import BaseNetwork
from skdeep.neural_network.training.chunked import ChunkedSamples
from skdeep.neural_network.training.samples import Samples
from skdeep.neural_network.training_params import STOCHASTIC_SOLVERS
from skdeep.neural_network.transfer.begin import TransferNetwork
from skdeep.neural_network.transfer.features import HiddenFeatures
from skdeep.nn.shapes.inputs import is_sparse
from skdeep.preprocessing.augmentation import AUGMENTATIONS, Augmentation, Augmenter
from skdeep.utils.parameters import parameters
from skdeep.utils.params import boolean, integer, none, one_of, rule, sequence_of

__all__ = ["AugmentParams", "AugmentedNetwork", "AugmentedPictures", "picture_shape"]

_step = one_of(*AUGMENTATIONS) | rule(
    "an object of skdeep.preprocessing such as Shift(0.2), or a callable",
    lambda value: (
        isinstance(value, Augmentation) or (callable(value) and not isinstance(value, type))
    ),
    "Augmentation",
    "callable",
)
picture_shape = rule(
    "a tuple (height, width) or (height, width, channels) of whole numbers above 0",
    lambda value: (
        isinstance(value, (tuple, list))
        and len(value) in (2, 3)
        and all(isinstance(size, (int, np.integer)) and size > 0 for size in value)
    ),
    "tuple of int",
)

# Samples of a prediction that are changed at a time.
_ROWS_AT_ONCE = 2048


@parameters
class AugmentParams:
    """What happens to samples."""

    _: KW_ONLY
    augment: Annotated[
        Any,
        none() | _step | sequence_of(_step),
        """What happens to samples at random in training, drawn anew for each batch: a name, an
        object, or several in their order. To pictures 'flip', 'shift', 'crop', 'rotation',
        'brightness', 'contrast', 'erasing', 'cutmix'; to any samples 'mixup', 'noise', 'swap'. Each
        is a class of :mod:`skdeep.preprocessing` with its defaults, 'shift' for ``Shift()``; a
        callable is ``function(batch, rng)``, of a :class:`skdeep.nn.Batch`.
        """,
    ] = None
    test_time_augmentation: Annotated[
        int,
        integer(1),
        """Predictions (probabilities, of classifiers) are averaged over so many copies of each
        sample: itself, and others that `augment` makes of it, the same ones each time. Validation
        while training sees each sample as it is.
        """,
    ] = 1


@parameters
class PictureParams:
    """How pictures stand in the rows of a table, or by themselves."""

    _: KW_ONLY
    image_shape: Annotated[
        Any,
        one_of("auto") | picture_shape,
        """Height, width and, if there is more than one, channels of the pictures that rows of a
        table hold, for what `augment` does to pictures. 'auto' is a square of one channel if the
        length of rows is the square of a number, else of three if it is three times that.
        """,
    ] = "auto"
    channels_first: Annotated[
        bool,
        boolean(),
        "Whether pictures are (channels, height, width), also inside the rows of a table.",
    ] = False


class AugmentedNetwork(BaseNetwork):
    """A network whose samples are changed at random in training; it stands behind the keywords."""

    augment: Any
    test_time_augmentation: int
    _augmenter: Augmenter | None
    _augmented_by: str

    def _check_params(self) -> None:
        super()._check_params()
        owner = type(self).__name__
        if self.augment is not None and self.solver not in STOCHASTIC_SOLVERS:
            raise ValueError(
                f"{owner} with solver={self.solver!r} sees the same data at every step and cannot "
                f"use augment={self.augment!r}; leave it at None, or use solver='adam' or 'sgd'."
            )
        if self.test_time_augmentation > 1 and self.augment is None:
            raise ValueError(
                f"{owner} averages predictions over test_time_augmentation="
                f"{self.test_time_augmentation} copies that `augment` makes, which is None; say "
                "what happens to samples, or set test_time_augmentation=1."
            )

    def _augmentations(self) -> tuple[Any, ...]:
        given = self.augment
        if given is None:
            return ()
        return tuple(given) if isinstance(given, (list, tuple, np.ndarray)) else (given,)

    def _new_augmenter(self, steps: list[Any], n_features: int, seed: int) -> Augmenter:
        """Return what makes the steps one after the other."""
        return Augmenter(steps, n_classes=self.n_outputs_, seed=seed)

    def _examples(
        self, samples: Samples, weight: NDArray[Any] | None
    ) -> tuple[Any, NDArray[Any] | None]:
        """Return that of which an augmentation learns units, and what each counts."""
        return samples.x, weight

    def _start(self, *data: Any) -> None:
        super()._start(*data)
        self._augmenter = None

    def _train(
        self,
        samples: Samples | ChunkedSamples,
        rows: NDArray[np.intp] | None,
        held_out: Any,
        *more: Any,
    ) -> None:
        self._prepare_augmentation(samples.some, rows)
        super()._train(samples, rows, held_out, *more)

    def _prepare_augmentation(self, samples: Samples, rows: NDArray[np.intp] | None) -> None:
        """Make what changes samples, unless there is one of the same kind already."""
        wanted = self._augmentations()
        if not wanted:
            self._augmenter = None
            return
        known = vars(self).get("_augmenter")
        if known is not None and repr(wanted) == self._augmented_by:
            return  # a stream goes on in the units that it began with
        seed = self._random_state.randint(2**31)
        if self._rng is None:  # no layer draws any
            self._rng = np.random.Generator(np.random.SFC64(seed))
        if is_sparse(samples.x):
            raise ValueError(
                f"{type(self).__name__} cannot change a sparse X in training, which would be dense "
                f"then. Got augment={self.augment!r}; pass a dense X, or set augment=None."
            )
        steps = [AUGMENTATIONS[step]() if isinstance(step, str) else step for step in wanted]
        augmenter = self._new_augmenter(steps, int(np.prod(samples.x.shape[1:])), seed)
        weight = samples.weight
        if rows is not None:  # not by samples that training does not see
            weight = np.zeros(len(samples))
            weight[rows] = 1.0 if samples.weight is None else samples.weight[rows]
        augmenter.learn(*self._examples(samples, weight))
        augmenter.settle(np, self.network_.dtype)
        self._augmenter, self._augmented_by = augmenter, repr(wanted)

    def _run_options(self) -> dict[str, Any]:
        options = super()._run_options()
        if self._augmenter is not None:
            options["transform"] = self._augmenter
        return options

    def _as_scored(self, y: Any, weight: Any) -> tuple[Any, Any, Any]:
        plain = copy.copy(self)
        plain.test_time_augmentation = 1
        return plain, y, weight

    def _predictions(self, X: Any) -> NDArray[Any]:
        n = self.test_time_augmentation
        if n == 1:
            return super()._predictions(X)
        check_is_fitted(self)
        if self._augmenter is None:
            raise ValueError(
                f"{type(self).__name__} averages predictions over test_time_augmentation={n} "
                "copies that `augment` makes, which was None in fit; set test_time_augmentation=1, "
                "or fit with `augment`."
            )
        x, lengths = self._inputs(self._check_X(X, reset=False))
        augmenter = self._augmenter.replica()
        found = []
        for start in range(0, len(x), _ROWS_AT_ONCE):
            part = np.asarray(x[start : start + _ROWS_AT_ONCE], dtype=self.network_.dtype)
            of_part = None if lengths is None else lengths[start : start + _ROWS_AT_ONCE]
            copies = augmenter.copies(part, n)
            total = self._predictions_of(next(copies), of_part)
            for seen in copies:
                total += self._predictions_of(seen, of_part)
            total /= n
            found.append(total)
        return np.concatenate(found)


class AugmentedPictures(
    AugmentParams, PictureParams, HiddenFeatures, AugmentedNetwork, TransferNetwork
):
    """The same on pictures, or on rows of a table that may hold some."""

    def _picture_shape(self, n_features: int) -> tuple[int, int, int]:
        """Return height, width and channels of the pictures that rows hold.

        Raises
        ------
        ValueError
            If rows of that length hold no such pictures.
        """
        raise NotImplementedError

    def _new_augmenter(self, steps: list[Any], n_features: int, seed: int) -> Augmenter:
        of_pictures = any(getattr(step, "of_pictures", False) for step in steps)
        return Augmenter(
            steps,
            self._picture_shape(n_features) if of_pictures else None,
            channels_first=self.channels_first,
            n_classes=self.n_outputs_,
            seed=seed,
        )
