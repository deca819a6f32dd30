"""A guarded port is exposed by the union of all sources that reach it, and by nothing less.

Public addresses are counted for each elementary run of ports (all ports of a run are reached by the
same rules), once for each distinct set of sources, so that wide guards and wide rules cost nothing.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, groupby, pairwise
from operator import itemgetter
from typing import Any, Final, NamedTuple

from rules.netlib.addresses import (
    FAMILIES,
    Intervals,
    Sizes,
    block,
    merge,
    sizes,
    subtract,
)
from rules.netlib.errors import FactUnreadable, Malformed
from rules.netlib.permissions import ALL, Permission
from rules.netlib.policy import (
    LAST_PORT,
    Policy,
    Ports,
    Range,
    narrow_ends,
    port_text,
    union,
)
from rules.netlib.special import addresses, public, public_block

_new: Final = tuple.__new__  # a NamedTuple's own constructor takes three times as long
NO_PORTS: Final = Ports((), ())
PROTOCOL_AND_PORTS: Final = itemgetter(slice(1, 4))
Source = tuple[str, str]
"""The kind and text of a permission's source: one block that stays or goes as a whole."""


Exposed = tuple[str, int, tuple[str, ...]]
"""A family, how many of its public addresses get in, and the sources that have to go."""


class Violation(NamedTuple):
    """Ports of one protocol that `addresses` public addresses of one family reach.

    `sources` are those that have to go, as CIDRs and prefix-list ids.
    """

    protocol: str
    ports: tuple[Range, ...]
    family: str
    addresses: int
    sources: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The same with ports as text."""
        return {**self._asdict(), "ports": [port_text(*ports) for ports in self.ports]}


class Segment(NamedTuple):
    """A run of guarded ports that the same permissions reach, every one of them whole."""

    protocol: str
    low: int
    high: int
    reached_by: tuple[Permission, ...]
    sources: frozenset[Source]


class PrefixList(NamedTuple):
    """What the facts say of a list; `weight` is what it counts for in the quota of each family."""

    addresses: Intervals
    weight: Sizes


class Sources:
    """The addresses of each source of a group, prefix lists expanded from the facts.

    Every list that the group names has to be in the facts: raises FactUnreadable.
    """

    def __init__(self, ingress: Iterable[Permission], facts: Mapping[str, Any]) -> None:
        names = [p[5] for p in ingress if p[4] == "prefix-list"]
        self.lists = {name: prefix_list(name, facts) for name in names} if names else {}
        self._public: dict[str, Intervals] = {}

    def addresses(self, source: Source) -> Intervals:
        """All addresses of a source; none of a group's."""
        kind, text = source
        if kind == "prefix-list":
            return self.lists[text].addresses
        return () if kind == "group" else block(text).addresses

    def public(self, source: Source) -> Intervals:
        """The public ones."""
        kind, text = source
        if kind in ("ipv4", "ipv6"):
            return public_block(text)
        if text not in self._public:
            self._public[text] = public(self.addresses(source))
        return self._public[text]


def prefix_list(name: str, facts: Mapping[str, Any]) -> PrefixList:
    """A list of facts["prefix_lists"]: CIDRs, or `entries`, `max_entries`, `address_family`."""
    known = facts.get("prefix_lists")
    raw = known.get(name) if isinstance(known, Mapping) else None
    told = raw if isinstance(raw, Mapping) else {"entries": raw}
    entries, limit = told.get("entries"), told.get("max_entries") or 0
    family = told.get("address_family")
    if not isinstance(entries, list) or type(limit) is not int or family not in (None, *FAMILIES):
        raise FactUnreadable("prefix_lists", name)
    try:
        found = addresses(*entries)
    except Malformed as error:
        raise FactUnreadable("prefix_lists", name, f"is malformed: {error}") from None
    count = max(limit, len(entries))
    holds = [
        family in (None, name) and (n > 0 or not found or family is not None)
        for name, n in zip(FAMILIES, sizes(found), strict=True)
    ]
    return PrefixList(found, (count * holds[0], count * holds[1]))


