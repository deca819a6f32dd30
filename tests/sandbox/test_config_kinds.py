"""Each type of network resource is recorded in Config's own shape, from its making to its end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from tests.sandbox import config_world
from tests.sandbox.config_world import ACCOUNT, REGION, World


class Case(NamedTuple):
    """make: its id; remove: delete the resource of that id; configuration: some of it."""

    kind: str
    make: Callable[[World], str]
    remove: Callable[[World, str], Any]
    configuration: dict[str, Any]
    related: list[str]
    zone: str
    arn: str


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with config_world.started() as started:
        yield started


def ec2(world: World) -> Any:
    return world.client("ec2")


def subnet(world: World) -> str:
    """A new subnet of the world's VPC."""
    number = len(ec2(world).describe_subnets()["Subnets"])
    made = ec2(world).create_subnet(
        VpcId=world.vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone="us-east-1b"
    )
    return str(made["Subnet"]["SubnetId"])


def acl(world: World) -> str:
    made = ec2(world).create_network_acl(VpcId=world.vpc)["NetworkAcl"]["NetworkAclId"]
    ec2(world).create_network_acl_entry(
        NetworkAclId=made,
        RuleNumber=100,
        Protocol="6",
        RuleAction="allow",
        Egress=False,
        CidrBlock="0.0.0.0/0",
        PortRange={"From": 22, "To": 22},
    )
    return str(made)


def association(world: World) -> str:
    table = ec2(world).create_route_table(VpcId=world.vpc)["RouteTable"]["RouteTableId"]
    made = ec2(world).associate_route_table(RouteTableId=table, SubnetId=subnet(world))
    return str(made["AssociationId"])


def gateway(world: World) -> str:
    made = ec2(world).create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    vpc = ec2(world).create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    ec2(world).attach_internet_gateway(InternetGatewayId=made, VpcId=vpc)
    return str(made)


def remove_gateway(world: World, one: str) -> None:
    (found,) = ec2(world).describe_internet_gateways(InternetGatewayIds=[one])["InternetGateways"]
    vpc = found["Attachments"][0]["VpcId"]
    ec2(world).detach_internet_gateway(InternetGatewayId=one, VpcId=vpc)
    ec2(world).delete_internet_gateway(InternetGatewayId=one)


def egress_only(world: World) -> str:
    made = ec2(world).create_egress_only_internet_gateway(VpcId=world.vpc)
    return str(made["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"])


def address(world: World) -> str:
    return str(ec2(world).allocate_address(Domain="vpc")["AllocationId"])


def nat(world: World) -> str:
    made = ec2(world).create_nat_gateway(SubnetId=subnet(world), AllocationId=address(world))
    return str(made["NatGateway"]["NatGatewayId"])


def peering(world: World) -> str:
    peer = ec2(world).create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    made = ec2(world).create_vpc_peering_connection(VpcId=world.vpc, PeerVpcId=peer)
    return str(made["VpcPeeringConnection"]["VpcPeeringConnectionId"])


def transit(world: World) -> str:
    made = ec2(world).create_transit_gateway(Description="the hub")
    return str(made["TransitGateway"]["TransitGatewayId"])


def interface(world: World) -> str:
    made = ec2(world).create_network_interface(SubnetId=subnet(world), Groups=[world.group()])
    return str(made["NetworkInterface"]["NetworkInterfaceId"])


def instance(world: World) -> str:
    made = ec2(world).run_instances(
        ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=subnet(world)
    )
    return str(made["Instances"][0]["InstanceId"])


def endpoint(world: World) -> str:
    made = ec2(world).create_vpc_endpoint(
        VpcId=world.vpc, ServiceName=f"com.amazonaws.{REGION}.s3", VpcEndpointType="Gateway"
    )
    return str(made["VpcEndpoint"]["VpcEndpointId"])


def flow_log(world: World) -> str:
    world.client("s3").create_bucket(Bucket="flows")
    made = ec2(world).create_flow_logs(
        ResourceIds=[world.vpc],
        ResourceType="VPC",
        TrafficType="REJECT",
        LogDestinationType="s3",
        LogDestination="arn:aws:s3:::flows",
    )
    return str(made["FlowLogIds"][0])


def zone(world: World) -> str:
    made = world.client("route53").create_hosted_zone(
        Name="example.com", CallerReference="one", HostedZoneConfig={"Comment": "ours"}
    )
    return str(made["HostedZone"]["Id"]).rpartition("/")[2]


INGRESS = {
    "cidrBlock": "0.0.0.0/0",
    "portRange": {"from": 22, "to": 22},
    "egress": False,
    "protocol": "6",
    "ruleAction": "allow",
    "ruleNumber": 100,
}

