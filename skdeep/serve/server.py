"""The application behind uvicorn."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from skdeep.serve.application import application
from skdeep.serve.connections import impatient_protocol

__all__ = ["prepared", "serve"]

_CONNECTIONS = 256
_OWN = ("127.0.0.1", "localhost", "::1")


def serve(
    estimator: Any,
    name: str = "model",
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    max_body: int = 16 * 2**20,
    max_waiting: int = 64,
    read_timeout: float = 30.0,
) -> None:
    """Serve a fitted estimator until Ctrl-C.

    Parameters
    ----------
    estimator : fitted estimator
        As for :func:`application`.
    name : str, default="model"
        The model's name in addresses.
    host : str, default="127.0.0.1"
        The address to listen on. That of this machine, the default, is reached from nowhere else,
        and only by its own name, so that no page of another site can ask under a name of its own.
        "0.0.0.0" is all addresses: there is no password, so put a proxy before it that has one.
    port : int, default=8000
        The port to listen on.
    max_body, max_waiting, read_timeout : int, int and float
        As for :func:`application`. A connection on which the head of a request takes longer than
        `read_timeout`, or on which nothing of an answer is read for so long, is closed.

    Raises
    ------
    ImportError
        If starlette or uvicorn is not installed.
    """
    prepared(
        estimator,
        name,
        host=host,
        port=port,
        max_body=max_body,
        max_waiting=max_waiting,
        read_timeout=read_timeout,
    )()


def prepared(
    estimator: Any, name: str, *, host: str, port: int, read_timeout: float = 30.0, **limits: Any
) -> Callable[[], None]:
    """Return what serves a fitted estimator when it is called: all that `serve` checks is right."""
    try:
        import uvicorn
    except ImportError as error:
        raise ImportError(
            'Serving needs uvicorn, which is not installed; pip install "skdeep[serve]" brings it.'
        ) from error
    hosts = [*_OWN, "[::1]"] if host in _OWN else ["*"]
    return partial(
        uvicorn.run,
        application(estimator, name, hosts=hosts, read_timeout=read_timeout, **limits),
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        limit_concurrency=_CONNECTIONS,
        http=impatient_protocol(read_timeout),
    )
