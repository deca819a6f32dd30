"""What a plan takes away, adds and keeps becomes rows of a table, whatever the plan holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from netmend.audit.text import at, items, text, texts
from rules.netlib.plan import LISTS, RULE_FIELDS

RULES: Final = ("Protocol", "Ports", "Sources", "Description", "Rule ids")
MOST_COLUMNS: Final = 6
MOST_IDS: Final = 6
SOURCES: Final = (*((name,) for name in RULE_FIELDS.values()), ("ReferencedGroupInfo", "GroupId"))


class Table(NamedTuple):
    """Rows of text under named columns. size: rules in it, of which several may share a row."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    size: int = 0


class Changes(NamedTuple):
    """A plan as before and after: what goes, what comes, what stays.

    gone_told, added_told: whether it is AWS's word of what was done, or the plan's.
    """

    gone: Table
    added: Table
    kept: Table
    gone_told: bool = False
    added_told: bool = False


class Atom(NamedTuple):
    """One rule of a security group: one protocol, port range and source."""

    protocol: str
    ports: str
    source: str
    description: str
    rule_id: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.protocol, self.ports, self.source


def changes(plan: Any, ended: Any) -> Changes:
    """The tables of a plan; ended: the outcome, with what AWS said of it and what was read last."""
    removed, came, after = (at(ended, name) for name in ("removed", "added", "after"))
    gone_told, added_told = isinstance(removed, list), isinstance(came, list)
    gone = removed if isinstance(removed, list) else items(plan, "before")
    left = after if isinstance(after, list) else items(plan, "after")
    if not _are_rules([*gone, *left, *items(ended, "added")]):
        added = items(ended, "added") if added_told else items(plan, "calls")
        return Changes(_plain(gone), _plain(added), _plain(left), gone_told, added_told)
    new = list(_atoms(items(ended, "added") if added_told else _planned(plan)))
    keys = {atom.key for atom in new}
    kept = [atom for atom in _atoms(left) if atom.key not in keys]
    return Changes(_table(_atoms(gone)), _table(new), _table(kept), gone_told, added_told)


def _planned(plan: Any) -> Iterator[Any]:
    for call in items(plan, "calls"):
        if text(call, "op").startswith("Authorize"):
            yield from items(call, "IpPermissions")


READABLE: Final = 10**13
"""From here on a number of addresses is told by its size."""

EXPOSURE: Final = ("Protocol", "Ports", "Open to", "Addresses")


def exposure(violations: Sequence[Any]) -> Table:
    """What was open, and to how many addresses."""
    if not all(at(one, "protocol") and at(one, "sources") for one in violations):
        return _plain(violations)
    rows = (
        (
            text(one, "protocol"),
            ", ".join(texts(one, "ports")),
            ", ".join(texts(one, "sources")),
            _number(at(one, "addresses")),
        )
        for one in violations
    )
    return Table(EXPOSURE, tuple(rows), len(violations))


def _number(said: Any) -> str:
    if type(said) is not int:
        return text({"": said}, "")
    if said < READABLE:
        return f"{said:,}"
    head, _, power = f"{Decimal(said):.1e}".partition("e+")
    return f"{head} × 10^{int(power)}"  # noqa: RUF001 - a multiplication sign is meant


def _are_rules(found: Iterable[Any]) -> bool:
    return all(isinstance(one, Mapping) and "IpProtocol" in one for one in found)


def _atoms(found: Iterable[Any]) -> Iterator[Atom]:
    """Of IpPermissions, and of elements of DescribeSecurityGroupRules."""
    for one in found:
        protocol = "all" if text(one, "IpProtocol") == "-1" else text(one, "IpProtocol")
        ports = _ports(one)
        for name, key in LISTS.values():
            for entry in items(one, name):
                yield Atom(protocol, ports, text(entry, key), text(entry, "Description"))
        source = next((text(one, *path) for path in SOURCES if at(one, *path)), "")
        if source:
            described = text(one, "Description")
            yield Atom(protocol, ports, source, described, text(one, "SecurityGroupRuleId"))


def _ports(one: Any) -> str:
    low, high = text(one, "FromPort"), text(one, "ToPort")
    if low in ("", "-1"):
        return "all"
    return low if low == high else f"{low}-{high}"


def _table(found: Iterable[Atom]) -> Table:
    """One row for each protocol, set of sources and description, its ports in order."""
    by_ports: dict[tuple[str, str, str], dict[str, str]] = {}
    size = 0
    for atom in found:
        size += 1
        sources = by_ports.setdefault((atom.protocol, atom.ports, atom.description), {})
        sources[atom.source] = atom.rule_id
    rows: dict[tuple[str, tuple[str, ...], str], tuple[list[str], list[str]]] = {}
    for (protocol, ports, description), sources in by_ports.items():
        row = rows.setdefault((protocol, tuple(sources), description), ([], []))
        row[0].append(ports)
        row[1].extend(filter(None, sources.values()))
    return Table(
        RULES,
        tuple(
            (protocol, ", ".join(ports), ", ".join(sources), description, _ids(ids))
            for (protocol, sources, description), (ports, ids) in rows.items()
        ),
        size,
    )


def _ids(found: list[str]) -> str:
    more = len(found) - MOST_IDS
    return ", ".join(found[:MOST_IDS]) + (f" and {more} more, in the record" if more > 0 else "")


def _plain(found: Iterable[Any]) -> Table:
    """Elements that are no rules of security groups, by their own names."""
    whole = list(found)
    columns = list(dict.fromkeys(k for one in whole if isinstance(one, Mapping) for k in one))
    if not columns or len(columns) > MOST_COLUMNS:
        return Table(("As recorded",), tuple((text({"": one}, ""),) for one in whole), len(whole))
    return Table(
        tuple(columns), tuple(tuple(text(one, c) for c in columns) for one in whole), len(whole)
    )
