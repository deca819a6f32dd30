"""Work that AWS does behind the API happens here, one piece at a time and in a known order."""

import heapq
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from netmend.sandbox.api import ApiError
from netmend.sandbox.clock import Clock
from netmend.sandbox.faults import Cut

logger = logging.getLogger(__name__)

Work = Callable[[], None]

SURVIVED: Final = (
    ApiError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    BotoCoreError,
    ClientError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""One failed piece of work, logged, must not silence the loop for the rest of a session."""


class Engine:
    """A queue of work ordered by due time, then by order of submission.

    In process, `run_until_idle` does what is due on the caller's thread, so a test sees the same
    order every time. At the HTTP door one thread does the same as work arrives.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queue: list[tuple[float, int, str, Work]] = []
        self._ids = count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._in_hand = 0
        self._era = 0
        self._mine = threading.local()
        self.cuts: list[str] = []
        self.watchers: list[Callable[[str], None]] = []
        """Each is told the label of a piece of work that begins."""

    def submit(self, label: str, work: Work, *, at: float | None = None) -> None:
        """Queue `work` for now, or for epoch second `at` of the sandbox's clock."""
        due = self._clock.time() if at is None else at
        with self._changed:
            if self.outlived():
                return
            heapq.heappush(self._queue, (due, next(self._ids), label, work))
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget everything that is queued, and let what is in hand queue nothing more."""
        with self._changed:
            self._queue.clear()
            self._era += 1

    def outlived(self) -> bool:
        """Whether this thread does a piece of work that is older than the last `clear`."""
        return bool(getattr(self._mine, "era", self._era) != self._era)

    def run_until_idle(self) -> int:
        """Do all work that is due; return how many pieces were done."""
        done = 0
        while self.step():
            done += 1
        return done

    def step(self) -> bool:
        """Do the next piece of work that is due; whether there was one."""
        item = self._take()
        if item is not None:
            self._run(*item)
        return item is not None

    def next_due(self) -> float | None:
        """Epoch second at which the next piece of work is due; None where nothing is queued."""
        with self._changed:
            return self._queue[0][0] if self._queue else None

    @contextmanager
    def quiet(self) -> Iterator[bool]:
        """No piece of work begins meanwhile; False where one is in hand already."""
        with self._changed:
            yield self._in_hand == 0

    def inherit(self) -> None:
        """After a fork: go on with the same queue, without the thread and the lock left behind."""
        self._changed = threading.Condition()
        self._thread = None

    def _take(self) -> tuple[str, Work] | None:
        with self._changed:
            if not self._queue or self._queue[0][0] > self._clock.time():
                return None
            _, _, label, work = heapq.heappop(self._queue)
            self._in_hand += 1
            self._mine.era = self._era
            return label, work

    def _run(self, label: str, work: Work) -> None:
        for watch in self.watchers:
            watch(label)
        try:
            work()
        except Cut as cut:  # the piece of work died where a test wanted it to die
            self.cuts.append(f"{label}: {cut}")
            logger.info("cut %s: %s", label, cut)
        finally:
            with self._changed:
                self._in_hand -= 1
                self._mine.__dict__.pop("era", None)

    def start(self) -> None:
        """Work on a thread of its own until `stop`."""
        self._stopping = False
        self._thread = threading.Thread(target=self._loop, name="sandbox-engine", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the piece in hand and end the thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=10)
            self._thread = None

    def _loop(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
                if not self._queue or self._queue[0][0] > self._clock.time():
                    self._changed.wait(timeout=self._pause())
                    continue
            item = self._take()
            if item is not None:
                self._run_logged(*item)

    def _run_logged(self, label: str, work: Work) -> None:
        try:
            self._run(label, work)
        except SURVIVED:
            logger.exception("sandbox work failed: %s", label)

    def _pause(self) -> float | None:
        if not self._queue:
            return None
        return max(0.0, min(self._queue[0][0] - self._clock.time(), 1.0))
