"""VPCs, subnets and route tables as Config describes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from netmend.sandbox.config.network import (
    NOT_APPLICABLE,
    SEVERAL_ZONES,
    Description,
    Network,
    associated,
    related,
    tag_list,
)

ROUTE: Final = {
    "destinationCidrBlock": "destination_cidr_block",
    "destinationIpv6CidrBlock": "destination_ipv6_cidr_block",
    "destinationPrefixListId": "destination_prefix_list_id",
    "egressOnlyInternetGatewayId": "egress_only_internet_gateway_id",
    "gatewayId": "gateway_id",
    "instanceId": "instance_id",
    "natGatewayId": "nat_gateway_id",
    "transitGatewayId": "transit_gateway_id",
    "networkInterfaceId": "network_interface_id",
    "origin": "origin",
    "state": "state",
    "vpcPeeringConnectionId": "vpc_peering_connection_id",
}
"""A route's members, absent targets written as nulls, and where moto keeps them."""


def vpcs(network: Network) -> Mapping[str, Any]:
    """The VPCs, by id."""
    return dict(network.ec2.vpcs)


def describe_vpc(network: Network, vpc: Any) -> Description:
    """A VPC; `state` is a plain text, and of its relationships only gateways are recorded."""
    tags = network.tags(vpc.id)
    configuration = {
        "cidrBlock": vpc.cidr_block,
        "dhcpOptionsId": vpc.dhcp_options_id,
        "state": vpc.state,
        "vpcId": vpc.id,
        "ownerId": vpc.owner_id,
        "instanceTenancy": vpc.instance_tenancy,
        "ipv6CidrBlockAssociationSet": _blocks(vpc, "ipv6CidrBlock"),
        "cidrBlockAssociationSet": _blocks(vpc, "cidrBlock"),
        "isDefault": vpc.is_default,
        "tags": tag_list(tags),
    }
    arn, gateways = network.arn("vpc", vpc.id), network.gateways.get(vpc.id, [])
    return Description(None, arn, SEVERAL_ZONES, configuration, tags, gateways)


def _blocks(vpc: Any, name: str) -> list[dict[str, Any]]:
    return [
        {
            "associationId": one["association_id"],
            name: one["cidr_block"],
            f"{name}State": {"state": one["cidr_block_state"]["state"]},
        }
        for one in vpc.get_cidr_block_association_set(ipv6=name.startswith("ipv6"))
    ]


def subnets(network: Network) -> Mapping[str, Any]:
    """The subnets, by id."""
    zones = list(network.ec2.subnets.values())
    return {key: subnet for one in zones for key, subnet in list(one.items())}


def describe_subnet(network: Network, subnet: Any) -> Description:
    """A subnet; `state` is a plain text."""
    tags = network.tags(subnet.id)
    configuration = {
        "availabilityZone": subnet.availability_zone,
        "availabilityZoneId": subnet.availability_zone_id,
        "availableIpAddressCount": subnet.available_ip_address_count,
        "cidrBlock": subnet.cidr_block,
        "defaultForAz": bool(subnet.default_for_az),
        "mapPublicIpOnLaunch": bool(subnet.map_public_ip_on_launch),
        "state": subnet.state,
        "subnetId": subnet.id,
        "vpcId": subnet.vpc_id,
        "ownerId": subnet.owner_id,
        "assignIpv6AddressOnCreation": bool(subnet.assign_ipv6_address_on_creation),
        "subnetArn": network.arn("subnet", subnet.id),
        "tags": tag_list(tags),
    }
    arn = network.arn("subnet", subnet.id)
    vpc = related("Is contained in Vpc", subnet.vpc_id)
    relationships = [*network.around.get(subnet.id, []), vpc]
    return Description(None, arn, subnet.availability_zone, configuration, tags, relationships)


def standing_subnet(network: Network, subnet: Any) -> bool:
    """Whether it is one of the default VPC's own subnets."""
    return bool(subnet.default_for_az) and network.in_default_vpc(subnet.vpc_id)


def route_tables(network: Network) -> Mapping[str, Any]:
    """The route tables, by id."""
    return dict(network.ec2.route_tables)


def describe_route_table(network: Network, table: Any) -> Description:
    """A route table; members that do not apply are nulls, as Config writes them since 1.3."""
    tags = network.tags(table.id)
    configuration = {
        "associations": [_association(one) for one in table.associations],
        "propagatingVgws": [],
        "routeTableId": table.id,
        "routes": [{k: getattr(route, v) for k, v in ROUTE.items()} for route in table.routes],
        "tags": tag_list(tags),
        "vpcId": table.vpc_id,
        "ownerId": table.owner_id,
    }
    arn = network.arn("route-table", table.id)
    subnets = [related("Contains Subnet", one) for one in associated(table)]
    relationships = [*subnets, related("Is contained in Vpc", table.vpc_id)]
    return Description(None, arn, NOT_APPLICABLE, configuration, tags, relationships)


def _association(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "main": one["Main"],
        "routeTableAssociationId": one["RouteTableAssociationId"],
        "routeTableId": one["RouteTableId"],
        "subnetId": one.get("SubnetId"),
        "gatewayId": one.get("GatewayId"),
        "associationState": {"state": one["AssociationState"]["State"]},
    }


def standing_route_table(network: Network, table: Any) -> bool:
    """Whether it is the default VPC's own main table."""
    return table.main_association_id is not None and network.in_default_vpc(table.vpc_id)
