"""What every test shares: how hypothesis runs, and peers that are skipped where absent."""

import os

import matplotlib
import numpy as np
import pytest
from hypothesis import HealthCheck, settings

matplotlib.use("Agg")

# No deadline: the machines that run the suite are shared, and a slow example is no failure.
settings.register_profile(
    "skdeep", deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("skdeep")

# SKDEEP_ERRSTATE=raise makes an error of whatever NumPy would warn of, of underflow apart.
_ERRSTATE = os.environ.get("SKDEEP_ERRSTATE", "warn")


@pytest.fixture(autouse=True)
def _errstate():
    with np.errstate(over=_ERRSTATE, divide=_ERRSTATE, invalid=_ERRSTATE):
        yield
