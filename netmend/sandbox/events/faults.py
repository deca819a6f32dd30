"""Tests lose, double or delay what EventBridge delivers, as the real one may."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

When = Callable[[str, Mapping[str, Any]], bool]
"""Called with the rule's name and the event."""

ONCE: Final = (0.0,)


@dataclass
class _Plan:
    delays: Sequence[float]
    left: int
    when: When


def _any(_rule: str, _event: Mapping[str, Any]) -> bool:
    return True


class DeliveryFaults:
    """One per account and Region, from `sandbox.state(DeliveryFaults, account, region)`.

    Each method changes the next `count` deliveries for which `when(rule name, event)` holds.
    """

    def __init__(self) -> None:
        self._plans: list[_Plan] = []

    def drop(self, count: int = 1, when: When = _any) -> None:
        """Best effort: the target never hears of the event."""
        self._plans.append(_Plan((), count, when))

    def duplicate(self, count: int = 1, when: When = _any) -> None:
        """At least once: the target hears of it twice."""
        self._plans.append(_Plan((0.0, 0.0), count, when))

    def delay(self, seconds: float, count: int = 1, when: When = _any) -> None:
        """Out of order: the target hears of it so many seconds later."""
        self._plans.append(_Plan((seconds,), count, when))

    def delays(self, rule: str, event: Mapping[str, Any]) -> Sequence[float]:
        """Seconds after which this delivery happens, one for each time that it happens."""
        for plan in self._plans:
            if plan.left and plan.when(rule, event):
                plan.left -= 1
                return plan.delays
        return ONCE
