"""A sample item has the shape of what the sandbox records, member for member."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from netmend.sandbox.config.kinds import KINDS
from netmend.sandbox.core import Sandbox
from netmend.scaffold import samples
from rules.netlib import permissions, raw

HTTPS = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
WEB = {**HTTPS, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "the web service"}]}


SAMPLED = [kind for kind in KINDS if samples.path(kind).exists()]


def network(ec2: Any) -> dict[str, str]:
    """One resource of each type that has a sample, by its type."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    listed = ec2.create_managed_prefix_list(
        PrefixListName="offices",
        AddressFamily="IPv4",
        MaxEntries=5,
        Entries=[{"Cidr": "198.51.100.0/24", "Description": "the office"}],
    )
    group = ec2.create_security_group(GroupName="web", Description="the web service", VpcId=vpc)
    ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[WEB])
    acl = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"][0]
    return {
        "AWS::EC2::NetworkAcl": acl["NetworkAclId"],
        "AWS::EC2::VPC": vpc,
        "AWS::EC2::Subnet": subnet,
        "AWS::EC2::RouteTable": table,
        "AWS::EC2::PrefixList": listed["PrefixList"]["PrefixListId"],
        "AWS::EC2::SecurityGroup": group["GroupId"],
    }


@pytest.fixture(scope="module")
def recorded() -> Iterator[dict[str, dict[str, Any]]]:
    """The items as Config's history has them, by type."""
    with Sandbox() as sandbox:
        made = network(sandbox.client("ec2", samples.REGION))
        sandbox.settle()
        config = sandbox.client("config", samples.REGION)
        found = {
            kind: config.get_resource_config_history(resourceType=kind, resourceId=name, limit=1)
            for kind, name in made.items()
        }
        yield {kind: answer["configurationItems"][0] for kind, answer in found.items()}


def shape(value: Any) -> Any:
    """Names and types, without values; of a list the shapes of its elements."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [shape(one) for one in value]
    return type(value).__name__


@pytest.mark.parametrize("kind", SAMPLED)
def test_a_sample_is_as_the_sandbox_records_it(
    kind: str, recorded: dict[str, dict[str, Any]]
) -> None:
    sample = samples.item(kind)
    assert shape(sample["configuration"]) == shape(json.loads(recorded[kind]["configuration"]))
    assert (sample["resourceName"] is None) == ("resourceName" not in recorded[kind])


@pytest.mark.parametrize("kind", SAMPLED)
def test_a_sample_is_an_item_that_rules_can_read(kind: str) -> None:
    assert raw.from_item(samples.item(kind)).resource_type == kind


def test_a_group_of_a_sample_has_one_described_rule() -> None:
    group = permissions.from_item(samples.item("AWS::EC2::SecurityGroup"))
    assert [rule.description for rule in group.ingress] == ["the web service"]
