"""Tests lose, double, delay or reorder what EventBridge delivers, as the real one may."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

When = Callable[[str, Mapping[str, Any]], bool]
"""Called with the rule's name and the event."""

ONCE: Final = (0.0,)


@dataclass
class _Plan:
    delays: Sequence[Sequence[float]]
    """For each delivery that it changes, in order, the seconds of each arrival."""
    when: When
    done: int = 0

    def take(self) -> Sequence[float] | None:
        if self.done >= len(self.delays):
            return None
        self.done += 1
        return self.delays[self.done - 1]


@dataclass(frozen=True)
class _Weather:
    lost: float
    doubled: float
    delayed: float
    seconds: float
    when: When

    def delays(self, chance: random.Random) -> Sequence[float]:
        if chance.random() < self.lost:
            return ()
        arrivals = 2 if chance.random() < self.doubled else 1
        return [self._delay(chance) for _ in range(arrivals)]

    def _delay(self, chance: random.Random) -> float:
        return chance.uniform(0, self.seconds) if chance.random() < self.delayed else 0.0


def _any(_rule: str, _event: Mapping[str, Any]) -> bool:
    return True


class DeliveryFaults:
    """One per account and Region, from `sandbox.state(DeliveryFaults, account, region)`.

    drop, duplicate, delay and reorder change the next `count` deliveries for which
    `when(rule name, event)` holds; `often` changes all the others by chance.
    """

    def __init__(self) -> None:
        self._plans: list[_Plan] = []
        self._weather: list[_Weather] = []

    def drop(self, count: int = 1, when: When = _any) -> None:
        """Best effort: the target never hears of the event."""
        self._plans.append(_Plan([()] * count, when))

    def duplicate(self, count: int = 1, when: When = _any) -> None:
        """At least once: the target hears of it twice."""
        self._plans.append(_Plan([(0.0, 0.0)] * count, when))

    def delay(self, seconds: float, count: int = 1, when: When = _any) -> None:
        """Out of order: the target hears of it so many seconds later."""
        self._plans.append(_Plan([(seconds,)] * count, when))

    def reorder(self, count: int = 2, when: When = _any, apart: float = 1.0) -> None:
        """The next `count` deliveries arrive in the opposite order, `apart` seconds one by one."""
        waits = [((count - place) * apart,) for place in range(count)]
        self._plans.append(_Plan(waits, when))

    def often(
        self,
        *,
        lost: float = 0.0,
        doubled: float = 0.0,
        delayed: float = 0.0,
        seconds: float = 60.0,
        when: When = _any,
    ) -> None:
        """From now on by chance, of the sandbox's seed: each share from 0 to 1.

        A delayed arrival comes up to `seconds` later, so that later events overtake it.
        """
        self._weather.append(_Weather(lost, doubled, delayed, seconds, when))

    def clear(self) -> None:
        """Deliver as if nothing ever went wrong."""
        self._plans.clear()
        self._weather.clear()

    def delays(self, rule: str, event: Mapping[str, Any], chance: random.Random) -> Sequence[float]:
        """Seconds after which this delivery happens, one for each time that it happens."""
        for plan in self._plans:
            found = plan.take() if plan.when(rule, event) else None
            if found is not None:
                return found
        for weather in self._weather:
            if weather.when(rule, event):
                return weather.delays(chance)
        return ONCE
