"""How convolutions are computed: a readable path for all, and fast ones that are equal to it.

`reference` is the convolution by the textbook, `geometry` says where windows lie and whether they
fit, `choice` which path a layer takes. `interpolation` derives Winograd's matrices.
"""

from skdeep.nn.convolution.choice import path_for
from skdeep.nn.convolution.geometry import Geometry, fit

__all__ = ["Geometry", "fit", "path_for"]
