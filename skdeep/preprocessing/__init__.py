"""Transformers of raw tables and of features."""

from skdeep.preprocessing.piecewise_linear_encoder import PiecewiseLinearEncoder
from skdeep.preprocessing.robust_smooth_scaler import RobustSmoothScaler
from skdeep.preprocessing.table_encoder import TableEncoder

__all__ = ["PiecewiseLinearEncoder", "RobustSmoothScaler", "TableEncoder"]
