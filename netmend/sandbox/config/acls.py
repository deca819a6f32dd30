"""Network ACLs, and which subnet has which route table, as Config describes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from netmend.sandbox.config.network import (
    REGIONAL,
    SEVERAL_ZONES,
    Description,
    Network,
    related,
    tag_list,
)


def network_acls(network: Network) -> Mapping[str, Any]:
    """The network ACLs, by id."""
    return dict(network.ec2.network_acls)


def describe_acl(network: Network, acl: Any) -> Description:
    """A network ACL with its entries as they are numbered, outbound ones first."""
    tags = network.tags(acl.id)
    entries = sorted(acl.entries, key=lambda one: (not one.egress, int(one.rule_number)))
    configuration = {
        "associations": [
            {
                "networkAclAssociationId": one.new_association_id,
                "networkAclId": acl.id,
                "subnetId": one.subnet_id,
            }
            for one in acl.associations
        ],
        "entries": [_entry(one) for one in entries],
        "isDefault": bool(acl.default),
        "networkAclId": acl.id,
        "ownerId": acl.owner_id,
        "tags": tag_list(tags),
        "vpcId": acl.vpc_id,
    }
    subnets = sorted(str(one.subnet_id) for one in acl.associations)
    relationships = [
        *(related("Is attached to Subnet", one) for one in subnets),
        related("Is contained in Vpc", acl.vpc_id),
    ]
    arn = network.arn("network-acl", acl.id)
    return Description(None, arn, SEVERAL_ZONES, configuration, tags, relationships)


def _entry(one: Any) -> dict[str, Any]:
    ports = {"from": one.port_range_from, "to": one.port_range_to}
    icmp = {"code": one.icmp_code, "type": one.icmp_type}
    stated = {
        "cidrBlock": one.cidr_block,
        "ipv6CidrBlock": one.ipv6_cidr_block,
        "icmpTypeCode": _numbers(icmp),
        "portRange": _numbers(ports),
    }
    return {
        **{key: value for key, value in stated.items() if value},
        "egress": bool(one.egress) and str(one.egress).lower() != "false",
        "protocol": str(one.protocol),
        "ruleAction": one.rule_action,
        "ruleNumber": int(one.rule_number),
    }


def _numbers(members: Mapping[str, Any]) -> dict[str, int]:
    return {key: int(value) for key, value in members.items() if value is not None}


def standing_acl(network: Network, acl: Any) -> bool:
    """Whether it is the default VPC's own default ACL."""
    return bool(acl.default) and network.in_default_vpc(acl.vpc_id)


class Association(NamedTuple):
    """A subnet that has a route table of its own choice."""

    id: str
    table: str
    subnet: str


def associations(network: Network) -> Mapping[str, Association]:
    """The explicit associations of subnets with route tables, by id."""
    return {
        one["RouteTableAssociationId"]: Association(
            one["RouteTableAssociationId"], table.id, one["SubnetId"]
        )
        for table in list(network.ec2.route_tables.values())
        for one in table.associations
        if one.get("SubnetId")
    }


def describe_association(network: Network, one: Association) -> Description:
    """An association in the registry's words."""
    configuration = {"Id": one.id, "RouteTableId": one.table, "SubnetId": one.subnet}
    relationships = [
        related("Is associated with RouteTable", one.table),
        related("Is associated with Subnet", one.subnet),
    ]
    arn = network.arn("subnet-route-table-association", one.id)
    return Description(one.id, arn, REGIONAL, configuration, {}, relationships)
