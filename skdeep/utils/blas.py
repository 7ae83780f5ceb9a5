"""Which libraries multiply matrices here, and what is particular about them."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy  # noqa: F401  loads the library that the controller looks for
import scipy.linalg  # noqa: F401  and SciPy's own
from threadpoolctl import ThreadpoolController

__all__ = ["blas_libraries", "unpacked"]

# Those of OpenBLAS's kernels that come with others for small matrices in float32.
_WITH_SMALL_ONES = {"skylakex", "cooperlake", "sapphirerapids"}


@cache
def blas_libraries() -> tuple[Any, ...]:
    """Return threadpoolctl's controllers of the libraries that are loaded, NumPy's among them."""
    # Finding them takes milliseconds, so it is done once a process.
    return tuple(ThreadpoolController().select(user_api="blas").lib_controllers)


@cache
def unpacked() -> int:
    """Return up to how many multiplications NumPy's products do without a copy of the matrices.

    BLAS first copies matrices into an order of its own, which pays where each number is used some
    hundred times. With AVX-512 OpenBLAS leaves that out for products of up to a million
    multiplications, and takes 0.6 to 0.9 of the time for those; so it is worth cutting larger ones
    of long and narrow matrices. Elsewhere it always copies, and pieces take longer than the whole.

    Returns
    -------
    int
        0 where there is no such limit.
    """
    kernels = {
        getattr(library, "architecture", "").lower()
        for library in blas_libraries()
        if library.internal_api == "openblas" and "scipy.libs" not in library.filepath
    }
    return 10**6 if kernels and kernels <= _WITH_SMALL_ONES else 0