class Judgement(NamedTuple):
    """Public addresses of each family (0 where surely few), and the sources that have to go."""

    public: Sizes
    offenders: frozenset[Source]


class Exposure:
    """Judges any of some permissions together, each set of sources once."""

    def __init__(self, permissions: Iterable[Permission], sources: Sources, limits: Sizes) -> None:
        self.limits = limits
        self._public = {p.origin: sources.public(p.origin) for p in permissions}
        self._counts = {source: sizes(found) for source, found in self._public.items()}
        self._ranks = [self._ranked(family) for family in range(len(FAMILIES))]
        self._judged: dict[frozenset[Source], Judgement] = {}

    def _ranked(self, family: int) -> dict[Source, int]:
        """The sources with public addresses of a family, numbered widest first."""
        order = sorted((-count[family], source) for source, count in self._counts.items())
        return {source: number for number, (count, source) in enumerate(order) if count}

    def widest_first(self, together: Iterable[Source], family: int) -> list[Source]:
        """Those of them with public addresses of a family, by how many they are."""
        rank = self._ranks[family]
        return sorted((source for source in together if source in rank), key=rank.__getitem__)

    def judge(self, together: frozenset[Source]) -> Judgement:
        """What these sources let in together, and which of them have to go."""
        if together not in self._judged:
            self._judged[together] = self._judge(together)
        return self._judged[together]

    def exposed(self, together: frozenset[Source]) -> list[Exposed]:
        """What they let in of each family in which that is too much."""
        judged = self.judge(together)
        return [
            (name, judged.public[n], tuple(s[1] for s in self.widest_first(judged.offenders, n)))
            for n, name in enumerate(FAMILIES)
            if judged.public[n] >= self.limits[n]
        ]

    def _judge(self, together: frozenset[Source]) -> Judgement:
        counts = [self._counts[source] for source in together]
        apart = sum([count[0] for count in counts]), sum([count[1] for count in counts])
        if apart[0] < self.limits[0] and apart[1] < self.limits[1]:
            return Judgement((0, 0), frozenset())  # too few even if no two overlap
        public = sizes(self._union(together))
        gone: frozenset[Source] = frozenset()
        for family, limit in enumerate(self.limits):
            if public[family] >= limit:
                gone |= self._widest(family, together - gone, overlap=public != apart)
        return Judgement(public, gone)

    def _union(self, together: Iterable[Source]) -> Intervals:
        return merge([interval for source in together for interval in self._public[source]])

    def _widest(
        self, family: int, together: frozenset[Source], *, overlap: bool
    ) -> frozenset[Source]:
        """Those that have to go for one family: widest first, until the rest is below the limit."""
        order = self.widest_first(together, family)
        limit = self.limits[family]
        narrower = accumulate(self._counts[source][family] for source in reversed(order))
        count = len(order) - sum(1 for total in narrower if total < limit)
        if not overlap or self._counts[order[count - 1]][family] >= limit:
            return frozenset(order[:count])  # the last of them is too much even alone

        def is_enough(count: int) -> bool:
            return sizes(self._union(order[count:]))[family] < limit

        count = bisect_left(range(count), True, key=is_enough)
        return self._without_restored(family, order[:count], self._union(order[count:]))

    def _without_restored(
        self, family: int, removed: list[Source], rest: Intervals
    ) -> frozenset[Source]:
        """`removed`, but for what may stay after all since narrower ones that went overlap it."""
        total, going = sizes(rest)[family], set(removed)
        for source in reversed(removed[:-1]):
            if self._counts[source][family] >= self.limits[family]:
                continue
            more = subtract(self._public[source], rest)
            if total + sizes(more)[family] < self.limits[family]:
                total += sizes(more)[family]
                rest = merge([*rest, *more])
                going.discard(source)
        return frozenset(going)


