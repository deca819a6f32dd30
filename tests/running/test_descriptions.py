"""EC2's own answers are descriptions too, and a wrong description is one line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netmend.errors import UserError
from netmend.running import network
from netmend.sandbox.core import Sandbox
from tests.running.runs import Built


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def empty(started: Sandbox) -> Sandbox:
    started.reset()
    return started


def test_what_ec2_answers_is_a_description(empty: Sandbox, tmp_path: Path) -> None:
    old = "sg-0a1b2c3d4e5f60718"
    pair = {"GroupId": old, "UserId": "111122223333"}
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "UserIdGroupPairs": [pair]}
    entry = {"RuleNumber": 90, "Egress": True, "RuleAction": "deny", "Protocol": "17"}
    entry |= {"CidrBlock": "10.0.0.0/8", "PortRange": {"From": 53, "To": 53}}
    answer = {
        "SecurityGroups": [
            {"GroupId": old, "GroupName": "web", "VpcId": "vpc-1", "IpPermissions": [rule]},
            {"GroupId": "sg-2", "GroupName": "default", "VpcId": "vpc-1", "IpPermissions": []},
        ],
        "Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.101.1.0/24"}],
        "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.101.0.0/16", "Tags": []}],
        "NetworkAcls": [
            {
                "NetworkAclId": "acl-1",
                "VpcId": "vpc-1",
                "Associations": [{"SubnetId": "subnet-1"}],
                "Entries": [entry, {**entry, "RuleNumber": 32767}],
            }
        ],
        "RouteTables": [{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": []}],
    }
    file = tmp_path / "answer.json"
    file.write_text(json.dumps(answer), encoding="utf-8")
    made = Built(empty, file)
    (found,) = made.group(old)["IpPermissions"]
    assert found["UserIdGroupPairs"][0]["GroupId"] == made.names[old]
    assert made.group("sg-2")["IpPermissions"] == []
    acls = made.ec2.describe_network_acls(NetworkAclIds=[made.names["acl-1"]])["NetworkAcls"]
    assert 90 in [one["RuleNumber"] for one in acls[0]["Entries"]]
    assert acls[0]["Associations"][0]["SubnetId"] == made.names["subnet-1"]


VPC = {"cidr": "10.0.0.0/16"}
WRONG: dict[str, tuple[Any, str]] = {
    "no object": ([], "is not a JSON object"),
    "an unknown section": ({"vpc": {}}, "there is no section 'vpc' - did you mean vpcs?"),
    "a section that is a list": ({"vpcs": []}, "vpcs is not an object"),
    "a thing that is a text": ({"vpcs": {"a": "x"}}, "vpcs.a is not an object"),
    "an unknown field": ({"vpcs": {"a": {**VPC, "cdir": ""}}}, "has no field 'cdir' - did you"),
    "a field of another kind": ({"vpcs": {"a": {"cidr": 1}}}, "vpcs.a.cidr is no text"),
    "a field that lacks": ({"vpcs": {"a": {}}}, "vpcs.a lacks cidr - add cidr: a text"),
    "a reference to nothing": (
        {"vpcs": {"main": VPC}, "subnets": {"a": {"vpc": "mian", "cidr": "10.0.0.0/24"}}},
        "subnets.a.vpc: vpcs has no 'mian' - did you mean main?",
    ),
    "a name twice": ({"vpcs": {"a": VPC}, "topics": {"a": {}}}, "'a' stands in vpcs and topics"),
    "a rule with an unknown field": (
        {"security_groups": {"a": {"ingress": [{"port": 22, "from": ["10.0.0.0/8"]}]}}},
        "security_groups.a: port",
    ),
    "a rule without sources": (
        {"security_groups": {"a": {"ingress": [{"ports": "22"}]}}},
        "security_groups.a: a rule without from",
    ),
    "a source that is nothing": (
        {"security_groups": {"a": {"ingress": [{"from": ["web"]}]}}},
        "'web' is no address range, group or prefix list",
    ),
    "a port that is none": (
        {"security_groups": {"a": {"ingress": [{"protocol": "tcp", "ports": "x", "from": ["b"]}]}}},
        "'x' is no port",
    ),
    "an entry without a number": (
        {"network_acls": {"a": {"entries": [{"action": "allow"}]}}},
        "network_acls.a: an entry lacks number, action or cidr",
    ),
    "a route to nothing": (
        {"route_tables": {"a": {"routes": [{"to": "0.0.0.0/0", "via": "door"}]}}},
        "route_tables.a: 'door' is nothing to route to",
    ),
    "a record without values": (
        {"zones": {"a.org": {"records": [{"name": "a.org", "type": "A"}]}}},
        "zones.a.org: a record lacks name, type or values",
    ),
    "what AWS refuses": ({"vpcs": {"a": {"cidr": "10.0.0.0/40"}}}, "vpcs.a cannot be made: "),
}


@pytest.mark.parametrize(("description", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_description_is_one_line(
    empty: Sandbox, tmp_path: Path, description: Any, words: str
) -> None:
    file = tmp_path / "network.json"
    file.write_text(json.dumps(description), encoding="utf-8")
    with pytest.raises(UserError) as error:
        Built(empty, file)
    assert words in str(error.value)


def test_a_file_that_is_no_json_or_not_there_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "network.json"
    with pytest.raises(UserError, match="No such file"):
        network.read(file)
    file.write_text("{", encoding="utf-8")
    with pytest.raises(UserError, match="is not JSON"):
        network.read(file)