CASES = {
    "a network ACL with a numbered entry": Case(
        "AWS::EC2::NetworkAcl",
        acl,
        lambda w, one: ec2(w).delete_network_acl(NetworkAclId=one),
        {"isDefault": False, "associations": [], "entries": [INGRESS]},
        ["Is contained in Vpc"],
        "Multiple Availability Zones",
        "network-acl/{}",
    ),
    "a subnet's choice of a route table": Case(
        "AWS::EC2::SubnetRouteTableAssociation",
        association,
        lambda w, one: ec2(w).disassociate_route_table(AssociationId=one),
        {},
        ["Is associated with RouteTable", "Is associated with Subnet"],
        "Regional",
        "subnet-route-table-association/{}",
    ),
    "an internet gateway that is attached": Case(
        "AWS::EC2::InternetGateway",
        gateway,
        remove_gateway,
        {"ownerId": ACCOUNT, "tags": []},
        ["Is attached to Vpc"],
        "Multiple Availability Zones",
        "internet-gateway/{}",
    ),
    "an egress-only internet gateway": Case(
        "AWS::EC2::EgressOnlyInternetGateway",
        egress_only,
        lambda w, one: ec2(w).delete_egress_only_internet_gateway(EgressOnlyInternetGatewayId=one),
        {"tags": []},
        ["Is attached to Vpc"],
        "Not Applicable",
        "egress-only-internet-gateway/{}",
    ),
    "a NAT gateway, which moto keeps when it is deleted": Case(
        "AWS::EC2::NatGateway",
        nat,
        lambda w, one: ec2(w).delete_nat_gateway(NatGatewayId=one),
        {"connectivityType": "public", "state": "available"},
        ["Is contained in ", "Is contained in "],
        "Not Applicable",
        "natgateway/{}",
    ),
    "a peering that waits for its acceptance": Case(
        "AWS::EC2::VPCPeeringConnection",
        peering,
        lambda w, one: ec2(w).delete_vpc_peering_connection(VpcPeeringConnectionId=one),
        {"tags": []},
        ["Is associated with ", "Is associated with "],
        "Not Applicable",
        "vpc-peering-connection/{}",
    ),
    "a transit gateway in the registry's words": Case(
        "AWS::EC2::TransitGateway",
        transit,
        lambda w, one: ec2(w).delete_transit_gateway(TransitGatewayId=one),
        {
            "Description": "the hub",
            "AmazonSideAsn": 64512,
            "AutoAcceptSharedAttachments": "disable",
        },
        [],
        "Regional",
        "transit-gateway/{}",
    ),
    "a network interface": Case(
        "AWS::EC2::NetworkInterface",
        interface,
        lambda w, one: ec2(w).delete_network_interface(NetworkInterfaceId=one),
        {"status": "available", "sourceDestCheck": True, "availabilityZone": "us-east-1b"},
        ["Is associated with SecurityGroup", "Is contained in Subnet", "Is contained in Vpc"],
        "us-east-1b",
        "network-interface/{}",
    ),
    "an instance, which stays described when it is terminated": Case(
        "AWS::EC2::Instance",
        instance,
        lambda w, one: ec2(w).terminate_instances(InstanceIds=[one]),
        {"state": {"code": 16, "name": "running"}, "imageId": "ami-12c6146b"},
        [
            "Contains NetworkInterface",
            "Is associated with SecurityGroup",
            "Is contained in Subnet",
            "Is contained in Vpc",
        ],
        "us-east-1b",
        "instance/{}",
    ),
    "an address that nothing has": Case(
        "AWS::EC2::EIP",
        address,
        lambda w, one: ec2(w).release_address(AllocationId=one),
        {"domain": "vpc"},
        [],
        "Not Applicable",
        "eip-allocation/{}",
    ),
    "a VPC endpoint": Case(
        "AWS::EC2::VPCEndpoint",
        endpoint,
        lambda w, one: ec2(w).delete_vpc_endpoints(VpcEndpointIds=[one]),
        {"vpcEndpointType": "Gateway", "state": {"value": "available"}},
        ["Is contained in Vpc"],
        "Multiple Availability Zones",
        "vpc-endpoint/{}",
    ),
    "a flow log, which is related to nothing": Case(
        "AWS::EC2::FlowLog",
        flow_log,
        lambda w, one: ec2(w).delete_flow_logs(FlowLogIds=[one]),
        {"trafficType": "REJECT", "logDestination": "arn:aws:s3:::flows"},
        [],
        "Not Applicable",
        "vpc-flow-log/{}",
    ),
    "a hosted zone in the registry's words": Case(
        "AWS::Route53::HostedZone",
        zone,
        lambda w, one: w.client("route53").delete_hosted_zone(Id=one),
        {"Name": "example.com.", "HostedZoneConfig": {"Comment": "ours"}, "VPCs": []},
        [],
        "Regional",
        "hostedzone/{}",
    ),
}


