"""Connections on which no request arrives, and which would be held for ever."""

from __future__ import annotations

import asyncio
from typing import Any

__all__ = ["impatient_protocol"]


def impatient_protocol(seconds: float) -> type[asyncio.Protocol]:
    """Return uvicorn's protocol, which closes connections that take longer for a request's head.

    uvicorn itself waits for the first byte, and from there on for the end of the head, as long as
    it takes. The time for a body is up to the application.

    Parameters
    ----------
    seconds : float
        From the connection, or from the first byte behind an answer, to the end of a head.
    """
    from uvicorn.protocols.http.auto import AutoHTTPProtocol

    class Impatient(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
        timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._wait()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._wait()

        def connection_lost(self, error: Exception | None) -> None:
            super().connection_lost(error)
            self._stop()

        def _wait(self) -> None:
            if self.cycle is not None and not self.cycle.response_complete:
                self._stop()
            elif self.timer is None:
                loop = asyncio.get_running_loop()
                self.timer = loop.call_later(seconds, self.transport.close)

        def _stop(self) -> None:
            if self.timer is not None:
                self.timer.cancel()
                self.timer = None

    return Impatient