def suspects(ingress: Iterable[Permission], guarded: Ports) -> list[Permission]:
    """The permissions that reach a guarded port."""
    alike = groupby(ingress, PROTOCOL_AND_PORTS)
    return [p for head, those in alike if guarded.touches(*head) for p in those]


def wide(ingress: tuple[Permission, ...], limits: Sizes) -> list[Permission]:
    """Those without which no limit is exceeded, as all others together have too few addresses."""
    narrow = narrow_ends(limits, len(ingress).bit_length())  # 2**bits is more than they are
    # By index, as no line of the engine is run more often.
    return [p for p in ingress if p[5][-4:] not in narrow and p[4] != "group"]


def contested(ingress: tuple[Permission, ...], sources: Sources, policy: Policy) -> Ports:
    """The guarded ranges that a wide public source reaches: no other port can be exposed."""
    guarded = policy.guarded
    reaching = [
        p
        for p in wide(ingress, policy.limits)
        if (p[4] == "prefix-list" or public_block(p[5])) and guarded.touches(*p[1:4])
    ]
    if not reaching or not any(sources.public(p.origin) for p in reaching):
        return NO_PORTS
    return Ports(_reached(reaching, "tcp", guarded.tcp), _reached(reaching, "udp", guarded.udp))


def _reached(
    permissions: Iterable[Permission], protocol: str, ranges: tuple[Range, ...]
) -> tuple[Range, ...]:
    spans = [_span(p) for p in permissions if p.protocol in (protocol, ALL)]
    return tuple([r for r in ranges if any(low <= r[1] and r[0] <= high for low, high in spans)])


def segments(reaching: Iterable[Permission], guarded: Ports) -> Iterator[Segment]:
    """The guarded ports that any of these permissions reaches, cut where one begins or ends."""
    for protocol, ranges in guarded._asdict().items():
        spans = [(*_span(p), p) for p in reaching if p.protocol in (protocol, ALL)]
        sets: dict[tuple[int, ...], tuple[tuple[Permission, ...], frozenset[Source]]] = {}
        for start, end in ranges:
            inside = [n for n, (low, high, _) in enumerate(spans) if low <= end and start <= high]
            cuts = (start, end + 1)
            if start < end:
                edges = {spans[n][0] for n in inside} | {spans[n][1] + 1 for n in inside}
                cuts = (start, *sorted([e for e in edges if start < e <= end]), end + 1)
            for low, after in pairwise(cuts):
                which = tuple([n for n in inside if spans[n][0] <= low <= spans[n][1]])
                if which not in sets:
                    reached_by = tuple([spans[n][2] for n in which])
                    sets[which] = reached_by, frozenset([p.origin for p in reached_by])
                if which:
                    yield _new(Segment, (protocol, low, after - 1, *sets[which]))


def _span(permission: Permission) -> Range:
    if permission.from_port is None or permission.to_port is None:
        return 0, LAST_PORT
    return permission.from_port, permission.to_port


def violations(ingress: Iterable[Permission], sources: Sources, policy: Policy) -> list[Violation]:
    """The exposed guarded ports, together where the same sources of one protocol reach them."""
    ingress = tuple(ingress)
    guarded = contested(ingress, sources, policy)
    if guarded is NO_PORTS:
        return []
    reaching = suspects(ingress, guarded)
    exposure = Exposure(reaching, sources, policy.limits)
    alike: dict[tuple[str, frozenset[Source]], list[Range]] = {}
    for protocol, low, high, _, together in segments(reaching, guarded):
        alike.setdefault((protocol, together), []).append((low, high))
    found: dict[tuple[str, Exposed], list[Range]] = {}
    for (protocol, together), ports in alike.items():
        for exposed in exposure.exposed(together):
            found.setdefault((protocol, exposed), []).extend(ports)
    return [
        Violation(protocol, union(ports), family, count, names)
        for (protocol, (family, count, names)), ports in found.items()
    ]
