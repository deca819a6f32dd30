"""A change in the network becomes a configuration item of exactly the shape that Config sends."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.sandbox import config_world
from tests.sandbox.config_world import (
    ACCOUNT,
    PREFIX_LIST,
    REGION,
    SSH,
    World,
    history,
    identifiers,
)

EVENT_KEYS = [
    "version",
    "invokingEvent",
    "resultToken",
    "eventLeftScope",
    "executionRoleArn",
    "configRuleArn",
    "configRuleName",
    "configRuleId",
    "accountId",
]
ITEM_KEYS = [
    "relatedEvents",
    "relationships",
    "configuration",
    "supplementaryConfiguration",
    "tags",
    "configurationItemVersion",
    "configurationItemCaptureTime",
    "configurationStateId",
    "awsAccountId",
    "configurationItemStatus",
    "resourceType",
    "resourceId",
    "resourceName",
    "ARN",
    "awsRegion",
    "availabilityZone",
    "configurationStateMd5Hash",
    "resourceCreationTime",
]
PERMISSION_KEYS = {
    "fromPort",
    "ipProtocol",
    "ipRanges",
    "ipv4Ranges",
    "ipv6Ranges",
    "prefixListIds",
    "toPort",
    "userIdGroupPairs",
}
ISO_MILLISECONDS = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
EVERYTHING_OUT = {
    "ipProtocol": "-1",
    "ipv6Ranges": [],
    "prefixListIds": [],
    "userIdGroupPairs": [],
    "ipv4Ranges": [{"cidrIp": "0.0.0.0/0"}],
    "ipRanges": ["0.0.0.0/0"],
}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with config_world.started() as started:
        started.group()
        started.settle()
        started.rule()
        yield started


def empty(**more: Any) -> dict[str, Any]:
    lists = ("ipv6Ranges", "prefixListIds", "userIdGroupPairs", "ipv4Ranges", "ipRanges")
    return {**{name: [] for name in lists}, **more}


def test_an_invocation_has_the_keys_of_a_recorded_one(world: World) -> None:
    group = world.group()
    world.settle()
    (event,) = world.events_of(group)
    assert list(event) == EVENT_KEYS
    assert event["version"] == "1.0"
    assert event["accountId"] == ACCOUNT
    assert event["eventLeftScope"] is False
    assert event["executionRoleArn"].endswith("/AWSServiceRoleForConfig")
    assert re.fullmatch(
        rf"arn:aws:config:{REGION}:{ACCOUNT}:config-rule/config-rule-[a-z0-9]{{6}}",
        event["configRuleArn"],
    )
    assert event["configRuleArn"].endswith(event["configRuleId"])


def test_an_item_has_the_keys_and_types_of_a_recorded_one(world: World) -> None:
    group = world.group()
    world.settle()
    (event,), (item,) = world.events_of(group), world.items_of(group)
    assert list(event["invokingEvent"]) == [
        "configurationItemDiff",
        "configurationItem",
        "notificationCreationTime",
        "messageType",
        "recordVersion",
    ]
    assert list(item) == ITEM_KEYS
    assert item["configurationItemVersion"] == "1.3"
    assert re.fullmatch(ISO_MILLISECONDS, item["configurationItemCaptureTime"])
    assert isinstance(item["configurationStateId"], int)
    assert item["ARN"] == f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{group}"
    assert item["availabilityZone"] == "Not Applicable"
    assert item["relationships"] == [
        {
            "resourceId": world.vpc,
            "resourceName": None,
            "resourceType": "AWS::EC2::VPC",
            "name": "Is contained in Vpc",
        }
    ]


def test_a_security_group_is_described_in_full(world: World) -> None:
    group = world.group(team="a")
    world.settle()
    (item,) = world.items_of(group)
    assert item["configuration"] == {
        "description": "of a test",
        "groupName": item["resourceName"],
        "ipPermissions": [],
        "ownerId": ACCOUNT,
        "groupId": group,
        "ipPermissionsEgress": [EVERYTHING_OUT],
        "tags": [{"key": "team", "value": "a"}],
        "vpcId": world.vpc,
    }
    assert item["tags"] == {"team": "a"}
    assert item["resourceName"].startswith("group-")


PERMISSIONS = [
    pytest.param(
        {**SSH, "IpRanges": [{"CidrIp": "192.0.2.0/24", "Description": "the office"}]},
        empty(
            ipProtocol="tcp",
            fromPort=22,
            toPort=22,
            ipv4Ranges=[{"cidrIp": "192.0.2.0/24", "description": "the office"}],
            ipRanges=["192.0.2.0/24"],
        ),
        id="IPv4 sources stand twice, and only once with a description",
    ),
    pytest.param(
        {**SSH, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
        empty(ipProtocol="tcp", fromPort=22, toPort=22, ipv6Ranges=[{"cidrIpv6": "::/0"}]),
        id="IPv6 sources have no legacy form",
    ),
    pytest.param(
        {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
        EVERYTHING_OUT,
        id="all protocols have no ports at all, not even nulls",
    ),
    pytest.param(
        {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
        empty(
            ipProtocol="icmp",
            fromPort=-1,
            toPort=-1,
            ipv4Ranges=[{"cidrIp": "0.0.0.0/0"}],
            ipRanges=["0.0.0.0/0"],
        ),
        id="ICMP carries its types where ports stand",
    ),
]


@pytest.mark.parametrize(("permission", "expected"), PERMISSIONS)
def test_a_permission_is_written_as_config_writes_it(
    world: World, permission: dict[str, Any], expected: dict[str, Any]
) -> None:
    group = world.group()
    world.open(group, permission)
    world.settle()
    assert world.items_of(group)[-1]["configuration"]["ipPermissions"] == [expected]


def test_sources_of_one_port_range_stand_in_one_permission(world: World) -> None:
    group, other = world.group(), world.group()
    for source in (
        {"IpRanges": [{"CidrIp": "192.0.2.0/24"}]},
        {"Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32"}]},
        {"UserIdGroupPairs": [{"GroupId": other}]},
    ):
        world.open(group, {**SSH, **source})
    world.settle()
    (permission,) = world.items_of(group)[-1]["configuration"]["ipPermissions"]
    assert set(permission) == PERMISSION_KEYS
    assert permission["userIdGroupPairs"] == [{"groupId": other, "userId": ACCOUNT}]
    assert len(permission["ipv4Ranges"]) == len(permission["ipv6Ranges"]) == 1


def test_a_prefix_list_is_written_as_registry_types_are(world: World) -> None:
    world.rule("lists", Scope={"ComplianceResourceTypes": [PREFIX_LIST]})
    made = world.client("ec2").create_managed_prefix_list(
        PrefixListName="offices",
        AddressFamily="IPv4",
        MaxEntries=5,
        Entries=[{"Cidr": "192.0.2.0/24", "Description": "one"}, {"Cidr": "198.51.100.0/24"}],
    )["PrefixList"]
    world.settle()
    (item,) = world.items_of(made["PrefixListId"], "lists")
    assert item["configuration"] == {
        "AddressFamily": "IPv4",
        "Arn": made["PrefixListArn"],
        "Entries": [
            {"Cidr": "192.0.2.0/24", "Description": "one"},
            {"Cidr": "198.51.100.0/24"},
        ],
        "MaxEntries": 5,
        "OwnerId": ACCOUNT,
        "PrefixListId": made["PrefixListId"],
        "PrefixListName": "offices",
        "Tags": [],
        "Version": 1,
    }
    assert item["availabilityZone"] == "Regional"


def test_entries_of_a_prefix_list_are_recorded_as_they_change(world: World) -> None:
    ec2 = world.client("ec2")
    made = ec2.create_managed_prefix_list(
        PrefixListName="growing", AddressFamily="IPv4", MaxEntries=5
    )["PrefixList"]["PrefixListId"]
    world.settle()
    ec2.modify_managed_prefix_list(
        PrefixListId=made, CurrentVersion=1, AddEntries=[{"Cidr": "192.0.2.0/24"}]
    )
    world.settle()
    last, first = history(world, made, resourceType=PREFIX_LIST)
    assert json.loads(first["configuration"])["Entries"] == []
    assert json.loads(last["configuration"])["Entries"] == [{"Cidr": "192.0.2.0/24"}]


def test_aws_own_prefix_lists_are_not_recorded(world: World) -> None:
    theirs = world.client("ec2").describe_managed_prefix_lists(
        Filters=[{"Name": "owner-id", "Values": ["AWS"]}]
    )["PrefixLists"]
    assert theirs
    assert not {one["PrefixListId"] for one in theirs} & set(identifiers(world, PREFIX_LIST))


def test_a_group_that_is_used_says_by_what(world: World) -> None:
    ec2 = world.client("ec2")
    group = world.group()
    subnet = ec2.create_subnet(VpcId=world.vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    world.settle()
    made = ec2.create_network_interface(SubnetId=subnet, Groups=[group])["NetworkInterface"]
    world.settle()
    related = [(r["name"], r["resourceId"]) for r in world.items_of(group)[-1]["relationships"]]
    assert related == [
        ("Is associated with NetworkInterface", made["NetworkInterfaceId"]),
        ("Is contained in Vpc", world.vpc),
    ]


TOPOLOGY = [
    pytest.param(
        "AWS::EC2::VPC",
        lambda w: w.vpc,
        {"cidrBlock": "10.0.0.0/16", "isDefault": False, "state": "available"},
        "Multiple Availability Zones",
        id="a VPC spans its zones",
    ),
    pytest.param(
        "AWS::EC2::Subnet",
        lambda w: w.client("ec2").create_subnet(
            VpcId=w.vpc, CidrBlock="10.0.9.0/24", AvailabilityZone="us-east-1b"
        )["Subnet"]["SubnetId"],
        {"cidrBlock": "10.0.9.0/24", "state": "available", "availabilityZone": "us-east-1b"},
        "us-east-1b",
        id="a subnet lies in one zone",
    ),
    pytest.param(
        "AWS::EC2::RouteTable",
        lambda w: w.client("ec2").create_route_table(VpcId=w.vpc)["RouteTable"]["RouteTableId"],
        {"associations": [], "propagatingVgws": [], "tags": []},
        "Not Applicable",
        id="a route table has no zone",
    ),
]


@pytest.mark.parametrize(("kind", "make", "expected", "zone"), TOPOLOGY)
def test_the_network_around_the_groups_is_recorded(
    world: World, kind: str, make: Callable[[World], str], expected: dict[str, Any], zone: str
) -> None:
    resource = make(world)
    world.settle()
    (item,) = history(world, resource, resourceType=kind)
    configuration = json.loads(item["configuration"])
    assert {key: configuration[key] for key in expected} == expected
    assert item["availabilityZone"] == zone


def test_a_route_has_nulls_where_it_has_no_target(world: World) -> None:
    tables = identifiers(world, "AWS::EC2::RouteTable")
    item = history(world, tables[0], resourceType="AWS::EC2::RouteTable")[0]
    (route,) = json.loads(item["configuration"])["routes"]
    assert route["gatewayId"] == "local"
    assert route["origin"] == "CreateRouteTable"
    assert route["natGatewayId"] is None
