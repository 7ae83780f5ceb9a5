"""Which path a convolution takes.

========================  =============================================  =====================
path                      takes                                          computes
========================  =============================================  =====================
`Pointwise`               a window of one pixel                          exactly
`Depthwise`               each channel by itself, stride 1               exactly
`Narrow`                  a few channels, such as the first layer's      exactly
`Strips`                  few channels with many filters, or few of each  exactly
`Winograd`                3 x 3 and 5 x 5, stride 1, in float32          to some 2e-6
`Winograd`                the same with AVX-512, 3 x 3, stride 2         to some 5e-7
`Columns`                 one group, any window                          exactly
`Reference`               everything, in any namespace                   exactly
========================  =============================================  =====================

"Exactly" means that sums are rounded as those of a matrix product are, a relative error of some
3e-7 in float32.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from skdeep.nn.convolution.columns import Columns
from skdeep.nn.convolution.depthwise import Depthwise
from skdeep.nn.convolution.geometry import Geometry
from skdeep.nn.convolution.narrow import Narrow
from skdeep.nn.convolution.pointwise import Pointwise
from skdeep.nn.convolution.reference import Reference
from skdeep.nn.convolution.strips import Strips
from skdeep.nn.convolution.winograd import Winograd
from skdeep.utils.blas import unpacked

__all__ = ["path_for"]

# With fewer channels the transforms take longer than the products that they save.
_SMALLEST = 12

# With a stride of 2 they save less, and nothing where transformed weights do not stay in the cache,
# or where BLAS copies the small matrices that they multiply.
_LARGEST_BY_TWO = 100 * 100  # channels times filters


def path_for(geometry: Geometry, xp: ModuleType, dtype: Any, *, exact: bool = False) -> Any:
    """Return the fastest path for a geometry: an object with the methods of `Reference`.

    Parameters
    ----------
    geometry : Geometry
    xp : module
        The namespace of the arrays; what is not NumPy takes the reference path.
    dtype : dtype
    exact : bool, default=False
        Whether to leave Winograd's out, as other types than float32 do anyway.
    """
    if xp is not np:
        return Reference(geometry, xp)
    for path in (Pointwise, Depthwise, Narrow, Strips):
        if path.suits(geometry):
            return path(geometry)
    if dtype == np.float32 and not exact and Winograd.suits(geometry):
        m = _tile(geometry)
        if m:
            return Winograd(geometry, m)
    return Columns(geometry) if Columns.suits(geometry) else Reference(geometry)


def _tile(geometry: Geometry) -> int:
    """Return the m of F(m, r) with the fewest products, counting those beyond the border.

    Or 0, where the path by columns is faster.
    """
    high, wide = geometry.places
    r, channels, filters = geometry.kernel[0], geometry.input_shape[2], geometry.filters
    if min(channels, filters) < _SMALLEST:
        return 0
    if geometry.stride != (1, 1):
        return 2 if unpacked() and channels * filters <= _LARGEST_BY_TWO else 0

    def products(m: int) -> int:
        return (m + r - 1) ** 2 * -(-high // m) * -(-wide // m)

    return min((2, 4) if r == 3 else (2,), key=products)
