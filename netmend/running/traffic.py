"""Rules, entries and records of a description in EC2's and Route 53's own form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from netmend.errors import UserError

PORTS: Final = re.compile(r"(\d+)(?:-(\d+))?")
NUMBERS: Final = {"tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58", "all": "-1"}
HINT: Final = 'write {"protocol": "tcp", "ports": "22", "from": ["0.0.0.0/0"]}'

Names = Mapping[str, str]


def permission(rule: Any, names: Names, where: str) -> dict[str, Any]:
    """An IpPermission, of a short rule or of one that is in EC2's form already."""
    if not isinstance(rule, dict):
        raise UserError(f"{where}: a rule is no object", HINT)
    if "IpProtocol" in rule:
        return _renamed(rule, names)
    unknown = set(rule) - {"protocol", "ports", "from", "to", "description"}
    sources = rule.get("from") or rule.get("to")
    if unknown or not isinstance(sources, list):
        raise UserError(f"{where}: {', '.join(sorted(unknown)) or 'a rule without from'}", HINT)
    found: dict[str, Any] = {"IpProtocol": protocol(rule.get("protocol", "all"))}
    if found["IpProtocol"] != "-1":
        first, last = ports(rule.get("ports"), where)
        found |= {"FromPort": first, "ToPort": last}
    for source in sources:
        group, member, value = _source(str(source), names, where)
        note = {"Description": rule["description"]} if "description" in rule else {}
        found.setdefault(group, []).append({member: value, **note})
    return found


def _source(source: str, names: Names, where: str) -> tuple[str, str, str]:
    if "/" in source and source not in names:
        return (
            ("Ipv6Ranges", "CidrIpv6", source)
            if ":" in source
            else (
                "IpRanges",
                "CidrIp",
                source,
            )
        )
    value = names.get(source, source)
    if value.startswith("pl-"):
        return "PrefixListIds", "PrefixListId", value
    if value.startswith("sg-"):
        return "UserIdGroupPairs", "GroupId", value
    raise UserError(f"{where}: {source!r} is no address range, group or prefix list", HINT)


def _renamed(rule: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """With our ids, and without what only a described rule has."""
    pairs = [
        {
            **({"GroupId": names.get(one["GroupId"], one["GroupId"])} if "GroupId" in one else {}),
            **({"Description": one["Description"]} if "Description" in one else {}),
        }
        for one in rule.get("UserIdGroupPairs", [])
    ]
    kept = {name: value for name, value in rule.items() if value not in ([], None)}
    return {**kept, "UserIdGroupPairs": pairs} if pairs else kept


def protocol(name: Any) -> str:
    """As rules have it: tcp, udp, a number, -1 for all."""
    return "-1" if str(name) in ("all", "-1") else str(name)


def ports(given: Any, where: str) -> tuple[int, int]:
    """(first, last) of "22", "1000-2000", 22, [22, 23]; all of them where there is nothing."""
    if given is None:
        return 0, 65535
    if isinstance(given, list) and len(given) == 2 and all(isinstance(p, int) for p in given):
        return given[0], given[1]
    found = PORTS.fullmatch(str(given))
    if found is None:
        raise UserError(f"{where}: {given!r} is no port", 'write "22", or "1000-2000"')
    return int(found[1]), int(found[2] or found[1])


def entry(one: Any, where: str) -> dict[str, Any]:
    """Parameters of CreateNetworkAclEntry."""
    if not isinstance(one, dict) or not {"number", "action", "cidr"} <= set(one):
        hint = 'write {"number": 100, "way": "ingress", "action": "allow", "cidr": "10.0.0.0/8"}'
        raise UserError(f"{where}: an entry lacks number, action or cidr", hint)
    name = str(one.get("protocol", "all"))
    number = NUMBERS.get(name, name)
    member = "Ipv6CidrBlock" if ":" in str(one["cidr"]) else "CidrBlock"
    found = {
        "RuleNumber": one["number"],
        "Egress": one.get("way") == "egress",
        "RuleAction": one["action"],
        "Protocol": number,
        member: one["cidr"],
    }
    if number in ("6", "17"):
        first, last = ports(one.get("ports"), where)
        found["PortRange"] = {"From": first, "To": last}
    return found


def record(one: Any, where: str) -> dict[str, Any]:
    """A ResourceRecordSet, of a short record or of one in Route 53's form."""
    if isinstance(one, dict) and "Name" in one:
        return one
    if not isinstance(one, dict) or not {"name", "type", "values"} <= set(one):
        hint = 'write {"name": "www", "type": "A", "ttl": 300, "values": ["192.0.2.1"]}'
        raise UserError(f"{where}: a record lacks name, type or values", hint)
    return {
        "Name": one["name"],
        "Type": one["type"],
        "TTL": one.get("ttl", 300),
        "ResourceRecords": [{"Value": value} for value in one["values"]],
    }
