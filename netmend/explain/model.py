"""One explanation is one resource under one rule; text, Markdown and JSON all tell this."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

SCHEMA_VERSION: Final = 1
COMPLIANT: Final = "COMPLIANT"
NON_COMPLIANT: Final = "NON_COMPLIANT"
NOT_APPLICABLE: Final = "NOT_APPLICABLE"


@dataclass(frozen=True)
class Permission:
    """One permission: rule_id (None in files), and what it lets in: `tcp 22 from 0.0.0.0/0`.

    addresses: how many public ones, with their share of all in words. why: it does not count.
    """

    rule_id: str | None
    lets_in: str
    addresses: int = 0
    share: str = ""
    why: str = ""


@dataclass(frozen=True)
class Traffic:
    """Ports of one protocol: `22`, `5900-5910`."""

    protocol: str
    ports: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.protocol} {', '.join(self.ports)}"


@dataclass(frozen=True)
class Opening:
    """Open guarded ports, and the permissions that open them together, widest first.

    threshold: from how many addresses on a port is public, as number and in words.
    """

    traffic: tuple[Traffic, ...]
    family: str
    addresses: int
    share: str
    limit: int
    threshold: str
    permissions: tuple[Permission, ...]


@dataclass(frozen=True)
class Mend:
    """What Netmend would do: decision MEND, APPROVE or HELD, and what that means to people.

    changes: `+` and `-` lines in the order of calls. calls: as EC2 takes them. after: what is let
    in afterwards, None where the resource is none that lets in. lost: what stops working.
    """

    decision: str
    meaning: str
    changes: tuple[str, ...]
    calls: tuple[dict[str, Any], ...]
    after: tuple[str, ...] | None
    lost: tuple[str, ...]


def arguments(call: dict[str, Any]) -> str:
    """The arguments of a call as JSON, without its empty lists."""
    return json.dumps(_full({name: value for name, value in call.items() if name != "op"}))


def _full(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _full(one) for name, one in value.items() if one != []}
    return [_full(one) for one in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Context:
    """Where resource and parameters come from.

    read: file and line, or the live API with the time. whose: of the parameters: `defaults`,
    `given by --parameters`, `of the event`, or `of the deployed rule NAME`. notes: further things
    to know, by heading, such as what AWS Config says.
    """

    read: str
    whose: str
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Explanation:
    """Everything that is told of one resource under one rule.

    because: why there is no verdict of the rule, or its own words where there is no attribution.
    """

    resource: str
    name: str
    rule: str
    statement: str
    compliance: str
    parameters: dict[str, str]
    context: Context
    because: str = ""
    openings: tuple[Opening, ...] = ()
    harmless: tuple[Permission, ...] = ()
    mend: Mend | None = None

    def to_json(self) -> dict[str, Any]:
        """Everything as JSON types; numbers of IPv6 addresses are larger than a double holds."""
        told = asdict(self)
        context = told.pop("context")
        given = {"whose": context["whose"], "values": told.pop("parameters")}
        notes = dict(self.context.notes)
        return {**told, "read": context["read"], "parameters": given, "notes": notes}
