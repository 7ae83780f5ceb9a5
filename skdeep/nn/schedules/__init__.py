"""Learning-rate schedules: the rate of each epoch, or of each step.

A schedule tells the rate from the number of epochs done, with a fraction within an epoch, and of
samples seen. It is asked before each epoch, or before each step if it says so. Those in `plateau`
alone listen to the training: they fall when there is no progress.
"""

from skdeep.nn.schedules.base import Constant, Function, Schedule
from skdeep.nn.schedules.decay import Exponential, InverseScaling, Step
from skdeep.nn.schedules.named import SCHEDULE_NAMES, named_schedule
from skdeep.nn.schedules.plateau import Adaptive, ReduceOnPlateau
from skdeep.nn.schedules.waves import Cosine, CosineOfLog, CosineRestarts, OneCycle

__all__ = [
    "SCHEDULE_NAMES",
    "Adaptive",
    "Constant",
    "Cosine",
    "CosineOfLog",
    "CosineRestarts",
    "Exponential",
    "Function",
    "InverseScaling",
    "OneCycle",
    "ReduceOnPlateau",
    "Schedule",
    "Step",
    "named_schedule",
]
