"""Minimizing with all data at once: dual numbers, the Hessian, Newton's method, SciPy's solvers."""

from skdeep.nn.second_order.dual import Dual
from skdeep.nn.second_order.duals import Duals
from skdeep.nn.second_order.hessian import hessian
from skdeep.nn.second_order.minimize import check_size, minimize
from skdeep.nn.second_order.newton import newton

__all__ = ["Dual", "Duals", "check_size", "hessian", "minimize", "newton"]
