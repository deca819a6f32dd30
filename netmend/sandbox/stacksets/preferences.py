"""How far and how fast an operation goes: AWS's arithmetic of tolerance and concurrency, pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from netmend.sandbox.cloudformation.errors import ValidationError

STRICT: Final = "STRICT_FAILURE_TOLERANCE"
DONE: Final = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
PAIRS: Final = (
    ("FailureToleranceCount", "FailureTolerancePercentage"),
    ("MaxConcurrentCount", "MaxConcurrentPercentage"),
)


@dataclass
class Lane:
    """One Region's accounts: at most `concurrent` at a time, until more than `tolerance` failed.

    strict: concurrency falls with each failure, so that never more than one too many fails.
    """

    waiting: deque[str]
    tolerance: int
    concurrent: int
    strict: bool
    flying: deque[str] = field(default_factory=deque)
    failed: int = 0
    done: int = 0
    stopped: bool = False

    @property
    def exceeded(self) -> bool:
        return self.failed > self.tolerance

    def begin(self) -> list[str]:
        """The accounts that are begun now, beside those in flight."""
        begun: list[str] = []
        while self.waiting and not self.stopped and not self.exceeded and self._has_room():
            self.flying.append(self.waiting.popleft())
            begun.append(self.flying[-1])
        return begun

    def _has_room(self) -> bool:
        room = self.concurrent
        if self.strict:
            room = min(room, self.tolerance + 1 - self.failed)
        return len(self.flying) < room

    def end(self, *, failed: bool) -> None:
        """The one that has been in flight longest is done."""
        self.flying.popleft()
        self.failed += failed
        self.done += 1

    def over(self) -> bool:
        """Whether nothing is in flight and nothing more will be."""
        return not self.flying and (not self.waiting or self.stopped or self.exceeded)


def check(preferences: Mapping[str, Any], regions: Sequence[str]) -> None:
    """Refuse preferences that contradict themselves or name other Regions."""
    for pair in PAIRS:
        if all(preferences.get(name) is not None for name in pair):
            raise ValidationError(f"You can specify either {pair[0]} or {pair[1]}, but not both")
    if strangers := set(preferences.get("RegionOrder") or ()) - set(regions):
        raise ValidationError(
            f"RegionOrder names {', '.join(sorted(strangers))}, which Regions does not"
        )


def order(preferences: Mapping[str, Any], regions: Iterable[str]) -> list[str]:
    """The Regions as RegionOrder has them, others after them."""
    first = list(preferences.get("RegionOrder") or ())
    return [*first, *(region for region in regions if region not in first)]


def lane(preferences: Mapping[str, Any], results: Mapping[str, str]) -> Lane:
    """The lane of one Region; results: the status of each account's result so far."""
    concurrent = _count(preferences, *PAIRS[1], default=1, of=len(results))
    return Lane(
        deque(account for account, status in results.items() if status not in DONE),
        tolerance=_count(preferences, *PAIRS[0], default=0, of=len(results)),
        concurrent=max(concurrent, 1),
        strict=(preferences.get("ConcurrencyMode") or STRICT) == STRICT,
        failed=sum(status == "FAILED" for status in results.values()),
        done=sum(status in DONE for status in results.values()),
    )


def _count(preferences: Mapping[str, Any], count: str, share: str, *, default: int, of: int) -> int:
    if preferences.get(count) is not None:
        return int(preferences[count])
    if preferences.get(share) is not None:
        return of * int(preferences[share]) // 100
    return default
