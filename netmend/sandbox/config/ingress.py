"""The rules of a security group, gathered into permissions as Config writes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

PAIR_KEYS: Final = {
    "Description": "description",
    "GroupId": "groupId",
    "PeeringStatus": "peeringStatus",
    "UserId": "userId",
    "VpcId": "vpcId",
    "VpcPeeringConnectionId": "vpcPeeringConnectionId",
}


def permissions(rules: Iterable[Any]) -> list[dict[str, Any]]:
    """moto's rules as ipPermissions: one for each protocol and port range, in order of rules.

    fromPort and toPort are absent where the protocol has none, and IPv4 sources stand twice:
    ipv4Ranges with their descriptions, and ipRanges as plain texts for rules written long ago.
    """
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for rule in rules:
        key = (rule.ip_protocol, rule.from_port, rule.to_port)
        _add(found.setdefault(key, _empty(*key)), rule)
    return list(found.values())


def _empty(protocol: str, from_port: int | None, to_port: int | None) -> dict[str, Any]:
    ports = {} if from_port is None else {"fromPort": from_port, "toPort": to_port}
    return {
        **ports,
        "ipProtocol": protocol,
        "ipv6Ranges": [],
        "prefixListIds": [],
        "userIdGroupPairs": [],
        "ipv4Ranges": [],
        "ipRanges": [],
    }


def _add(permission: dict[str, Any], rule: Any) -> None:
    described = {"description": rule.description} if rule.description else {}
    if rule.cidr_ipv4:
        permission["ipv4Ranges"].append({"cidrIp": rule.cidr_ipv4, **described})
        permission["ipRanges"].append(rule.cidr_ipv4)
    elif rule.cidr_ipv6:
        permission["ipv6Ranges"].append({"cidrIpv6": rule.cidr_ipv6, **described})
    elif rule.prefix_list_id:
        permission["prefixListIds"].append({"prefixListId": rule.prefix_list_id, **described})
    else:
        group = rule.source_group
        pair = {name: group[key] for key, name in PAIR_KEYS.items() if group.get(key)}
        permission["userIdGroupPairs"].append(pair)
