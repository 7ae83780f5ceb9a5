"""A short notation for the usual pattern: blocks of convolutions and a pool, then dense layers."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Plan", "parse"]

_BLOCK = re.compile(r"(?:(\d+)\s*x\s*)?(\d+)")


@dataclass(frozen=True)
class Plan:
    """What a notation says.

    Attributes
    ----------
    blocks : tuple of (int, int)
        How many convolutions a block has, and of how many filters.
    dense : tuple of int or None
        Units of the dense layers behind them; None for the mean over all pixels instead.
    """

    blocks: tuple[tuple[int, int], ...]
    dense: tuple[int, ...] | None


def parse(text: str) -> Plan | None:
    """Read a notation; return None if it is none.

    Parameters
    ----------
    text : str
        Blocks with commas between them, each "N x FILTERS" or "FILTERS" and followed by a pool;
        then, behind "|", the units of dense layers.

    Examples
    --------
    >>> from skdeep.neural_network.images.notation import parse
    >>> parse("2x32, 2x64 | 128")
    Plan(blocks=((2, 32), (2, 64)), dense=(128,))
    >>> parse("16, 32")
    Plan(blocks=((1, 16), (1, 32)), dense=None)
    >>> parse("vgg") is None
    True
    """
    before, bar, behind = text.partition("|")
    found = [_BLOCK.fullmatch(block.strip()) for block in before.split(",")]
    units = [unit.strip() for unit in behind.split(",")] if behind.strip() else []
    if not all(found) or not all(unit.isdigit() for unit in units):
        return None
    blocks = tuple((int(m[1] or 1), int(m[2])) for m in found if m is not None)
    if any(n < 1 or filters < 1 for n, filters in blocks) or any(int(u) < 1 for u in units):
        return None
    return Plan(blocks, tuple(map(int, units)) if bar else None)
