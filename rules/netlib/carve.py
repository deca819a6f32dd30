"""A permission that has to go leaves its traffic that may stay behind, in the fewest rules."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from rules.netlib.addresses import IPV6, Intervals, block, cidrs, intersect, merge, subtract
from rules.netlib.exposure import Exposure, Sources, contested, segments, suspects
from rules.netlib.permissions import ALL, PORTED, Permission
from rules.netlib.policy import LAST_PORT, Policy, Range, holes, union

Cut = dict[str, list[Range]]
"""By protocol ("tcp", "udp"): the guarded ports on which a permission's source has to go."""

CIDRS: Final = ("ipv4", "ipv6")
EVERY_TYPE: Final = (-1, -1)


def cuts(
    ingress: tuple[Permission, ...], sources: Sources, policy: Policy
) -> dict[Permission, Cut]:
    """The permissions that have to change, and where."""
    found: defaultdict[Permission, Cut] = defaultdict(lambda: {name: [] for name in PORTED})
    guarded = contested(tuple(ingress), sources, policy)
    reaching = suspects(ingress, guarded)
    exposure = Exposure(reaching, sources, policy.limits)
    for segment in segments(reaching, guarded):
        going = exposure.judge(segment.sources).offenders
        for permission in segment.reached_by:
            if permission.origin in going:
                found[permission][segment.protocol].append((segment.low, segment.high))
    return dict(found)


def remainder(
    permission: Permission, cut: Cut, sources: Sources, keep: Intervals
) -> list[Permission]:
    """What of a permission may stay: its source on other ports, and its kept addresses on all."""
    addresses = sources.addresses(permission.origin)
    kept = [block(cidr) for cidr in cidrs(intersect(addresses, keep))]
    blank = permission._replace(rule_id=None)
    if permission.protocol == ALL:
        left = [blank._replace(kind=b.kind, source=b.text) for b in kept]
        left += [_to(blank, "icmp", EVERY_TYPE)] * any(low < IPV6 for low, _ in addresses)
        left += [_to(blank, "icmpv6", EVERY_TYPE)] * any(low >= IPV6 for low, _ in addresses)
        for protocol in PORTED:
            left += [_to(blank, protocol, r) for r in holes(0, LAST_PORT, cut[protocol])]
        return left
    gone = union(cut[permission.protocol])
    ports_left = holes(*_reach(permission, permission), gone)
    left = [_to(blank, permission.protocol, ports) for ports in ports_left]
    # In one range: the traffic between the ports that go was allowed, and stays.
    span = _to(blank, permission.protocol, (gone[0][0], gone[-1][1]))
    return left + [span._replace(kind=b.kind, source=b.text) for b in kept]


def _to(permission: Permission, protocol: str, ports: Range) -> Permission:
    return permission._replace(protocol=protocol, from_port=ports[0], to_port=ports[1])


def fewest(
    candidates: Iterable[Permission], staying: Iterable[Permission], sources: Sources
) -> list[Permission]:
    """Candidates merged, without any that others let through already."""
    return irredundant(merged(candidates), list(staying), sources)


def merged(permissions: Iterable[Permission]) -> list[Permission]:
    """Rules alike in description and tags joined, by ports and by blocks, until none fit."""
    before, after = -1, list(dict.fromkeys(permissions))
    while len(after) != before:
        before = len(after)
        after = list(_joined_ports(_joined_blocks(after)))
    return after


def _joined_blocks(permissions: Iterable[Permission]) -> Iterator[Permission]:
    alike: dict[Permission, list[str]] = {}
    for p in permissions:
        if p.kind in CIDRS:
            alike.setdefault(p._replace(source=""), []).append(p.source)
        else:
            yield p
    for shape, sources in alike.items():
        together = merge(i for source in sources for i in block(source).addresses)
        yield from (shape._replace(source=cidr) for cidr in cidrs(together))


def _joined_ports(permissions: Iterable[Permission]) -> Iterator[Permission]:
    alike: dict[Permission, list[Range]] = {}
    for p in permissions:
        if p.protocol in PORTED and p.from_port is not None and p.to_port is not None:
            shape = p._replace(from_port=None, to_port=None)
            alike.setdefault(shape, []).append((p.from_port, p.to_port))
        else:
            yield p
    for shape, ranges in alike.items():
        yield from (_to(shape, shape.protocol, ports) for ports in union(ranges))


def irredundant(
    candidates: Iterable[Permission], staying: list[Permission], sources: Sources
) -> list[Permission]:
    """The candidates of which none is let through by the others and what stays.

    The smallest is dropped first, and lists last: what a list's owner adds later keeps its way in.
    """
    left = sorted(candidates, key=lambda p: (p.kind not in CIDRS, _volume(p, sources), rank(p)))
    for candidate in list(left):
        others = [p for p in left if p is not candidate]
        if covered(candidate, [*staying, *others], sources):
            left = others
    return sorted(left, key=rank)


def _volume(permission: Permission, sources: Sources) -> int:
    low, high = _reach(permission, permission)
    every = permission.protocol == ALL
    count = sum(end - start for start, end in sources.addresses(permission.origin))
    return count * (len(PORTED) * (LAST_PORT + 1) if every else high - low + 1)


def rank(permission: Permission) -> tuple[object, ...]:
    """A total order, whatever order AWS answers in."""
    p = permission
    ports = -2 if p.from_port is None else p.from_port, -2 if p.to_port is None else p.to_port
    return p.protocol, ports, p.kind, p.source, p.description or "", p.tags, p.rule_id or ""


def covered(permission: Permission, others: Iterable[Permission], sources: Sources) -> bool:
    """Whether all traffic of a permission is let through by the others together."""
    need = sources.addresses(permission.origin)
    low, high = _reach(permission, permission)
    relevant = [
        (*_reach(other, permission), addresses)
        for other in _matching(permission, others)
        if _overlap(need, addresses := sources.addresses(other.origin))
    ]
    edges = {low, *(first for first, _, _ in relevant), *(last + 1 for _, last, _ in relevant)}
    for edge in sorted(edge for edge in edges if low <= edge <= high):
        there = [addresses for first, last, addresses in relevant if first <= edge <= last]
        if subtract(need, merge(interval for addresses in there for interval in addresses)):
            return False
    return True


def _overlap(one: Intervals, other: Intervals) -> bool:
    """Whether they may have an address in common."""
    return bool(other) and one[0][0] < other[-1][1] and other[0][0] < one[-1][1]


def _matching(permission: Permission, others: Iterable[Permission]) -> list[Permission]:
    """Those whose packets may be the permission's too, by protocol and ports."""
    protocol = permission.protocol
    low, high = _reach(permission, permission)
    alike = [p for p in others if p[1] == protocol or p[1] == ALL]
    if protocol in PORTED:  # by index: each new rule is held against each that stays
        return [p for p in alike if p[2] is None or p[3] is None or (p[2] <= high and low <= p[3])]
    numbers = permission.from_port, permission.to_port
    return [p for p in alike if p[1] == ALL or _is_wider((p.from_port, p.to_port), numbers)]


def _is_wider(types: tuple[int | None, ...], those: tuple[int | None, ...]) -> bool:
    return all(theirs in (-1, ours) for theirs, ours in zip(types, those, strict=True))


def _reach(permission: Permission, as_seen_by: Permission) -> Range:
    """Its ports, or one point where there are no ports to tell apart."""
    if as_seen_by.protocol not in PORTED:
        return 0, 0
    if permission.from_port is None or permission.to_port is None:
        return 0, LAST_PORT
    return permission.from_port, permission.to_port
