"""What is open, and to whom, in the words of a network engineer."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from rules.netlib.exposure import Violation
from rules.netlib.permissions import PORTED
from rules.netlib.plan import AUTHORIZE, LISTS, RULE_FIELDS, Plan
from rules.netlib.policy import port_text

LONGEST: Final = 256
"""Characters of a Config annotation."""

NAMED: Final = 3
"""So many sources are named; further ones are counted."""


def annotation(violations: Iterable[Violation]) -> str:
    """`open to 0.0.0.0/0: tcp/22,3389, udp/3389; open to ::/0: tcp/22`, cut at 256 characters."""
    by_sources: dict[tuple[str, ...], list[str]] = {}
    for v in violations:
        ports = ",".join(port_text(*one) for one in v.ports)
        by_sources.setdefault(v.sources, []).append(f"{v.protocol}/{ports}")
    text = "; ".join(f"open to {named(who)}: {', '.join(what)}" for who, what in by_sources.items())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def named(sources: tuple[str, ...]) -> str:
    """The first sources by name, the rest by number."""
    more = len(sources) - NAMED
    return ", ".join(sources[:NAMED]) + (f" and {more} more" if more > 0 else "")


def counted(number: int, thing: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def permission_lines(permissions: Iterable[Mapping[str, Any]]) -> list[str]:
    """`tcp 0-21, 24-65535 from 0.0.0.0/0`: a line for each protocol and set of sources.

    permissions: IpPermissions as EC2 takes them. Descriptions, which are users' text, are left out.
    """
    lines: dict[tuple[str, str], list[str]] = {}
    for one in permissions:
        sources = ", ".join(e[key] for name, key in LISTS.values() for e in one.get(name) or ())
        lines.setdefault((one["IpProtocol"], sources), []).append(_ports(one))
    return [_line(protocol, ports, sources) for (protocol, sources), ports in lines.items()]


def change_lines(plan: Plan) -> list[str]:
    """What a plan adds (+) and takes away (-), in the order of its calls."""
    added = [p for call in plan.calls if call.op == AUTHORIZE for p in call.params["IpPermissions"]]
    gone = [_line(r["IpProtocol"], [_ports(r)], _source(r)) for r in plan.before]
    return [*(f"+ {line}" for line in permission_lines(added)), *(f"- {line}" for line in gone)]


def _line(protocol: str, ports: list[str], sources: str) -> str:
    name = "all protocols" if protocol == "-1" else protocol
    return f"{name} {', '.join(filter(None, ports))}".rstrip() + f" from {sources}"


def _ports(one: Mapping[str, Any]) -> str:
    low, high = one.get("FromPort"), one.get("ToPort")
    if one["IpProtocol"] not in PORTED or low is None:
        return ""
    return str(low) if low == high else f"{low}-{high}"


def _source(rule: Mapping[str, Any]) -> str:
    return str(next(rule[field] for field in RULE_FIELDS.values() if rule.get(field)))
