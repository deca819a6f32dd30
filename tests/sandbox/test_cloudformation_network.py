"""A network made by a stack is a network like any other, and an update keeps its groups."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox
from netmend.stacks import StackError, deploy
from tests.sandbox.watching import Watcher


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Sandbox:
    started.hooks.clear()
    started.reset()
    return started


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def made(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::EC2::{kind}", "Properties": properties}


WEB = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8"}
SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
RESOURCES: dict[str, Any] = {
    "Net": made("VPC", CidrBlock="10.0.0.0/16", EnableDnsHostnames=True),
    "Part": made("Subnet", VpcId=ref("Net"), CidrBlock="10.0.1.0/24", MapPublicIpOnLaunch=True),
    "Gate": made("InternetGateway", Tags=[{"Key": "a", "Value": "1"}]),
    "Gated": made("VPCGatewayAttachment", VpcId=ref("Net"), InternetGatewayId=ref("Gate")),
    "Table": made("RouteTable", VpcId=ref("Net")),
    "Out": {
        **made(
            "Route",
            RouteTableId=ref("Table"),
            DestinationCidrBlock="0.0.0.0/0",
            GatewayId=ref("Gate"),
        ),
        "DependsOn": "Gated",
    },
    "Routed": made("SubnetRouteTableAssociation", SubnetId=ref("Part"), RouteTableId=ref("Table")),
    "Offices": made(
        "PrefixList",
        PrefixListName="offices",
        AddressFamily="IPv4",
        MaxEntries=2,
        Entries=[{"Cidr": "192.0.2.0/24", "Description": "one"}],
    ),
    "Web": made(
        "SecurityGroup",
        GroupDescription="web",
        VpcId=ref("Net"),
        SecurityGroupIngress=[{**WEB, "Description": "inside"}],
        SecurityGroupEgress=[{**WEB, "CidrIp": "0.0.0.0/0"}],
        Tags=[{"Key": "a", "Value": "1"}],
    ),
    "Door": made("SecurityGroupIngress", GroupId=ref("Web"), **SSH, CidrIp="192.0.2.1/32"),
    "List": made(
        "SecurityGroupIngress", GroupId=ref("Web"), **SSH, SourcePrefixListId=ref("Offices")
    ),
    "Back": made("SecurityGroupEgress", GroupId=ref("Web"), **SSH, CidrIpv6="2001:db8::/32"),
}


def deployed(sandbox: Sandbox, resources: dict[str, Any]) -> dict[str, str]:
    """The physical ids by logical id."""
    deploy(sandbox, "net", json.dumps({"Resources": resources}))
    client = sandbox.client("cloudformation")
    found = client.describe_stack_resources(StackName="net")["StackResources"]
    return {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in found}


def group(sandbox: Sandbox, group_id: str) -> dict[str, Any]:
    found = sandbox.client("ec2").describe_security_groups(GroupIds=[group_id])
    return dict(found["SecurityGroups"][0])


def sources(permissions: list[dict[str, Any]]) -> set[tuple[int, str]]:
    return {
        (p["FromPort"], r.get("CidrIp") or r.get("CidrIpv6") or r["PrefixListId"])
        for p in permissions
        for r in (*p["IpRanges"], *p["Ipv6Ranges"], *p["PrefixListIds"])
    }


def test_a_network_stands_as_its_template_says(sandbox: Sandbox) -> None:
    ids = deployed(sandbox, RESOURCES)
    ec2 = sandbox.client("ec2")
    asked = {"VpcId": ids["Net"], "Attribute": "enableDnsHostnames"}
    assert ec2.describe_vpc_attribute(**asked)["EnableDnsHostnames"]["Value"] is True
    assert ec2.describe_subnets(SubnetIds=[ids["Part"]])["Subnets"][0]["MapPublicIpOnLaunch"]
    table = ec2.describe_route_tables(RouteTableIds=[ids["Table"]])["RouteTables"][0]
    hops = {r["DestinationCidrBlock"]: r["GatewayId"] for r in table["Routes"]}
    assert hops == {"10.0.0.0/16": "local", "0.0.0.0/0": ids["Gate"]}
    assert [a["SubnetId"] for a in table["Associations"]] == [ids["Part"]]
    web = group(sandbox, ids["Web"])
    assert sources(web["IpPermissions"]) == {
        (443, "10.0.0.0/8"),
        (22, "192.0.2.1/32"),
        (22, ids["Offices"]),
    }
    assert sources(web["IpPermissionsEgress"]) == {(443, "0.0.0.0/0"), (22, "2001:db8::/32")}
    tags = {tag["Key"]: tag["Value"] for tag in web["Tags"]}
    assert (tags["a"], tags["aws:cloudformation:stack-name"]) == ("1", "net")
    assert tags["aws:cloudformation:logical-id"] == "Web"
    assert ids["Door"].startswith("sgr-")

    sandbox.client("cloudformation").delete_stack(StackName="net")
    assert [v["CidrBlock"] for v in ec2.describe_vpcs()["Vpcs"]] == ["172.31.0.0/16"]
    assert ec2.describe_managed_prefix_lists(PrefixListIds=[])["PrefixLists"] == [
        item
        for item in ec2.describe_managed_prefix_lists()["PrefixLists"]
        if item["OwnerId"] == "AWS"
    ]


def test_an_update_changes_rules_and_keeps_the_group(sandbox: Sandbox) -> None:
    ids = deployed(sandbox, RESOURCES)
    changed = deepcopy(RESOURCES)
    changed["Web"]["Properties"]["SecurityGroupIngress"] = [{**WEB, "CidrIp": "172.16.0.0/12"}]
    del changed["Web"]["Properties"]["SecurityGroupEgress"]
    changed["Door"]["Properties"]["Description"] = "the door"
    changed["Offices"]["Properties"]["MaxEntries"] = 3
    changed["Offices"]["Properties"]["Entries"] = [{"Cidr": "198.51.100.0/24"}]
    later = deployed(sandbox, changed)
    assert later == ids
    web = group(sandbox, ids["Web"])
    assert (443, "172.16.0.0/12") in sources(web["IpPermissions"])
    assert (443, "10.0.0.0/8") not in sources(web["IpPermissions"])
    assert [p["IpProtocol"] for p in web["IpPermissionsEgress"] if p["IpRanges"]] == ["-1"]
    said = [r.get("Description") for p in web["IpPermissions"] for r in p["IpRanges"]]
    assert "the door" in said
    ec2 = sandbox.client("ec2")
    entries = ec2.get_managed_prefix_list_entries(PrefixListId=ids["Offices"])["Entries"]
    assert [entry["Cidr"] for entry in entries] == ["198.51.100.0/24"]


def test_a_rule_is_authorised_through_the_api(sandbox: Sandbox) -> None:
    watcher = Watcher()
    sandbox.hooks.append(watcher)
    deployed(sandbox, RESOURCES)
    writes = [call.name for call in watcher.calls]
    assert writes.count("ec2:AuthorizeSecurityGroupIngress") == 3


def test_what_ec2_refuses_rolls_the_network_back(sandbox: Sandbox) -> None:
    twice = {**RESOURCES, "Again": RESOURCES["Door"]}
    with pytest.raises(StackError, match=r"InvalidPermission\.Duplicate"):
        deployed(sandbox, twice)
    vpcs = sandbox.client("ec2").describe_vpcs()["Vpcs"]
    assert [vpc["CidrBlock"] for vpc in vpcs] == ["172.31.0.0/16"]


def test_a_rule_that_somebody_revoked_is_no_obstacle(sandbox: Sandbox) -> None:
    ids = deployed(sandbox, RESOURCES)
    ec2 = sandbox.client("ec2")
    ec2.revoke_security_group_ingress(GroupId=ids["Web"], SecurityGroupRuleIds=[ids["Door"]])
    sandbox.client("cloudformation").delete_stack(StackName="net")
    with pytest.raises(ClientError, match=r"InvalidGroup\.NotFound"):
        group(sandbox, ids["Web"])
