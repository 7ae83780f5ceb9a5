"""The command line, ``python -m skdeep``: comparing estimators on a CSV file."""

from skdeep.cli.main import main

__all__ = ["main"]
