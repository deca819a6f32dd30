"""One source of time for everything in the sandbox; tests may move it forward."""

import time
from datetime import UTC, datetime


class Clock:
    """Epoch seconds of the machine plus what tests have added."""

    def __init__(self) -> None:
        self._offset = 0.0

    def time(self) -> float:
        """Epoch seconds, as `time.time()` gives them."""
        return time.time() + self._offset

    def now(self) -> datetime:
        """The same moment as an aware UTC datetime."""
        return datetime.fromtimestamp(self.time(), UTC)

    def advance(self, seconds: float) -> None:
        """Move forward; a clock that runs backwards would break orderings that AWS guarantees."""
        if seconds < 0:
            raise ValueError(f"a clock cannot go back: advance({seconds}) - give seconds >= 0")
        self._offset += seconds
