"""Gateways and peerings as Config describes them, transit gateways in the registry's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from netmend.sandbox.config.network import (
    NOT_APPLICABLE,
    REGIONAL,
    SEVERAL_ZONES,
    Description,
    Network,
    related,
    tag_list,
)

GONE: Final = frozenset({"deleted", "terminated", "rejected"})
"""States in which moto keeps what AWS still describes for a while, and Config calls deleted."""

TRANSIT_OPTIONS: Final = (
    "AutoAcceptSharedAttachments",
    "DefaultRouteTableAssociation",
    "DefaultRouteTablePropagation",
    "DnsSupport",
    "MulticastSupport",
    "VpnEcmpSupport",
)


def internet_gateways(network: Network) -> Mapping[str, Any]:
    """The internet gateways, by id."""
    return dict(network.ec2.internet_gateways)


def describe_internet_gateway(network: Network, gateway: Any) -> Description:
    """An internet gateway with the VPC that it is attached to."""
    tags, vpc = network.tags(gateway.id), gateway.vpc
    configuration = {
        "attachments": [{"state": "available", "vpcId": vpc.id}] if vpc else [],
        "internetGatewayId": gateway.id,
        "ownerId": gateway.owner_id,
        "tags": tag_list(tags),
    }
    vpcs = [related("Is attached to Vpc", vpc.id)] if vpc else []
    arn = network.arn("internet-gateway", gateway.id)
    return Description(None, arn, SEVERAL_ZONES, configuration, tags, vpcs)


def egress_only_gateways(network: Network) -> Mapping[str, Any]:
    """The egress-only internet gateways, by id."""
    return dict(network.ec2.egress_only_internet_gateways)


def describe_egress_only(network: Network, gateway: Any) -> Description:
    """An egress-only internet gateway."""
    tags = network.tags(gateway.id)
    configuration = {
        "attachments": [{"state": gateway.state, "vpcId": gateway.vpc_id}],
        "egressOnlyInternetGatewayId": gateway.id,
        "tags": tag_list(tags),
    }
    arn = network.arn("egress-only-internet-gateway", gateway.id)
    vpcs = [related("Is attached to Vpc", gateway.vpc_id)]
    return Description(None, arn, NOT_APPLICABLE, configuration, tags, vpcs)


def nat_gateways(network: Network) -> Mapping[str, Any]:
    """The NAT gateways that are not deleted, by id."""
    return {key: one for key, one in list(network.ec2.nat_gateways.items()) if standing(one.state)}


def standing(state: str) -> bool:
    """Whether a resource in this state is still one."""
    return state not in GONE


def describe_nat_gateway(network: Network, gateway: Any) -> Description:
    """A NAT gateway; the relationships lack their last word, as Config writes them."""
    tags = network.tags(gateway.id)
    configuration = {
        "connectivityType": gateway.connectivity_type or "public",
        "natGatewayAddresses": [_stated(one) for one in gateway.address_set],
        "natGatewayId": gateway.id,
        "state": gateway.state,
        "subnetId": gateway.subnet_id,
        "tags": tag_list(tags),
        "vpcId": gateway.vpc_id,
    }
    places = [
        {**related("Is contained in Vpc", gateway.vpc_id), "name": "Is contained in "},
        {**related("Is contained in Subnet", gateway.subnet_id), "name": "Is contained in "},
    ]
    arn = network.arn("natgateway", gateway.id)
    return Description(None, arn, NOT_APPLICABLE, configuration, tags, places)


def _stated(members: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in members.items() if value is not None}


def peerings(network: Network) -> Mapping[str, Any]:
    """The VPC peering connections that are not deleted, by id."""
    found = list(network.ec2.vpc_pcxs.items())
    return {key: one for key, one in found if standing(one._status.code)}


def describe_peering(network: Network, peering: Any) -> Description:
    """A peering connection, in the account and Region of either side."""
    tags = network.tags(peering.id)
    configuration = {
        "accepterVpcInfo": _side(peering.accepter_vpc_info),
        "requesterVpcInfo": _side(peering.requester_vpc_info),
        "status": {"code": peering._status.code, "message": peering._status.message},
        "tags": tag_list(tags),
        "vpcPeeringConnectionId": peering.id,
    }
    name = "Is associated with "
    sides = [
        {**related("Is associated with Vpc", vpc.id), "name": name}
        for vpc in (peering.peer_vpc, peering.vpc)
    ]
    arn = network.arn("vpc-peering-connection", peering.id)
    return Description(None, arn, NOT_APPLICABLE, configuration, tags, sides)


def _side(info: Mapping[str, Any]) -> dict[str, Any]:
    options = info["PeeringOptions"]
    return {
        "cidrBlock": info["CidrBlock"],
        "cidrBlockSet": [{"cidrBlock": info["CidrBlock"]}],
        "ipv6CidrBlockSet": [],
        "ownerId": info["OwnerId"],
        "peeringOptions": {f"{key[0].lower()}{key[1:]}": value for key, value in options.items()},
        "region": info["Region"],
        "vpcId": info["VpcId"],
    }


def transit_gateways(network: Network) -> Mapping[str, Any]:
    """The transit gateways that are not deleted, by id."""
    found = list(network.ec2.transit_gateways.items())
    return {key: one for key, one in found if standing(one.state)}


def describe_transit_gateway(network: Network, gateway: Any) -> Description:
    """A transit gateway."""
    tags, options = network.tags(gateway.id), gateway.options
    configuration = {
        "AmazonSideAsn": int(options["AmazonSideAsn"]),
        "AssociationDefaultRouteTableId": options["AssociationDefaultRouteTableId"],
        "Description": gateway.description or "",
        "Id": gateway.id,
        "PropagationDefaultRouteTableId": options["PropagationDefaultRouteTableId"],
        "Tags": tag_list(tags, "Key", "Value"),
        "TransitGatewayArn": gateway.arn,
        "TransitGatewayCidrBlocks": list(options["TransitGatewayCidrBlocks"]),
        **{name: options[name] for name in TRANSIT_OPTIONS},
    }
    return Description(gateway.id, gateway.arn, REGIONAL, configuration, tags, [])
