"""A network is described in a JSON file: things by name, in sections; each is checked first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from netmend.errors import UserError, did_you_mean
from netmend.plain_json import loads
from netmend.running import answered, given

DEFAULT: Final = "default"
"""The name of the VPC that every account begins with."""

Section = Mapping[str, Mapping[str, Any]]
Network = Mapping[str, Section]


@dataclass(frozen=True)
class Field:
    """What a field holds; refers: the section of the thing, or things, that it names."""

    kind: type
    needed: bool = False
    refers: str = ""


TEXT: Final = Field(str)
FLAG: Final = Field(bool)
NUMBER: Final = Field(int)
ITEMS: Final = Field(list)
MAP: Final = Field(dict)
VPC: Final = Field(str, refers="vpcs")
SUBNETS: Final = Field(list, refers="subnets")

SECTIONS: Final[dict[str, dict[str, Field]]] = {
    "vpcs": {"cidr": Field(str, True), "dns_support": FLAG, "dns_hostnames": FLAG, "tags": MAP},
    "subnets": {
        "vpc": VPC,
        "cidr": Field(str, True),
        "zone": TEXT,
        "public_ips": FLAG,
        "tags": MAP,
    },
    "internet_gateways": {"vpc": VPC, "tags": MAP},
    "nat_gateways": {"subnet": Field(str, True, "subnets"), "tags": MAP},
    "peerings": {"from": Field(str, True, "vpcs"), "to": Field(str, True, "vpcs"), "tags": MAP},
    "prefix_lists": {"entries": Field(list, True), "max": NUMBER, "tags": MAP},
    "security_groups": {
        "vpc": VPC,
        "group_name": TEXT,
        "description": TEXT,
        "ingress": ITEMS,
        "egress": ITEMS,
        "tags": MAP,
    },
    "network_acls": {"vpc": VPC, "subnets": SUBNETS, "entries": ITEMS, "tags": MAP},
    "route_tables": {"vpc": VPC, "subnets": SUBNETS, "routes": ITEMS, "tags": MAP},
    "endpoints": {
        "vpc": VPC,
        "service": Field(str, True),
        "route_tables": Field(list, refers="route_tables"),
        "tags": MAP,
    },
    "instances": {
        "subnet": Field(str, refers="subnets"),
        "groups": Field(list, refers="security_groups"),
        "type": TEXT,
        "state": TEXT,
        "tags": MAP,
    },
    "roles": {"service": TEXT, "policy": MAP},
    "log_groups": {"days": NUMBER},
    "buckets": {"versioning": FLAG, "policy": MAP, "tags": MAP},
    "flow_logs": {
        "vpc": VPC,
        "log_group": Field(str, True, "log_groups"),
        "role": Field(str, True, "roles"),
        "tags": MAP,
    },
    "zones": {"private": VPC, "records": ITEMS},
    "topics": {},
    "parameters": {"value": Field(str, True), "type": TEXT},
}
"""Section -> the fields of its things, in the order in which they are made."""


def read(path: Path) -> Network:
    """Raises UserError that names the file and the first thing that is wrong in it."""
    try:
        found = loads(given.read(str(path)))
    except ValueError as error:
        raise UserError(f"{path} is not JSON: {error}", "see docs/running.md") from error
    if not isinstance(found, dict):
        raise UserError(f"{path} is not a JSON object", "see docs/running.md")
    if answered.is_answer(found):
        found = answered.described(found)
    for problem, hint in problems(found):
        raise UserError(f"{path}: {problem}", hint)
    return {section: found.get(section, {}) for section in SECTIONS}


def problems(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(what is wrong, how to mend it) of a description."""
    seen: dict[str, str] = {}
    for section, things in found.items():
        if section not in SECTIONS:
            yield f"there is no section {section!r}", did_you_mean(section, SECTIONS)
        elif not isinstance(things, dict):
            yield f"{section} is not an object", "write things by name: {NAME: {...}}"
        else:
            for name, thing in things.items():
                if name in seen:
                    yield f"{name!r} stands in {seen[name]} and {section}", "give it another name"
                seen[name] = section
                yield from _thing(found, section, name, thing)


def _thing(
    found: Mapping[str, Any], section: str, name: str, thing: Any
) -> Iterator[tuple[str, str]]:
    where, fields = f"{section}.{name}", SECTIONS[section]
    if not isinstance(thing, dict):
        yield f"{where} is not an object", f"its fields: {', '.join(fields) or 'none'}"
        return
    for field, value in thing.items():
        if field not in fields:
            yield f"{where} has no field {field!r}", did_you_mean(field, fields) or "take it out"
        elif not isinstance(value, fields[field].kind):
            yield f"{where}.{field} is no {KINDS[fields[field].kind]}", "see docs/running.md"
        elif fields[field].refers:
            yield from _references(found, f"{where}.{field}", fields[field].refers, value)
    for field, rule in fields.items():
        if rule.needed and field not in thing:
            yield f"{where} lacks {field}", f"add {field}: a {KINDS[rule.kind]}"


KINDS: Final = {str: "text", bool: "true or false", int: "number", list: "list", dict: "object"}


def _references(
    found: Mapping[str, Any], where: str, section: str, value: Any
) -> Iterator[tuple[str, str]]:
    there = [*(found.get(section) or {}), *([DEFAULT] if section == "vpcs" else [])]
    for name in value if isinstance(value, list) else [value]:
        if name not in there:
            yield f"{where}: {section} has no {name!r}", did_you_mean(str(name), there)
