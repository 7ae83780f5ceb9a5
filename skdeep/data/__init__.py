"""Samples that are read in chunks, for data that does not fit in memory."""

from skdeep.data.chunks import Chunks

__all__ = ["Chunks"]
