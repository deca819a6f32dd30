"""AWS::EC2::TransitGateway with its attachments, route tables and routes."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.providers.base import (
    Attributes,
    Properties,
    Provider,
    Shapes,
    by_name,
    pick,
    read,
)
from netmend.sandbox.cloudformation.providers.ec2_simple import Simple, settings
from netmend.sandbox.cloudformation.shapes import BOOLEAN, INTEGER, STRING, TAGS

OPTIONS: Final = (
    "AmazonSideAsn",
    "AutoAcceptSharedAttachments",
    "DefaultRouteTableAssociation",
    "DefaultRouteTablePropagation",
    "DnsSupport",
    "VpnEcmpSupport",
)


class TransitGateway(Simple):
    """Ref is the id; its options are set once, here as a new gateway."""

    type = "AWS::EC2::TransitGateway"
    kind = "transit-gateway"
    shape: ClassVar[Shapes] = {
        "Description": STRING,
        "Tags": TAGS,
        **dict.fromkeys(OPTIONS, STRING),
        "AmazonSideAsn": INTEGER,
    }
    create_only = settings(shape)
    attributes: ClassVar[Attributes] = {"Id": lambda site, made: made}
    made = ("create_transit_gateway", "TransitGateway.TransitGatewayId")
    gone = ("delete_transit_gateway", "TransitGatewayId")

    def request(self, wanted: Properties) -> dict[str, Any]:
        return {"Options": pick(wanted, *OPTIONS), "Description": read(wanted, "Description", "")}


class VpcAttachment(Simple):
    """Ref is the id; under both of its names."""

    type = "AWS::EC2::TransitGatewayAttachment"
    kind = "transit-gateway-attachment"
    shape: ClassVar[Shapes] = {
        "SubnetIds": [STRING],
        "Tags": TAGS,
        "TransitGatewayId": STRING,
        "VpcId": STRING,
    }
    required = ("SubnetIds", "TransitGatewayId", "VpcId")
    create_only = settings(shape)
    attributes: ClassVar[Attributes] = {"Id": lambda site, made: made}
    made = (
        "create_transit_gateway_vpc_attachment",
        "TransitGatewayVpcAttachment.TransitGatewayAttachmentId",
    )
    gone = ("delete_transit_gateway_vpc_attachment", "TransitGatewayAttachmentId")


class NamedVpcAttachment(VpcAttachment):
    """The later name of the same."""

    type = "AWS::EC2::TransitGatewayVpcAttachment"


class RouteTable(Simple):
    """Ref is the id."""

    type = "AWS::EC2::TransitGatewayRouteTable"
    kind = "transit-gateway-route-table"
    shape: ClassVar[Shapes] = {"Tags": TAGS, "TransitGatewayId": STRING}
    required = ("TransitGatewayId",)
    create_only = ("TransitGatewayId",)
    attributes: ClassVar[Attributes] = {"TransitGatewayRouteTableId": lambda site, made: made}
    made = (
        "create_transit_gateway_route_table",
        "TransitGatewayRouteTable.TransitGatewayRouteTableId",
    )
    gone = ("delete_transit_gateway_route_table", "TransitGatewayRouteTableId")


class Link(Provider):
    """What ties two things together by one call, and is undone by another with the same words.

    bound: the two operations. undone: the properties that the second takes, all by default.
    """

    bound: ClassVar[tuple[str, str]]
    undone: ClassVar[tuple[str, ...]] = ()

    def create(self, site: Site, wanted: Properties) -> str:
        getattr(site.client("ec2"), self.bound[0])(**pick(wanted, *self.shape))
        return "|".join(str(read(wanted, name)) for name in self.undone or self.required)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        names = self.undone or tuple(self.shape)
        getattr(site.client("ec2"), self.bound[1])(**pick(properties, *names))


TABLE: Final[Shapes] = {"TransitGatewayAttachmentId": STRING, "TransitGatewayRouteTableId": STRING}


class Route(Link):
    """Ref is the destination and the table."""

    type = "AWS::EC2::TransitGatewayRoute"
    shape: ClassVar[Shapes] = {"Blackhole": BOOLEAN, "DestinationCidrBlock": STRING, **TABLE}
    required = ("DestinationCidrBlock", "TransitGatewayRouteTableId")
    create_only = tuple(shape)
    bound = ("create_transit_gateway_route", "delete_transit_gateway_route")
    undone = ("DestinationCidrBlock", "TransitGatewayRouteTableId")


class TableAssociation(Link):
    """Ref is the attachment and the table."""

    type = "AWS::EC2::TransitGatewayRouteTableAssociation"
    shape: ClassVar[Shapes] = TABLE
    required = tuple(TABLE)
    create_only = tuple(TABLE)
    bound = (
        "associate_transit_gateway_route_table",
        "disassociate_transit_gateway_route_table",
    )


class TablePropagation(Link):
    """Ref is the attachment and the table."""

    type = "AWS::EC2::TransitGatewayRouteTablePropagation"
    shape: ClassVar[Shapes] = TABLE
    required = tuple(TABLE)
    create_only = tuple(TABLE)
    bound = (
        "enable_transit_gateway_route_table_propagation",
        "disable_transit_gateway_route_table_propagation",
    )


PROVIDERS = by_name(
    (
        NamedVpcAttachment,
        Route,
        RouteTable,
        TableAssociation,
        TablePropagation,
        TransitGateway,
        VpcAttachment,
    )
)
