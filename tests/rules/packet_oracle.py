"""What a group lets through, packet by packet; knows nothing of the engine that it judges."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from tests.rules.ec2_group import Rule

NOT_PUBLIC = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "::ffff:0:0/96",
    "64:ff9b:1::/48",
    "100::/64",
    "100:0:0:1::/64",
    "2001::/23",
    "2001:db8::/32",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
]
PUBLIC_ALL_THE_SAME = [
    "192.0.0.9/32",
    "192.0.0.10/32",
    "2001::/32",
    "2001:1::1/128",
    "2001:1::2/128",
    "2001:1::3/128",
    "2001:3::/32",
    "2001:4:112::/48",
    "2001:20::/28",
    "2001:30::/28",
]
PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"]


class Span(NamedTuple):
    version: int
    first: int
    last: int

    def holds(self, version: int, address: int) -> bool:
        return self.version == version and self.first <= address <= self.last


@cache
def span(cidr: str) -> Span:
    network = ipaddress.ip_network(cidr)
    return Span(network.version, int(network[0]), int(network[-1]))


SPECIAL = [span(cidr) for cidr in NOT_PUBLIC]
EXCEPTED = [span(cidr) for cidr in PUBLIC_ALL_THE_SAME]


@cache
def is_public(version: int, address: int) -> bool:
    return any(one.holds(version, address) for one in EXCEPTED) or not any(
        one.holds(version, address) for one in SPECIAL
    )


class World:
    """Some rules, with the entries of prefix lists, and more blocks whose edges matter."""

    def __init__(
        self, rules: Iterable[Rule], lists: dict[str, list[str]], blocks: Iterable[str] = ()
    ) -> None:
        self.rules = list(rules)
        self.lists = lists
        self.spans = [self.spans_of(rule.source) for rule in self.rules]
        edges = {
            (s.version, edge)
            for cidr in (*PRIVATE, *blocks)
            for s in [span(cidr)]
            for edge in (s.first, s.last + 1)
        }
        edges |= {
            (s.version, edge) for s in (*SPECIAL, *EXCEPTED) for edge in (s.first, s.last + 1)
        }
        edges |= {
            (s.version, edge)
            for spans in self.spans
            for s in spans
            for edge in (s.first, s.last + 1)
        }
        self.edges = sorted((v, e) for v, e in edges if e < 2 ** (32 if v == 4 else 128))

    def spans_of(self, source: str) -> list[Span]:
        if source.startswith("sg-"):
            return []
        return [span(cidr) for cidr in self.lists.get(source, [source])]

    def addresses(self) -> list[tuple[int, int]]:
        """Every edge, and the address before it."""
        found = {(v, e + step) for v, e in self.edges for step in (-1, 0)}
        return sorted((v, a) for v, a in found if a >= 0)

    def ports(self, more: Iterable[int]) -> list[int]:
        """Every edge of a port range, and its neighbours."""
        edges = {0, 65535, *more}
        for rule in self.rules:
            edges |= {rule.low or 0, 65535 if rule.high is None else rule.high}
        return sorted(p for p in {e + s for e in edges for s in (-1, 0, 1)} if 0 <= p <= 65535)

    def sources_mask(self, version: int, address: int) -> int:
        """A bit for each rule whose source holds the address."""
        return sum(
            1 << number
            for number, spans in enumerate(self.spans)
            if any(one.holds(version, address) for one in spans)
        )

    def rules_mask(self, protocol: str, port: int) -> int:
        """A bit for each rule that a packet of a protocol to a port matches (port: ICMP type)."""
        return sum(1 << n for n, rule in enumerate(self.rules) if matches(rule, protocol, port))

    def public_counts(
        self, protocol: str, port: int, rules: Sequence[bool] | None = None
    ) -> dict[int, int]:
        """How many public addresses of each version reach a port, cell by cell between edges."""
        mask = self.rules_mask(protocol, port)
        if rules is not None:
            mask &= sum(1 << n for n, wanted in enumerate(rules) if wanted)
        counts = {4: 0, 6: 0}
        for (version, first), width, sources in self.cells():
            if sources & mask and is_public(version, first):
                counts[version] += width
        return counts

    def cells(self) -> list[tuple[tuple[int, int], int, int]]:
        if not hasattr(self, "_cells"):
            self._cells = []
            for number, (version, first) in enumerate(self.edges):
                end = 2 ** (32 if version == 4 else 128)
                if number + 1 < len(self.edges) and self.edges[number + 1][0] == version:
                    end = self.edges[number + 1][1]
                self._cells.append(
                    ((version, first), end - first, self.sources_mask(version, first))
                )
        return self._cells


def matches(rule: Rule, protocol: str, port: int) -> bool:
    if rule.protocol == "-1":
        return True
    if rule.protocol != protocol:
        return False
    if protocol in ("tcp", "udp"):
        return rule.low <= port <= rule.high
    return rule.low in (None, -1, port)