def items(world: World, kind: str, resource: str) -> list[dict[str, Any]]:
    """The history of a resource, latest first, its configuration parsed."""
    found = world.client("config").get_resource_config_history(
        resourceType=kind, resourceId=resource
    )["configurationItems"]
    return [{**one, "configuration": json.loads(one.get("configuration", "null"))} for one in found]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_resource_is_recorded_from_its_making_to_its_end(world: World, case: Case) -> None:
    resource = case.make(world)
    world.settle()
    (item,) = items(world, case.kind, resource)
    assert item["configurationItemStatus"] == "ResourceDiscovered"
    assert case.configuration.items() <= item["configuration"].items()
    assert [one["relationshipName"] for one in item["relationships"]] == case.related
    assert item["availabilityZone"] == case.zone
    assert item["arn"].endswith(case.arn.format(resource))
    case.remove(world, resource)
    world.settle()
    gone = items(world, case.kind, resource)[0]
    assert (gone["configurationItemStatus"], gone["configuration"]) == ("ResourceDeleted", None)


def targets(world: World, kind: str, resource: str) -> dict[str, str]:
    """The resources that the last item is related to, by type."""
    relationships = items(world, kind, resource)[0]["relationships"]
    return {one["resourceType"]: one["resourceId"] for one in relationships}


def test_a_subnet_and_its_route_table_know_each_other(world: World) -> None:
    one = subnet(world)
    table = ec2(world).create_route_table(VpcId=world.vpc)["RouteTable"]["RouteTableId"]
    ec2(world).associate_route_table(RouteTableId=table, SubnetId=one)
    world.settle()
    around = targets(world, "AWS::EC2::Subnet", one)
    assert around["AWS::EC2::RouteTable"] == table
    assert targets(world, "AWS::EC2::RouteTable", table)["AWS::EC2::Subnet"] == one
    acl = around["AWS::EC2::NetworkAcl"]
    known = items(world, "AWS::EC2::NetworkAcl", acl)[0]["configuration"]["associations"]
    assert one in [each["subnetId"] for each in known]


def test_an_interface_and_its_address_know_each_other(world: World) -> None:
    one, allocation = interface(world), address(world)
    ec2(world).associate_address(AllocationId=allocation, NetworkInterfaceId=one)
    world.settle()
    assert targets(world, "AWS::EC2::NetworkInterface", one)["AWS::EC2::EIP"] == allocation
    assert targets(world, "AWS::EC2::EIP", allocation) == {"AWS::EC2::NetworkInterface": one}


def test_an_instance_and_its_interface_know_each_other(world: World) -> None:
    one = instance(world)
    world.settle()
    nic = targets(world, "AWS::EC2::Instance", one)["AWS::EC2::NetworkInterface"]
    assert targets(world, "AWS::EC2::NetworkInterface", nic)["AWS::EC2::Instance"] == one


def test_a_hosted_zone_is_recorded_in_its_home_region_alone(world: World) -> None:
    far = world.sandbox.client("route53", "eu-west-1")
    made = far.create_hosted_zone(Name="far.example.com", CallerReference="far")
    world.settle()
    resource = made["HostedZone"]["Id"].rpartition("/")[2]
    (item,) = items(world, "AWS::Route53::HostedZone", resource)
    assert item["arn"] == f"arn:aws:route53:::hostedzone/{resource}"
    elsewhere = world.sandbox.client("config", "eu-west-1").list_discovered_resources(
        resourceType="AWS::Route53::HostedZone"
    )
    assert elsewhere["resourceIdentifiers"] == []


def test_tags_of_a_hosted_zone_are_recorded_and_records_are_not(world: World) -> None:
    dns = world.client("route53")
    made = dns.create_hosted_zone(Name="tagged.example.com", CallerReference="tagged")
    resource = made["HostedZone"]["Id"].rpartition("/")[2]
    world.settle()
    record = {"Name": "a.tagged.example.com", "Type": "TXT", "TTL": 60}
    change = {"Action": "CREATE", "ResourceRecordSet": {**record, "ResourceRecords": [TEXT]}}
    dns.change_resource_record_sets(HostedZoneId=resource, ChangeBatch={"Changes": [change]})
    world.settle()
    assert len(items(world, "AWS::Route53::HostedZone", resource)) == 1
    dns.change_tags_for_resource(
        ResourceType="hostedzone", ResourceId=resource, AddTags=[{"Key": "team", "Value": "dns"}]
    )
    world.settle()
    item = items(world, "AWS::Route53::HostedZone", resource)[0]
    assert item["tags"] == {"team": "dns"}
    assert item["configuration"]["HostedZoneTags"] == [{"Key": "team", "Value": "dns"}]


TEXT = {"Value": '"text"'}
