"""Checkpoints: a long fit that is stopped goes on where it was, to the same network."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from skdeep.utils.saving.state_file import read_state, remove_parts, write_state
from skdeep.utils.user_warnings import warn_user

__all__ = ["Checkpoint"]


class Checkpoint:
    """Write the state of a network's training to a file, and go on from it.

    It follows scikit-learn's protocol of callbacks, ``net.set_callbacks(Checkpoint("net.npz"))``.
    Whatever stops the process, running the same script again goes on behind the last epoch that was
    written, and ends in the same network, to the last bit, as a fit that nobody stopped. Another
    `max_iter` adds epochs, unless the schedule or the average of weights is planned by it. The file
    holds parameters, optimizer, schedule, batch statistics, averaged weights, early stopping with
    the best network so far, random numbers, and the history.

    It is written beside the old one and takes its name when it is on the disk, so there is always a
    whole one. Where it cannot be written, training goes on, with one warning. It is a NumPy archive
    of arrays and text: reading it runs no code.

    Parameters
    ----------
    path : str or path
        Of the file, in a folder that is there. Inside a search, each candidate and split has a file
        of its own, with its number in the name: ``net-3.npz``; the refit on all data has
        ``net-refit.npz``.
    every : int >= 1, default=1
        Write after every so many epochs.
    keep : int >= 1, default=1
        Keep the last so many files. With more than one, the epoch is in each name:
        ``net-epoch-000040.npz``.
    resume : bool, default=True
        Whether to go on from the last file there is. False begins anew and replaces it.

    Raises
    ------
    ValueError
        If `path`, `every` or `keep` is none. At `fit`, if the file is of other data, of other
        parameters or of another version of skdeep, with the difference; if it is no checkpoint; or
        if the estimator or its solver has no epochs to go on from.

    Notes
    -----
    What objects of your own hold, such as a schedule that counts, is not in the file. Early
    stopping draws the rows that it holds out from `random_state`, which must be a number then.
    `cross_val_score` does not tell callbacks which fold it is at, so that the second fold finds the
    file of the first and refuses it: take `GridSearchCV`. So it is with the members of an ensemble.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn.datasets import load_iris
    >>> from skdeep import MLPClassifier
    >>> from skdeep.callbacks import Checkpoint
    >>> X, y = load_iris(return_X_y=True)
    >>> folder = tempfile.TemporaryDirectory()
    >>> checkpoint = Checkpoint(os.path.join(folder.name, "iris.npz"), every=10)
    >>> clf = MLPClassifier((16,), learning_rate="cosine", max_iter=50, random_state=0)
    >>> clf = clf.set_callbacks(checkpoint).fit(X, y)
    >>> clf.fit(X, y).n_iter_  # goes on behind epoch 50, where there is nothing left to do
    50
    >>> os.listdir(folder.name)
    ['iris.npz']
    >>> folder.cleanup()
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        every: int = 1,
        keep: int = 1,
        resume: bool = True,
    ) -> None:
        if not isinstance(path, (str, os.PathLike)) or not _names_a_file(os.fspath(path)):
            raise ValueError(f"Checkpoint takes path as the name of a file, got {path!r}.")
        for name, value in {"every": every, "keep": keep}.items():
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"Checkpoint takes {name} as an int of 1 or more, got {value!r}.")
        self.path, self.every, self.keep, self.resume = path, every, keep, resume

    def setup(self, estimator: Any, context: Any) -> None:
        """Begin a fit: nothing to do before its data is known."""

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Go on from the last file, if this is the beginning of the fit and there is one."""
        if context.task_name != "fit":
            return
        fit = _fit_of(estimator)
        place, last = self._place(context), None
        with suppress(OSError):  # of a folder that cannot be read; writing there warns
            remove_parts(place, _EPOCH)
            last = self._last(place)
        if not self.resume or last is None:
            return
        try:
            fit.load(read_state(last))
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise ValueError(
                f"{type(estimator).__name__} cannot go on from the checkpoint {os.fspath(last)!r}: "
                f"{error}. Remove the file, or set resume=False to begin anew."
            ) from error

    def on_fit_task_end(self, estimator: Any, context: Any) -> bool:
        """Write the state, if an epoch has ended after which it is to be written."""
        if context.task_name != "epoch":
            return False
        fit = _fit_of(estimator)
        if fit.n_epochs % self.every:
            return False
        place = self._place(context.parent)
        path = place if self.keep == 1 else _of_epoch(place, fit.n_epochs)
        try:
            write_state(path, fit.state())
            for old in _of_all_epochs(place)[: -self.keep] if self.keep > 1 else ():
                old.unlink()
        except OSError as error:
            if not fit.has_warned:
                fit.has_warned = True
                warn_user(
                    f"The checkpoint {os.fspath(path)!r} cannot be written ({error}); training "
                    "goes on without."
                )
        return False

    def teardown(self, estimator: Any, context: Any) -> None:
        """End a fit; the last file stays."""

    def _place(self, context: Any) -> Path:
        """Return the path of this fit, with its number where there are several."""
        path, parts = Path(self.path), []
        while context is not None and context.parent is not None:
            task = context.source_task_name or context.task_name
            if task not in _ONE_OF_A_KIND:
                parts.append(_SHORT.get(task, str(context.task_id)))
            context = context.parent
        return path.with_name("-".join([path.stem, *reversed(parts)]) + path.suffix)

    def _last(self, place: Path) -> Path | None:
        if self.keep > 1:
            return next(reversed(_of_all_epochs(place)), None)
        return place if place.exists() else None

    def __repr__(self) -> str:
        return (
            f"Checkpoint({os.fspath(self.path)!r}, every={self.every}, keep={self.keep}, "
            f"resume={self.resume})"
        )


# Tasks of scikit-learn's that stand beside no other of their kind, and what a name says of others.
_ONE_OF_A_KIND = frozenset({"fit-final-estimator", "search"})
_SHORT = {"refit-with-best-params": "refit"}


def _names_a_file(path: str | bytes) -> bool:
    return isinstance(path, str) and Path(path).name not in ("", "..") and "\0" not in path


def _fit_of(estimator: Any) -> Any:
    """Return the fit that is going on, or raise ValueError where it cannot be resumed."""
    fit = getattr(estimator, "_resumable_fit", None)
    if fit is None:
        solver = getattr(estimator, "solver", None)
        how = "" if solver is None else f" with solver={solver!r}"
        raise ValueError(
            f"{type(estimator).__name__}{how} does not train in epochs that can be gone on from, "
            "which Checkpoint needs: it is for networks and stochastic solvers."
        )
    return fit


_EPOCH = r"-epoch-\d{6,}"  # in the name of each of several files


def _of_epoch(place: Path, epoch: int) -> Path:
    return place.with_name(f"{place.stem}-epoch-{epoch:06d}{place.suffix}")


def _of_all_epochs(place: Path) -> list[Path]:
    """Return the files of a fit that are there, earliest epoch first."""
    pattern = re.compile(re.escape(place.stem) + _EPOCH + re.escape(place.suffix))
    if not place.parent.is_dir():
        return []
    found = [path for path in place.parent.iterdir() if pattern.fullmatch(path.name)]
    return sorted(found, key=lambda path: (len(path.name), path.name))
