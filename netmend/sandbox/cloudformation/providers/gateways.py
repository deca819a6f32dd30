"""AWS::EC2::EIP, NatGateway, VPCEndpoint, FlowLog, EgressOnlyInternetGateway and peerings."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Final

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.errors import Failure
from netmend.sandbox.cloudformation.providers.base import (
    Attributes,
    Properties,
    Provider,
    Shapes,
    by_name,
    forgiving,
    read,
    same,
)
from netmend.sandbox.cloudformation.providers.ec2_simple import Simple, settings
from netmend.sandbox.cloudformation.providers.ec2_tags import retag, specification
from netmend.sandbox.cloudformation.shapes import (
    BOOLEAN,
    INTEGER,
    JSON,
    STRING,
    TAGS,
    json_text,
)


class ElasticIp(Provider):
    """Ref is the address; its allocation's id is an attribute."""

    type = "AWS::EC2::EIP"
    shape: ClassVar[Shapes] = {"Domain": STRING, "InstanceId": STRING, "Tags": TAGS}
    create_only = ("Domain",)
    attributes: ClassVar[Attributes] = {
        "AllocationId": lambda site, address: _allocation(site, address),
        "PublicIp": lambda site, address: address,
    }

    def create(self, site: Site, wanted: Properties) -> str:
        domain = read(wanted, "Domain", "vpc")
        made = site.client("ec2").allocate_address(
            Domain=domain, **specification("elastic-ip", wanted)
        )
        return str(made["PublicIp"])

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        instance = read(new, "InstanceId")
        if instance and not same(old, new, "InstanceId"):
            allocation = _allocation(site, physical_id)
            site.client("ec2").associate_address(AllocationId=allocation, InstanceId=instance)
        retag(site, _allocation(site, physical_id), old, new)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        client = site.client("ec2")
        found = client.describe_addresses(PublicIps=[physical_id])["Addresses"][0]
        if found.get("AssociationId"):
            client.disassociate_address(AssociationId=found["AssociationId"])
        client.release_address(AllocationId=found["AllocationId"])


def _allocation(site: Site, address: str) -> str:
    found = site.client("ec2").describe_addresses(PublicIps=[address])["Addresses"]
    return str(found[0]["AllocationId"])


class NatGateway(Simple):
    """Ref is the id."""

    type = "AWS::EC2::NatGateway"
    kind = "natgateway"
    shape: ClassVar[Shapes] = {
        "AllocationId": STRING,
        "ConnectivityType": STRING,
        "SubnetId": STRING,
        "Tags": TAGS,
    }
    required = ("SubnetId",)
    create_only = settings(shape)
    attributes: ClassVar[Attributes] = {"NatGatewayId": lambda site, made: made}
    made = ("create_nat_gateway", "NatGateway.NatGatewayId")
    gone = ("delete_nat_gateway", "NatGatewayId")

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        client = site.client("ec2")
        found = client.describe_nat_gateways(NatGatewayIds=[physical_id])["NatGateways"]
        super().delete(site, physical_id, properties)
        for address in found[0]["NatGatewayAddresses"] if found else ():
            interface = address.get("NetworkInterfaceId")
            if interface:  # moto leaves it behind
                forgiving(partial(client.delete_network_interface, NetworkInterfaceId=interface))


class EgressOnlyGateway(Simple):
    """Ref is the id."""

    type = "AWS::EC2::EgressOnlyInternetGateway"
    kind = "egress-only-internet-gateway"
    shape: ClassVar[Shapes] = {"Tags": TAGS, "VpcId": STRING}
    required = ("VpcId",)
    create_only = ("VpcId",)
    attributes: ClassVar[Attributes] = {"Id": lambda site, made: made}
    made = (
        "create_egress_only_internet_gateway",
        "EgressOnlyInternetGateway.EgressOnlyInternetGatewayId",
    )
    gone = ("delete_egress_only_internet_gateway", "EgressOnlyInternetGatewayId")


