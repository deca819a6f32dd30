"""Whether a group is open, counted address block by address block; shares no code with the engine.

Only Python's `ipaddress` is used, with the two IANA registries as the packet oracle of the tests
has them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from benchmarks.groups import Rule
from tests.rules.packet_oracle import NOT_PUBLIC, PUBLIC_ALL_THE_SAME

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Count = tuple[str, int, str, int]
"""Protocol, port, family, and how many public addresses of it reach that port."""

PORTS: Final = 65536
LIMITS: Final = {4: 2**22, 6: 2**96 + 1}
"""The rule's defaults: an IPv4 /10, more than an IPv6 /32."""


def open_ports(rules: Iterable[Rule], guarded: Iterable[tuple[str, int, int]]) -> set[Count]:
    """The first port of each run of guarded ports that the same rules reach, if it is open."""
    known = [rule for rule in rules if not rule[3].startswith("sg-")]
    found = set()
    for protocol, port in first_ports(known, guarded):
        sources = frozenset(rule[3] for rule in known if reaches(rule, protocol, port))
        for version, count in public_counts(sources).items():
            if count >= LIMITS[version]:
                found.add((protocol, port, f"IPv{version}", count))
    return found


def first_ports(
    rules: Iterable[Rule], guarded: Iterable[tuple[str, int, int]]
) -> Iterator[tuple[str, int]]:
    edges = {edge for _, low, high, _ in rules for edge in (low or 0, (high or PORTS) + 1)}
    for protocol, low, high in guarded:
        yield protocol, low
        yield from ((protocol, edge) for edge in edges if low < edge <= high)


def reaches(rule: Rule, protocol: str, port: int) -> bool:
    named, low, high, _ = rule
    if named == "-1":
        return True
    return named == protocol and low is not None and high is not None and low <= port <= high


@cache
def public_counts(sources: frozenset[str]) -> dict[int, int]:
    """Public addresses of each version in the union of some blocks."""
    counts = {4: 0, 6: 0}
    for version in counts:
        networks = [n for n in map(network, sources) if n.version == version]
        for block in ipaddress.collapse_addresses(networks):
            counts[version] += public_size(block)
    return counts


@cache
def public_size(block: Network) -> int:
    special = sum(within(block, one) for one in NOT_PUBLIC)
    return block.num_addresses - special + sum(within(block, one) for one in PUBLIC_ALL_THE_SAME)


def within(block: Network, other: str) -> int:
    """How many addresses two blocks share: of two, one holds the other, or they share none."""
    one = network(other)
    if one.version != block.version or not block.overlaps(one):
        return 0
    return min(block.num_addresses, one.num_addresses)


@cache
def network(cidr: str) -> Network:
    return ipaddress.ip_network(cidr)
