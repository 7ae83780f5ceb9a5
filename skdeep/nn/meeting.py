"""Where threads that go through the same layers hand each other their sums."""

from __future__ import annotations

import threading
from typing import Any

__all__ = ["Meeting", "Seat"]


class Meeting:
    """Threads that wait for each other, time and again, with something to say each time.

    Parameters
    ----------
    n_seats : int
        How many there are.
    """

    def __init__(self, n_seats: int) -> None:
        self._barrier = threading.Barrier(n_seats)
        # What was said last time may be read while the next thing is said, but no longer.
        self._said: tuple[list[Any], list[Any]] = ([None] * n_seats, [None] * n_seats)

    def exchange(self, seat: int, turn: int, values: Any) -> list[Any]:
        """Return what all seats say in that turn, when all have said it."""
        said = self._said[turn % 2]
        said[seat] = values
        self._barrier.wait()
        return list(said)

    def abandon(self) -> None:
        """Make everyone who waits, and who comes to wait, raise `threading.BrokenBarrierError`."""
        self._barrier.abort()


class Seat:
    """A thread's place at a meeting.

    Parameters
    ----------
    meeting : Meeting
    number : int

    Examples
    --------
    >>> from skdeep.nn.meeting import Meeting, Seat
    >>> Seat(Meeting(1), 0).exchange("alone")
    ['alone']
    """

    def __init__(self, meeting: Meeting, number: int) -> None:
        self.meeting, self.number = meeting, number
        self._turn = 0

    def exchange(self, values: Any) -> list[Any]:
        """Return what all seats say, in their order."""
        self._turn += 1
        return self.meeting.exchange(self.number, self._turn, values)
