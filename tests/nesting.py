"""What a fit inside of other jobs may use: a network that writes down where it ran."""

import os
import threading

from threadpoolctl import threadpool_info

from skdeep import MLPClassifier
from skdeep.utils.threads import available_threads

__all__ = ["Placed", "places"]


class Placed(MLPClassifier):
    """A network that writes down its process, its thread, and the threads that it may use."""

    def fit(self, X, y, **more):
        """Fit, and write it down."""
        super().fit(X, y, **more)
        blas = [lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"]
        self.place_ = (os.getpid(), threading.get_ident(), available_threads(), max(blas))
        return self


def places(estimator, X, y=None):
    """Be a scorer that returns the places of an ensemble's members, or of a network."""
    members = getattr(estimator, "estimators_", [estimator])
    return {
        f"{what} {i}": member.place_[j]
        for i, member in enumerate(members)
        for j, what in enumerate(("process", "thread", "available", "blas"))
    }
