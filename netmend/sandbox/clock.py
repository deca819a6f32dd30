"""One source of time for everything in the sandbox; tests may move it forward."""

from __future__ import annotations

import datetime
import time
from typing import Any, Final

import moto.core.utils

TICK: Final = 0.001
"""Seconds that an API call takes by a clock that does not follow the machine's."""


class Clock:
    """Epoch seconds: the machine's plus what tests have added, or a time of its own.

    start: where a clock of its own begins. It goes on by `TICK` with each API call and by
    `advance`, so that the same calls happen at the same times in every run.
    """

    def __init__(self, start: float | None = None) -> None:
        self._own = start
        self._offset = 0.0

    def time(self) -> float:
        """Epoch seconds, as `time.time()` gives them."""
        base = time.time() if self._own is None else self._own
        return base + self._offset

    def now(self) -> datetime.datetime:
        """The same moment as an aware UTC datetime."""
        return datetime.datetime.fromtimestamp(self.time(), datetime.UTC)

    def advance(self, seconds: float) -> None:
        """Move forward; a clock that runs backwards would break orderings that AWS guarantees."""
        if seconds < 0:
            raise ValueError(f"a clock cannot go back: advance({seconds}) - give seconds >= 0")
        self._offset += seconds

    def tick(self) -> None:
        """An API call begins."""
        if self._own is not None:
            self._offset += TICK


class _Times:
    """The module `datetime` with the sandbox's clock behind `datetime.datetime.now`."""

    def __init__(self, clock: Clock) -> None:
        class Moment(datetime.datetime):
            @classmethod
            def now(cls, tz: datetime.tzinfo | None = None) -> Any:
                return datetime.datetime.fromtimestamp(clock.time(), tz)

        self.datetime = Moment

    def __getattr__(self, name: str) -> Any:
        return getattr(datetime, name)


def lead_moto(clock: Clock) -> None:
    """Let moto read this clock: nearly all of its times come through this one module."""
    setattr(moto.core.utils, "datetime", _Times(clock))  # noqa: B010  mypy knows a module there


def release_moto() -> None:
    """Give moto the machine's time back."""
    setattr(moto.core.utils, "datetime", datetime)  # noqa: B010
