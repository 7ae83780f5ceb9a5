"""Training: steps and epochs, their record, and statistics settled after them."""

from skdeep.nn.training.record import Record
from skdeep.nn.training.statistics import settle_statistics
from skdeep.nn.training.trainer import DivergedError, Trainer

__all__ = ["DivergedError", "Record", "Trainer", "settle_statistics"]
