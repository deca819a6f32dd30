"""A figure is what was measured, in a unit, beside the limit that it has to hold."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import NamedTuple

CPU = time.process_time
Task = Callable[[], object]


class Figure(NamedTuple):
    """`measured` is at most `limit`, or equal to it if `exact`; `told` is it in plain units."""

    what: str
    measured: float
    limit: float
    unit: str
    told: str
    exact: bool = False

    @property
    def ok(self) -> bool:
        return self.measured == self.limit if self.exact else self.measured <= self.limit


@contextmanager
def quiet_heap() -> Iterator[None]:
    """Garbage is collected as Python does it, but what lives already costs nobody anything."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def cpu(task: Task) -> float:
    """CPU seconds of this process for one run of a task."""
    began = CPU()
    task()
    return CPU() - began


def interleaved(tasks: Iterable[Task], rounds: int) -> list[list[float]]:
    """CPU seconds of each task in each round, neighbours in time, each round in the other order."""
    turns = list(enumerate(tasks))
    spent: list[list[float]] = [[] for _ in turns]
    for _ in range(rounds):
        for number, task in turns:
            spent[number].append(cpu(task))
        turns.reverse()
    return spent


def ratio(ones: Iterable[float], others: Iterable[float]) -> float:
    """The median of the ratios of neighbours: what slows a whole round slows both."""
    return median(one / other for one, other in zip(ones, others, strict=True))


def milliseconds(seconds: Iterable[float]) -> float:
    return 1000 * median(seconds)
