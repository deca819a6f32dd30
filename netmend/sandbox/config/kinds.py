"""The resource types that the sandbox records: where each is found, and how Config describes it.

Shapes follow recorded items and awslabs/aws-config-resource-schema: types that Config has known
for long are camelCase, those that came through the CloudFormation registry are PascalCase.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from netmend.sandbox.config import acls, gateways, interfaces, topology, zones
from netmend.sandbox.config.ingress import permissions
from netmend.sandbox.config.network import (
    NOT_APPLICABLE,
    REGIONAL,
    Description,
    Network,
    related,
    tag_list,
)


class Kind(NamedTuple):
    """One resource type.

    found: the resources that stand now, by id. describe: the state of one of them. standing:
    whether it came with the account, and so was there before the recorder.
    """

    found: Callable[[Network], Mapping[str, Any]]
    describe: Callable[[Network, Any], Description]
    standing: Callable[[Network, Any], bool]


def _groups(network: Network) -> Mapping[str, Any]:
    vpcs = list(network.ec2.groups.values())
    return {key: group for groups in vpcs for key, group in list(groups.items())}


def _group(network: Network, group: Any) -> Description:
    tags = network.tags(group.id)
    configuration = {
        "description": group.description,
        "groupName": group.name,
        "ipPermissions": permissions(list(group.ingress_rules)),
        "ownerId": group.owner_id,
        "groupId": group.id,
        "ipPermissionsEgress": permissions(list(group.egress_rules)),
        "tags": tag_list(tags),
        "vpcId": group.vpc_id,
    }
    vpc = related("Is contained in Vpc", group.vpc_id)
    relationships = [*network.members.get(group.id, []), vpc]
    arn = network.arn("security-group", group.id)
    return Description(group.name, arn, NOT_APPLICABLE, configuration, tags, relationships)


def _standing_group(network: Network, group: Any) -> bool:
    return group.name == "default" and network.in_default_vpc(group.vpc_id)


def _prefix_lists(network: Network) -> Mapping[str, Any]:
    return {
        key: one
        for key, one in list(network.ec2.managed_prefix_lists.items())
        if one.owner_id == network.ec2.account_id and one.state != "delete-complete"
    }


def _prefix_list(network: Network, one: Any) -> Description:
    tags = network.tags(one.id)
    configuration = {
        "AddressFamily": one.address_family,
        "Arn": one.prefix_list_arn,
        "Entries": [_entry(entry) for entry in one.entries.get(one.version) or []],
        "MaxEntries": int(one.max_entries),
        "OwnerId": one.owner_id,
        "PrefixListId": one.id,
        "PrefixListName": one.prefix_list_name,
        "Tags": tag_list(tags, "Key", "Value"),
        "Version": one.version,
    }
    return Description(one.id, one.prefix_list_arn, REGIONAL, configuration, tags, [])


def _entry(entry: Mapping[str, str]) -> dict[str, str]:
    return {key: entry[key] for key in ("Cidr", "Description") if entry.get(key)}


def _made(network: Network, resource: Any) -> bool:
    return False


KINDS: Final[Mapping[str, Kind]] = {
    "AWS::EC2::VPC": Kind(
        topology.vpcs, topology.describe_vpc, lambda network, vpc: network.in_default_vpc(vpc.id)
    ),
    "AWS::EC2::Subnet": Kind(topology.subnets, topology.describe_subnet, topology.standing_subnet),
    "AWS::EC2::RouteTable": Kind(
        topology.route_tables, topology.describe_route_table, topology.standing_route_table
    ),
    "AWS::EC2::PrefixList": Kind(_prefix_lists, _prefix_list, _made),
    "AWS::EC2::SecurityGroup": Kind(_groups, _group, _standing_group),
    "AWS::EC2::NetworkAcl": Kind(acls.network_acls, acls.describe_acl, acls.standing_acl),
    "AWS::EC2::SubnetRouteTableAssociation": Kind(
        acls.associations, acls.describe_association, _made
    ),
    "AWS::EC2::InternetGateway": Kind(
        gateways.internet_gateways, gateways.describe_internet_gateway, _made
    ),
    "AWS::EC2::EgressOnlyInternetGateway": Kind(
        gateways.egress_only_gateways, gateways.describe_egress_only, _made
    ),
    "AWS::EC2::NatGateway": Kind(gateways.nat_gateways, gateways.describe_nat_gateway, _made),
    "AWS::EC2::VPCPeeringConnection": Kind(gateways.peerings, gateways.describe_peering, _made),
    "AWS::EC2::TransitGateway": Kind(
        gateways.transit_gateways, gateways.describe_transit_gateway, _made
    ),
    "AWS::EC2::Instance": Kind(interfaces.instances, interfaces.describe_instance, _made),
    "AWS::EC2::NetworkInterface": Kind(interfaces.interfaces, interfaces.describe_interface, _made),
    "AWS::EC2::EIP": Kind(interfaces.addresses, interfaces.describe_address, _made),
    "AWS::EC2::VPCEndpoint": Kind(interfaces.endpoints, interfaces.describe_endpoint, _made),
    "AWS::EC2::FlowLog": Kind(interfaces.flow_logs, interfaces.describe_flow_log, _made),
    "AWS::Route53::HostedZone": Kind(zones.zones, zones.describe_zone, _made),
}
"""Prefix lists come before the groups that refer to them. AWS's own lists are never recorded."""
