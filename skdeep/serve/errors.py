"""What a client of the server can mend."""

__all__ = ["RequestError"]


class RequestError(Exception):
    """A request that cannot be answered, in a sentence that says why.

    Parameters
    ----------
    message : str
    status : int, default=400
        Status code of HTTP.
    """

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
