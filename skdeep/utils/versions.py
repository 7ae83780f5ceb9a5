"""Which versions a report was made with."""

from __future__ import annotations

import platform

import numpy as np
import scipy
import sklearn

from skdeep._version import __version__

__all__ = ["versions"]


def versions() -> str:
    """Return the versions of skdeep, of what it stands on, and of Python."""
    known = {
        "skdeep": __version__,
        "scikit-learn": sklearn.__version__,
        "NumPy": np.__version__,
        "SciPy": scipy.__version__,
        "Python": platform.python_version(),
    }
    return ", ".join(f"{name} {version}" for name, version in known.items())
