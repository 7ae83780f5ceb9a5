"""What every test shares: how hypothesis runs, and how many threads there are."""

import os

import matplotlib
import numpy as np
import pytest
import sklearn.utils.validation  # noqa: F401  loads OpenMP
from hypothesis import HealthCheck, settings
from threadpoolctl import threadpool_limits

from skdeep.utils.threads import limit_blas_threads

matplotlib.use("Agg")

# Tests run side by side: OpenMP's threads would wait for each other, and wait by spinning.
threadpool_limits(1, user_api="openmp")

# No deadline: the machines that run the suite are shared, and a slow example is no failure.
settings.register_profile(
    "skdeep", deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("skdeep")

# SKDEEP_ERRSTATE=raise makes an error of whatever NumPy would warn of, of underflow apart.
_ERRSTATE = os.environ.get("SKDEEP_ERRSTATE", "warn")


@pytest.fixture(autouse=True)
def _one_thread_of_blas(request):
    """Hold BLAS to one thread, as OpenMP is, for what others compute; skdeep holds it itself."""
    if request.node.get_closest_marker("all_threads"):
        yield
    else:
        with limit_blas_threads():
            yield


@pytest.fixture(autouse=True)
def _errstate():
    with np.errstate(over=_ERRSTATE, divide=_ERRSTATE, invalid=_ERRSTATE):
        yield
