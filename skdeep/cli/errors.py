"""What the user of the command line can mend."""

__all__ = ["UsageError"]


class UsageError(Exception):
    """Arguments or data that cannot be used, in a sentence that says why."""
