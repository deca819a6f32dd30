"""What networks are made of beside groups and routes is made, changed and deleted by stacks."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from netmend.sandbox.core import Sandbox
from tests.sandbox.cloudformation_world import body, history_text, stack, update
from tests.sandbox.cloudformation_world import create as create_stack


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Iterator[Sandbox]:
    yield started
    started.reset()


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def got(name: str, attribute: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, attribute]}


def made(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


NET = {
    "Net": made("EC2::VPC", CidrBlock="10.0.0.0/16"),
    "Part": made("EC2::Subnet", VpcId=ref("Net"), CidrBlock="10.0.1.0/24"),
}
TAGS = [{"Key": "a", "Value": "1"}]
CASES = {
    "a NAT gateway with its address": {
        "Address": made("EC2::EIP", Domain="vpc", Tags=TAGS),
        "Nat": made(
            "EC2::NatGateway", SubnetId=ref("Part"), AllocationId=got("Address", "AllocationId")
        ),
    },
    "a gateway endpoint and an interface endpoint": {
        "Table": made("EC2::RouteTable", VpcId=ref("Net")),
        "S3": made(
            "EC2::VPCEndpoint",
            VpcId=ref("Net"),
            ServiceName="com.amazonaws.us-east-1.s3",
            RouteTableIds=[ref("Table")],
        ),
        "Ssm": made(
            "EC2::VPCEndpoint",
            VpcId=ref("Net"),
            ServiceName="com.amazonaws.us-east-1.ssm",
            VpcEndpointType="Interface",
            SubnetIds=[ref("Part")],
        ),
    },
    "a flow log to a bucket": {
        "Bucket": made("S3::Bucket"),
        "Log": made(
            "EC2::FlowLog",
            ResourceId=ref("Net"),
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestinationType="s3",
            LogDestination=got("Bucket", "Arn"),
        ),
    },
    "a network ACL of a subnet": {
        "Acl": made("EC2::NetworkAcl", VpcId=ref("Net"), Tags=TAGS),
        "In": made(
            "EC2::NetworkAclEntry",
            NetworkAclId=ref("Acl"),
            RuleNumber=100,
            Protocol=6,
            RuleAction="allow",
            CidrBlock="10.0.0.0/8",
            PortRange={"From": 22, "To": 22},
        ),
        "Its": made(
            "EC2::SubnetNetworkAclAssociation", SubnetId=ref("Part"), NetworkAclId=ref("Acl")
        ),
    },
    "a transit gateway with a route": {
        "Hub": made("EC2::TransitGateway", Description="hub", Tags=TAGS),
        "Spoke": made(
            "EC2::TransitGatewayAttachment",
            TransitGatewayId=ref("Hub"),
            VpcId=ref("Net"),
            SubnetIds=[ref("Part")],
        ),
        "Routes": made("EC2::TransitGatewayRouteTable", TransitGatewayId=ref("Hub")),
        "Way": made(
            "EC2::TransitGatewayRoute",
            DestinationCidrBlock="10.9.0.0/16",
            TransitGatewayRouteTableId=ref("Routes"),
            TransitGatewayAttachmentId=ref("Spoke"),
        ),
        "Known": made(
            "EC2::TransitGatewayRouteTablePropagation",
            TransitGatewayRouteTableId=ref("Routes"),
            TransitGatewayAttachmentId=ref("Spoke"),
        ),
    },
    "two VPCs that are peers": {
        "Other": made("EC2::VPC", CidrBlock="10.7.0.0/16"),
        "Peers": made("EC2::VPCPeeringConnection", VpcId=ref("Net"), PeerVpcId=ref("Other")),
    },
    "an interface and a gateway for IPv6": {
        "Card": made("EC2::NetworkInterface", SubnetId=ref("Part"), Description="first"),
        "Out": made("EC2::EgressOnlyInternetGateway", VpcId=ref("Net")),
    },
    "a private zone with records": {
        "Zone": made(
            "Route53::HostedZone",
            Name="example.internal.",
            VPCs=[{"VPCId": ref("Net"), "VPCRegion": "us-east-1"}],
        ),
        "Www": made(
            "Route53::RecordSet",
            HostedZoneId=ref("Zone"),
            Name="www.example.internal.",
            Type="A",
            TTL=60,
            ResourceRecords=["10.0.1.5"],
        ),
        "Same": made(
            "Route53::RecordSet",
            HostedZoneId=ref("Zone"),
            Name="same.example.internal.",
            Type="A",
            AliasTarget={"DNSName": ref("Www"), "HostedZoneId": ref("Zone")},
        ),
    },
    "an instance with a volume and a group": {
        "Group": made("EC2::SecurityGroup", GroupDescription="its", VpcId=ref("Net")),
        "Box": made(
            "EC2::Instance",
            ImageId="ami-12345678",
            InstanceType="t3.micro",
            SubnetId=ref("Part"),
            SecurityGroupIds=[ref("Group")],
        ),
        "Disk": made("EC2::Volume", AvailabilityZone="us-east-1a", Size=8),
        "Held": made("EC2::VolumeAttachment", VolumeId=ref("Disk"), InstanceId=ref("Box")),
    },
    "an instance with a card of its own": {
        "Group": made("EC2::SecurityGroup", GroupDescription="its", VpcId=ref("Net")),
        "Box": made(
            "EC2::Instance",
            ImageId="ami-12345678",
            InstanceType="t3.micro",
            Monitoring=True,
            MetadataOptions={"HttpTokens": "required"},
            NetworkInterfaces=[
                {"DeviceIndex": "0", "SubnetId": ref("Part"), "GroupSet": [ref("Group")]}
            ],
        ),
    },
    "a bus, a schedule, a query and an aggregator": {
        "Query": made("Config::StoredQuery", QueryName="open", QueryExpression="SELECT resourceId"),
        "Hourly": made("Events::Rule", ScheduleExpression="rate(1 hour)"),
        "Bus": made("Events::EventBus", Name="net"),
        "All": made(
            "Config::ConfigurationAggregator",
            AccountAggregationSources=[{"AccountIds": ["123456789012"], "AllAwsRegions": True}],
        ),
    },
}


def world(sandbox: Sandbox) -> dict[str, int]:
    """How many there are of each thing that a case makes."""
    ec2 = sandbox.client("ec2")
    endpoints = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    nats = ec2.describe_nat_gateways()["NatGateways"]
    transit = ec2.describe_transit_gateways()["TransitGateways"]
    counted = {
        "acls": ec2.describe_network_acls()["NetworkAcls"],
        "addresses": ec2.describe_addresses()["Addresses"],
        "endpoints": [one for one in endpoints if one["State"] != "deleted"],
        "interfaces": ec2.describe_network_interfaces()["NetworkInterfaces"],
        "logs": ec2.describe_flow_logs()["FlowLogs"],
        "nats": [one for one in nats if one["State"] != "deleted"],
        "transit": [one for one in transit if one["State"] != "deleted"],
        "volumes": ec2.describe_volumes()["Volumes"],
        "vpcs": ec2.describe_vpcs()["Vpcs"],
        "zones": sandbox.client("route53").list_hosted_zones()["HostedZones"],
    }
    return {name: len(found) for name, found in counted.items()}


@pytest.mark.parametrize("case", CASES)
def test_a_network_is_made_and_deleted_whole(sandbox: Sandbox, case: str) -> None:
    before = world(sandbox)
    text = body({**NET, **CASES[case]})
    assert create_stack(sandbox, text) == "CREATE_COMPLETE", history_text(sandbox)
    assert world(sandbox) != before
    client = sandbox.client("cloudformation")
    client.delete_stack(StackName=(made_id := stack(sandbox)["StackId"]))
    assert stack(sandbox, made_id)["StackStatus"] == "DELETE_COMPLETE"
    assert world(sandbox) == before


CHANGES = [
    pytest.param(
        "a network ACL of a subnet",
        ("In", "PortRange", {"From": 443, "To": 443}),
        lambda sandbox: [
            entry["PortRange"]["From"]
            for acl in sandbox.client("ec2").describe_network_acls()["NetworkAcls"]
            for entry in acl["Entries"]
            if entry["RuleNumber"] == 100 and "PortRange" in entry
        ],
        [443],
        id="an entry is replaced",
    ),
    pytest.param(
        "a private zone with records",
        ("Www", "ResourceRecords", ["10.0.1.6"]),
        lambda sandbox: [
            record["ResourceRecords"][0]["Value"]
            for zone in sandbox.client("route53").list_hosted_zones()["HostedZones"]
            for record in sandbox.client("route53").list_resource_record_sets(
                HostedZoneId=zone["Id"]
            )["ResourceRecordSets"]
            if record["Name"] == "www.example.internal."
        ],
        ["10.0.1.6"],
        id="a record changes",
    ),
    pytest.param(
        "a gateway endpoint and an interface endpoint",
        ("S3", "RouteTableIds", []),
        lambda sandbox: [
            one["RouteTableIds"]
            for one in sandbox.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
            if one["ServiceName"].endswith(".s3")
        ],
        [[]],
        id="an endpoint loses its route table",
    ),
    pytest.param(
        "an interface and a gateway for IPv6",
        ("Card", "Description", "second"),
        lambda sandbox: [
            one["Description"]
            for one in sandbox.client("ec2").describe_network_interfaces()["NetworkInterfaces"]
        ],
        ["second"],
        id="an interface is described anew",
    ),
]


@pytest.mark.parametrize(("case", "change", "told", "expected"), CHANGES)
def test_an_update_changes_what_stands(
    sandbox: Sandbox, case: str, change: tuple[str, str, Any], told: Any, expected: Any
) -> None:
    resources = deepcopy({**NET, **CASES[case]})
    create_stack(sandbox, body(resources))
    name, key, value = change
    resources[name]["Properties"][key] = value
    assert update(sandbox, body(resources)) == "UPDATE_COMPLETE", history_text(sandbox)
    assert told(sandbox) == expected


def test_a_record_that_stands_already_is_not_taken_over(sandbox: Sandbox) -> None:
    case = {**NET, **CASES["a private zone with records"]}
    twin = {**deepcopy(case["Www"]), "DependsOn": "Www"}
    text = body({**case, "Twin": twin})
    assert create_stack(sandbox, text) == "ROLLBACK_COMPLETE"
    assert "already exists" in history_text(sandbox)
    assert sandbox.client("route53").list_hosted_zones()["HostedZones"] == []
