"""Connections on which no request arrives or no answer leaves, which would be held for ever."""

from __future__ import annotations

import asyncio
from typing import Any

__all__ = ["impatient_protocol"]


def impatient_protocol(seconds: float) -> type[asyncio.Protocol]:
    """Return uvicorn's protocol, which closes connections whose other end is too slow.

    uvicorn itself waits as long as it takes for the first byte of a request, for the end of its
    head, and for somebody to read the answer. The time for a body is up to the application.

    Parameters
    ----------
    seconds : float
        From the connection, or from the first byte behind an answer, to the end of a head; and
        for an answer during which nothing of it is read.
    """
    from uvicorn.protocols.http.auto import AutoHTTPProtocol

    class Impatient(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
        timer: asyncio.TimerHandle | None = None
        reader: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._wait()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._wait()

        def connection_lost(self, error: Exception | None) -> None:
            super().connection_lost(error)
            self._stop()
            if self.reader is not None:
                self.reader.cancel()

        def pause_writing(self) -> None:
            super().pause_writing()
            self.reader = asyncio.get_running_loop().call_later(seconds, self.transport.abort)

        def resume_writing(self) -> None:
            super().resume_writing()
            if self.reader is not None:
                self.reader.cancel()

        def _wait(self) -> None:
            if self.cycle is not None and not self.cycle.response_complete:
                self._stop()
            elif self.timer is None:
                loop = asyncio.get_running_loop()
                self.timer = loop.call_later(seconds, self.transport.abort)

        def _stop(self) -> None:
            if self.timer is not None:
                self.timer.cancel()
                self.timer = None

    return Impatient
