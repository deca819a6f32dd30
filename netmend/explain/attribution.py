"""Which permissions together open a port, found by asking the engine about subsets of them.

Openness itself is decided by `rules.netlib.exposure` alone, for the whole as for each subset.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rules.netlib.addresses import FAMILIES, sizes
from rules.netlib.exposure import Segment, Sources, Violation, segments, suspects, violations
from rules.netlib.permissions import Permission
from rules.netlib.policy import Policy, Ports, Range, union

Key = tuple[str, int, tuple[Permission, ...]]


class Opening(NamedTuple):
    """Guarded ports that `addresses` public addresses of one family reach.

    traffic: the ports by protocol. permissions: those that open them together, widest first. With
    all of these gone no such port is open to the family, and these alone leave each of them open.
    """

    traffic: tuple[tuple[str, tuple[Range, ...]], ...]
    family: str
    addresses: int
    permissions: tuple[Permission, ...]


def openings(ingress: Iterable[Permission], sources: Sources, policy: Policy) -> list[Opening]:
    """The open guarded ports, those together that the same permissions open."""
    # A file may tell the same rule twice, EC2 holds it once.
    once = list({p[:6]: p for p in reversed(list(ingress))}.values())[::-1]
    found = violations(once, sources, policy)
    ports: dict[Key, dict[str, list[Range]]] = {}
    for segment in segments(suspects(once, policy.guarded), policy.guarded) if found else ():
        for violation in found:
            if _is_of(segment, violation):
                who = _together(segment, violation, sources, policy)
                traffic = ports.setdefault((violation.family, violation.addresses, who), {})
                traffic.setdefault(segment.protocol, []).append((segment.low, segment.high))
    return [
        Opening(tuple((name, union(ranges)) for name, ranges in traffic.items()), *key)
        for key, traffic in ports.items()
    ]


def _is_of(segment: Segment, violation: Violation) -> bool:
    return segment.protocol == violation.protocol and any(
        low <= segment.low <= high for low, high in violation.ports
    )


def _together(
    segment: Segment, violation: Violation, sources: Sources, policy: Policy
) -> tuple[Permission, ...]:
    """Those that have to go, and with them the fewest others without which they would be few."""
    none: tuple[Range, ...] = ()
    only = Ports(none, none)._replace(**{segment.protocol: ((segment.low, segment.high),)})
    here = policy._replace(guarded=only)

    def is_open(some: Sequence[Permission]) -> bool:
        return any(v.family == violation.family for v in violations(some, sources, here))

    def width(permission: Permission) -> int:
        return sizes(sources.public(permission.origin))[FAMILIES.index(violation.family)]

    order = sorted(segment.reached_by, key=width, reverse=True)
    going = [p for p in order if p.kind != "group" and p.source in violation.sources]
    others = [p for p in order if p not in going and width(p)]
    added: list[Permission] = []
    while not is_open([*going, *added]):
        added.append(others[len(added)])
    for one in list(added):
        fewer = [p for p in added if p is not one]
        if is_open([*going, *fewer]):
            added = fewer
    named = {*going, *added}
    return tuple(p for p in order if p in named)
