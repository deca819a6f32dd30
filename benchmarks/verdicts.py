"""The adapter and the engine on configuration items, beside json.loads of the same items."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from statistics import median
from typing import Any, NamedTuple

from benchmarks.figures import CPU, Figure, quiet_heap
from benchmarks.groups import Item, items
from benchmarks.truth import Count, open_ports
from rules.netlib.policy import Policy
from rules.SECURITY_GROUP_NO_PUBLIC_INGRESS.SECURITY_GROUP_NO_PUBLIC_INGRESS import (
    SECURITY_GROUP_NO_PUBLIC_INGRESS,
)

SEED = 20260301
ROUNDS = 7
GROUPS = 1200
TOGETHER = 20  # items that are judged one after the other between two looks at the clock
ENGINE_LIMIT = 0.5
WHOLE_LIMIT = 1.0
RULE = SECURITY_GROUP_NO_PUBLIC_INGRESS()


class WrongVerdictError(AssertionError):
    """The engine and the independent count disagree: no speed makes up for that."""


class Spent(NamedTuple):
    """CPU seconds of one round."""

    loads: float
    adapter: float
    engine: float


def figures() -> list[Figure]:
    params = RULE.parameters({})
    with quiet_heap():
        rounds = [one_round(items(GROUPS, SEED + number), params) for number in range(ROUNDS)]
    engine = median(spent.engine / spent.loads for spent in rounds)
    whole = median((spent.adapter + spent.engine) / spent.loads for spent in rounds)
    each = [1e6 * median(column) / GROUPS for column in zip(*rounds, strict=True)]
    unit = "of json.loads of the item"
    return [
        Figure("verdict on a group", engine, ENGINE_LIMIT, unit, f"{each[2]:.1f} us"),
        Figure(
            "item to verdict",
            whole,
            WHOLE_LIMIT,
            unit,
            f"{each[1] + each[2]:.1f} us, json.loads {each[0]:.1f} us",
        ),
    ]


def one_round(told: list[Item], params: Policy) -> Spent:
    """Items that nobody has seen before, so that no cache knows their addresses."""
    found: list[Any] = []
    with quiet_heap():
        spent = [timed(some, params, found) for some in together(told)]
    for item, violations in zip(told, found, strict=True):
        check(item, violations, params)
    return Spent(*map(sum, zip(*spent, strict=True)))


def timed(some: list[Item], params: Policy, found: list[Any]) -> Spent:
    """A few items; what json.loads makes is also given back in its own time."""
    texts = [item.text.encode() for item in some]
    began = CPU()
    parsed = [json.loads(text) for text in texts]
    read = CPU()
    groups = [RULE.from_item(item) for item in parsed]
    adapted = CPU()
    found += [RULE.violations(group, {}, params) for group in groups]
    judged = CPU()
    del parsed
    return Spent(read - began + CPU() - judged, adapted - read, judged - adapted)


def together(told: list[Item]) -> Iterator[list[Item]]:
    return (told[start : start + TOGETHER] for start in range(0, len(told), TOGETHER))


def check(item: Item, violations: Iterable[Any], params: Policy) -> None:
    """Raises WrongVerdictError: each open port with its count, or none, as the plain count has."""
    guarded = [
        (protocol, low, high)
        for protocol, ranges in params.guarded._asdict().items()
        for low, high in ranges
    ]
    true = open_ports(item.rules, guarded)
    told = list(violations)
    seen = {(p, port, family, count) for p, port, family, count in true if covers(told, p, port)}
    if bool(true) != item.is_open or bool(told) != item.is_open or counted(told, true) != seen:
        raise WrongVerdictError(f"{item.rules}: {told}, but {sorted(true)} is open")
    if seen != true:
        raise WrongVerdictError(f"{item.rules}: {sorted(true - seen)} is open as well")


def covers(violations: Iterable[Any], protocol: str, port: int) -> bool:
    return any(
        v.protocol == protocol and any(low <= port <= high for low, high in v.ports)
        for v in violations
    )


def counted(violations: Iterable[Any], true: Iterable[Count]) -> set[Count]:
    """What the engine says of the same ports."""
    points = {(protocol, port) for protocol, port, _, _ in true}
    return {
        (protocol, port, v.family, v.addresses)
        for v in violations
        for protocol, port in points
        if v.protocol == protocol and any(low <= port <= high for low, high in v.ports)
    }
