"""What every test shares: how hypothesis runs, and peers that are skipped where absent."""

import matplotlib
from hypothesis import HealthCheck, settings

matplotlib.use("Agg")

# No deadline: the machines that run the suite are shared, and a slow example is no failure.
settings.register_profile(
    "skdeep", deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("skdeep")
