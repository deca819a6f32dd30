"""AWS::EC2::VPC, Subnet, InternetGateway, VPCGatewayAttachment, route tables and routes."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from moto.ec2.models import ec2_backends

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.providers.base import (
    Attributes,
    Properties,
    Provider,
    Shapes,
    by_name,
    pick,
    read,
    same,
)
from netmend.sandbox.cloudformation.providers.ec2_tags import retag, specification
from netmend.sandbox.cloudformation.shapes import BOOLEAN, STRING, TAGS


class Vpc(Provider):
    """Ref is the id."""

    type = "AWS::EC2::VPC"
    shape: ClassVar[Shapes] = {
        "CidrBlock": STRING,
        "EnableDnsHostnames": BOOLEAN,
        "EnableDnsSupport": BOOLEAN,
        "InstanceTenancy": STRING,
        "Tags": TAGS,
    }
    required = ("CidrBlock",)
    create_only = ("CidrBlock", "InstanceTenancy")
    attributes: ClassVar[Attributes] = {
        "CidrBlock": lambda site, vpc: _vpc(site, vpc)["CidrBlock"],
        "DefaultSecurityGroup": lambda site, vpc: _default_group(site, vpc),
        "VpcId": lambda site, vpc: vpc,
    }

    def create(self, site: Site, wanted: Properties) -> str:
        made = site.client("ec2").create_vpc(
            **pick(wanted, "CidrBlock", "InstanceTenancy"), **specification("vpc", wanted)
        )
        return str(made["Vpc"]["VpcId"])

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        for name, default in (("EnableDnsSupport", True), ("EnableDnsHostnames", False)):
            wanted = read(new, name, default)
            if wanted != read(old, name, default):
                site.client("ec2").modify_vpc_attribute(
                    VpcId=physical_id, **{name: {"Value": wanted}}
                )
        retag(site, physical_id, old, new)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("ec2").delete_vpc(VpcId=physical_id)
        acls = ec2_backends[site.access.account][site.access.region].network_acls
        for name in [name for name, acl in acls.items() if acl.vpc_id == physical_id]:
            del acls[name]  # moto leaves the default one behind


def _vpc(site: Site, vpc: str) -> dict[str, Any]:
    found: dict[str, Any] = site.client("ec2").describe_vpcs(VpcIds=[vpc])["Vpcs"][0]
    return found


def _default_group(site: Site, vpc: str) -> str:
    filters = [
        {"Name": "vpc-id", "Values": [vpc]},
        {"Name": "group-name", "Values": ["default"]},
    ]
    found = site.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    return str(found[0]["GroupId"])


class Subnet(Provider):
    """Ref is the id."""

    type = "AWS::EC2::Subnet"
    shape: ClassVar[Shapes] = {
        "AvailabilityZone": STRING,
        "CidrBlock": STRING,
        "MapPublicIpOnLaunch": BOOLEAN,
        "Tags": TAGS,
        "VpcId": STRING,
    }
    required = ("CidrBlock", "VpcId")
    create_only = ("AvailabilityZone", "CidrBlock", "VpcId")
    attributes: ClassVar[Attributes] = {
        "AvailabilityZone": lambda site, subnet: _subnet(site, subnet)["AvailabilityZone"],
        "CidrBlock": lambda site, subnet: _subnet(site, subnet)["CidrBlock"],
        "SubnetId": lambda site, subnet: subnet,
        "VpcId": lambda site, subnet: _subnet(site, subnet)["VpcId"],
    }

    def create(self, site: Site, wanted: Properties) -> str:
        made = site.client("ec2").create_subnet(
            **pick(wanted, *self.create_only), **specification("subnet", wanted)
        )
        return str(made["Subnet"]["SubnetId"])

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        public = read(new, "MapPublicIpOnLaunch", False)
        if public != read(old, "MapPublicIpOnLaunch", False):
            site.client("ec2").modify_subnet_attribute(
                SubnetId=physical_id, MapPublicIpOnLaunch={"Value": public}
            )
        retag(site, physical_id, old, new)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("ec2").delete_subnet(SubnetId=physical_id)


def _subnet(site: Site, subnet: str) -> dict[str, Any]:
    found: dict[str, Any] = site.client("ec2").describe_subnets(SubnetIds=[subnet])["Subnets"][0]
    return found


class InternetGateway(Provider):
    """Ref is the id."""

    type = "AWS::EC2::InternetGateway"
    shape: ClassVar[Shapes] = {"Tags": TAGS}
    attributes: ClassVar[Attributes] = {"InternetGatewayId": lambda site, gateway: gateway}

    def create(self, site: Site, wanted: Properties) -> str:
        made = site.client("ec2").create_internet_gateway(
            **specification("internet-gateway", wanted)
        )
        return str(made["InternetGateway"]["InternetGatewayId"])

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        retag(site, physical_id, old, new)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("ec2").delete_internet_gateway(InternetGatewayId=physical_id)


class GatewayAttachment(Provider):
    """Ref is the kind of gateway and the VPC."""

    type = "AWS::EC2::VPCGatewayAttachment"
    shape: ClassVar[Shapes] = {"InternetGatewayId": STRING, "VpcId": STRING}
    required = ("InternetGatewayId", "VpcId")
    create_only = ("InternetGatewayId", "VpcId")

    def create(self, site: Site, wanted: Properties) -> str:
        site.client("ec2").attach_internet_gateway(**pick(wanted, *self.create_only))
        return f"IGW|{read(wanted, 'VpcId')}"

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("ec2").detach_internet_gateway(**pick(properties, *self.create_only))


class RouteTable(Provider):
    """Ref is the id."""

    type = "AWS::EC2::RouteTable"
    shape: ClassVar[Shapes] = {"Tags": TAGS, "VpcId": STRING}
    required = ("VpcId",)
    create_only = ("VpcId",)
    attributes: ClassVar[Attributes] = {"RouteTableId": lambda site, table: table}

    def create(self, site: Site, wanted: Properties) -> str:
        made = site.client("ec2").create_route_table(
            **pick(wanted, "VpcId"), **specification("route-table", wanted)
        )
        return str(made["RouteTable"]["RouteTableId"])

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        retag(site, physical_id, old, new)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("ec2").delete_route_table(RouteTableId=physical_id)


DESTINATIONS: Final = (
    "DestinationCidrBlock",
    "DestinationIpv6CidrBlock",
    "DestinationPrefixListId",
)
HOPS: Final = (
    "EgressOnlyInternetGatewayId",
    "GatewayId",
    "InstanceId",
    "NatGatewayId",
    "NetworkInterfaceId",
    "TransitGatewayId",
    "VpcEndpointId",
    "VpcPeeringConnectionId",
)


class Route(Provider):
    """Ref is the route table and the destination."""

    type = "AWS::EC2::Route"
    shape: ClassVar[Shapes] = {
        "RouteTableId": STRING,
        **dict.fromkeys((*DESTINATIONS, *HOPS), STRING),
    }
    required = ("RouteTableId",)
    create_only = ("RouteTableId", *DESTINATIONS)

    def create(self, site: Site, wanted: Properties) -> str:
        site.client("ec2").create_route(**pick(wanted, *self.shape))
        destination = "".join(pick(wanted, *DESTINATIONS).values())
        return f"{read(wanted, 'RouteTableId')}|{destination}"

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if old and not same(old, new, *HOPS):
            site.client("ec2").replace_route(**pick(new, *self.shape))

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("ec2").delete_route(**pick(properties, "RouteTableId", *DESTINATIONS))


class RouteTableAssociation(Provider):
    """Ref is the association's id."""

    type = "AWS::EC2::SubnetRouteTableAssociation"
    shape: ClassVar[Shapes] = {"RouteTableId": STRING, "SubnetId": STRING}
    required = ("RouteTableId", "SubnetId")
    create_only = ("SubnetId", "RouteTableId")
    attributes: ClassVar[Attributes] = {"Id": lambda site, association: association}

    def create(self, site: Site, wanted: Properties) -> str:
        made = site.client("ec2").associate_route_table(**pick(wanted, *self.shape))
        return str(made["AssociationId"])

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("ec2").disassociate_route_table(AssociationId=physical_id)


PROVIDERS = by_name(
    (
        GatewayAttachment,
        InternetGateway,
        Route,
        RouteTable,
        RouteTableAssociation,
        Subnet,
        Vpc,
    )
)
