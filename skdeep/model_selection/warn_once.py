"""What many fits warn of alike, said once, with a count."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

from skdeep.model_selection.folds import FoldResult

__all__ = ["warn_once"]


def warn_once(results: Mapping[str, Sequence[FoldResult]]) -> None:
    """Pass the folds' warnings on: each text once, with who gave it and in how many fits.

    The category is that of the fold's warning, so that filters act on it as ever.
    """
    given: dict[tuple[type[Warning], str], dict[str, int]] = {}
    for name, folds in results.items():
        for fold in folds:
            for warning in dict.fromkeys(fold.warnings):  # a fit that repeats itself counts once
                counts = given.setdefault(warning, {})
                counts[name] = counts.get(name, 0) + 1
    for (category, text), counts in given.items():
        fits = sum(len(results[name]) for name in counts)
        said = f"{text} ({', '.join(counts)}: in {sum(counts.values())} of {fits} fits)"
        warnings.warn(said, category, stacklevel=3)
