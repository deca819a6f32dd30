"""What `aws ec2 describe-...` answers is a description too: the ids are the names in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

LISTS: Final = {
    "Vpcs": "vpcs",
    "Subnets": "subnets",
    "SecurityGroups": "security_groups",
    "NetworkAcls": "network_acls",
    "RouteTables": "route_tables",
}
"""Member of an answer -> section of a description."""

PLACE: Final = "10.{}.0.0/16"
"""Address range of a VPC that the answer only mentions."""

LAST: Final = 32767
"""Number of the entry that every ACL ends with."""

Item = Mapping[str, Any]
Described = dict[str, dict[str, dict[str, Any]]]


def is_answer(found: Item) -> bool:
    """Whether a file holds answers of EC2, one or several merged."""
    return any(name in LISTS and isinstance(items, list) for name, items in found.items())


def described(found: Item) -> Described:
    """The description of what the answers hold; VPCs and subnets that they name are made up."""
    made: Described = {section: {} for section in LISTS.values()}
    for item in found.get("Vpcs", []):
        made["vpcs"][item["VpcId"]] = {"cidr": item["CidrBlock"], **tags(item)}
    for item in found.get("Subnets", []):
        wanted = {"vpc": item["VpcId"], "cidr": item["CidrBlock"]}
        made["subnets"][item["SubnetId"]] = {**wanted, **tags(item)}
    for item in found.get("SecurityGroups", []):
        made["security_groups"][item["GroupId"]] = group(item)
    for item in found.get("NetworkAcls", []):
        made["network_acls"][item["NetworkAclId"]] = acl(item, made)
    for item in found.get("RouteTables", []):
        subnets = _subnets(item, made)
        table = {"vpc": item["VpcId"], "subnets": subnets, **tags(item)}
        made["route_tables"][item["RouteTableId"]] = table
    _vpcs(made)
    return made


def tags(item: Item) -> dict[str, Any]:
    """Its tags but those that AWS alone may set."""
    listed = [tag for tag in item.get("Tags") or [] if not tag["Key"].startswith("aws:")]
    return {"tags": {tag["Key"]: tag["Value"] for tag in listed}} if listed else {}


def group(item: Item) -> dict[str, Any]:
    """A security group, whose rules are taken as they are."""
    return {
        "vpc": item["VpcId"],
        "group_name": item["GroupName"],
        "description": item.get("Description") or item["GroupName"],
        "ingress": item.get("IpPermissions", []),
        "egress": item.get("IpPermissionsEgress", []),
        **tags(item),
    }


def acl(item: Item, made: Described) -> dict[str, Any]:
    """A network ACL with its numbered entries."""
    entries = [
        {
            "number": one["RuleNumber"],
            "way": "egress" if one["Egress"] else "ingress",
            "action": one["RuleAction"],
            "protocol": one["Protocol"],
            "cidr": one.get("CidrBlock") or one.get("Ipv6CidrBlock"),
            "ports": [one["PortRange"]["From"], one["PortRange"]["To"]]
            if "PortRange" in one
            else None,
        }
        for one in item.get("Entries", [])
        if one["RuleNumber"] != LAST
    ]
    subnets = _subnets(item, made)
    return {"vpc": item["VpcId"], "subnets": subnets, "entries": entries, **tags(item)}


def _subnets(item: Item, made: Described) -> list[str]:
    linked = [one["SubnetId"] for one in item.get("Associations", []) if one.get("SubnetId")]
    return [subnet for subnet in linked if subnet in made["subnets"]]


def _vpcs(made: Described) -> None:
    """Every VPC that is named, with a range that no other has."""
    for section in ("subnets", "security_groups", "network_acls", "route_tables"):
        for thing in made[section].values():
            place = PLACE.format(100 + len(made["vpcs"]))
            made["vpcs"].setdefault(thing["vpc"], {"cidr": place})