class Peering(Simple):
    """Ref is the id; within one account it is accepted at once, as CloudFormation does."""

    type = "AWS::EC2::VPCPeeringConnection"
    kind = "vpc-peering-connection"
    shape: ClassVar[Shapes] = {
        "PeerOwnerId": STRING,
        "PeerRegion": STRING,
        "PeerVpcId": STRING,
        "Tags": TAGS,
        "VpcId": STRING,
    }
    required = ("PeerVpcId", "VpcId")
    create_only = settings(shape)
    attributes: ClassVar[Attributes] = {"Id": lambda site, made: made}
    made = (
        "create_vpc_peering_connection",
        "VpcPeeringConnection.VpcPeeringConnectionId",
    )
    gone = ("delete_vpc_peering_connection", "VpcPeeringConnectionId")

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        owner = read(new, "PeerOwnerId", site.access.account)
        region = read(new, "PeerRegion", site.access.region)
        if not old and (owner, region) == (site.access.account, site.access.region):
            client = site.client("ec2")
            client.accept_vpc_peering_connection(VpcPeeringConnectionId=physical_id)
        super().configure(site, physical_id, old, new)


MEMBERS: Final = ("RouteTableIds", "SecurityGroupIds", "SubnetIds")
"""What an endpoint can get more or less of."""


class Endpoint(Simple):
    """Ref is the id."""

    type = "AWS::EC2::VPCEndpoint"
    kind = "vpc-endpoint"
    shape: ClassVar[Shapes] = {
        "PolicyDocument": JSON,
        "PrivateDnsEnabled": BOOLEAN,
        "ServiceName": STRING,
        "Tags": TAGS,
        "VpcEndpointType": STRING,
        "VpcId": STRING,
        **{key: [STRING] for key in MEMBERS},
    }
    required = ("VpcId",)
    create_only = ("ServiceName", "VpcEndpointType", "VpcId")
    attributes: ClassVar[Attributes] = {"Id": lambda site, made: made}
    made = ("create_vpc_endpoint", "VpcEndpoint.VpcEndpointId")
    gone = ("delete_vpc_endpoints", "VpcEndpointIds")

    def request(self, wanted: Properties) -> dict[str, Any]:
        request = {"VpcEndpointType": "Gateway", **super().request(wanted)}
        if "PolicyDocument" in request:
            request["PolicyDocument"] = json_text(request["PolicyDocument"])
        return request

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        changes: dict[str, Any] = {}
        for name in MEMBERS if old else ():
            before, after = read(old, name, []), read(new, name, [])
            changes[f"Add{name}"] = [one for one in after if one not in before]
            changes[f"Remove{name}"] = [one for one in before if one not in after]
        if old and not same(old, new, "PolicyDocument"):
            changes["PolicyDocument"] = json_text(read(new, "PolicyDocument", ""))
        if wanted := {name: value for name, value in changes.items() if value}:
            site.client("ec2").modify_vpc_endpoint(VpcEndpointId=physical_id, **wanted)
        super().configure(site, physical_id, old, new)


class FlowLog(Simple):
    """Ref is the id; nothing of it but its tags can be changed."""

    type = "AWS::EC2::FlowLog"
    kind = "vpc-flow-log"
    shape: ClassVar[Shapes] = {
        "DeliverLogsPermissionArn": STRING,
        "LogDestination": STRING,
        "LogDestinationType": STRING,
        "LogFormat": STRING,
        "LogGroupName": STRING,
        "MaxAggregationInterval": INTEGER,
        "ResourceId": STRING,
        "ResourceType": STRING,
        "Tags": TAGS,
        "TrafficType": STRING,
    }
    required = ("ResourceId", "ResourceType")
    create_only = settings(shape)
    attributes: ClassVar[Attributes] = {"Id": lambda site, made: made}
    gone = ("delete_flow_logs", "FlowLogIds")

    def create(self, site: Site, wanted: Properties) -> str:
        request = self.request(wanted)
        answer = site.client("ec2").create_flow_logs(
            ResourceIds=[request.pop("ResourceId")], **request, **specification(self.kind, wanted)
        )
        for failed in answer.get("Unsuccessful", ()):
            raise Failure(f"{failed['Error']['Code']}: {failed['Error']['Message']}")
        return str(answer["FlowLogIds"][0])


PROVIDERS = by_name((ElasticIp, EgressOnlyGateway, Endpoint, FlowLog, NatGateway, Peering))
