"""A described network stands as it is described."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from netmend.sandbox.core import Sandbox
from tests.running.runs import NETWORK, Built


@pytest.fixture(scope="module")
def built() -> Iterator[Built]:
    with Sandbox() as sandbox:
        yield Built(sandbox, Path(NETWORK))


def test_every_thing_has_what_names_it(built: Built) -> None:
    heads = {"main": "vpc-", "front": "subnet-", "door": "igw-", "office": "pl-", "web": "sg-"}
    heads |= {"edge": "acl-", "out": "rtb-", "app": "i-", "traffic": "fl-", "example.org": ""}
    heads |= {"flow": "arn:aws:iam::", "Automation-ask": "arn:aws:sns:", "flows": "flows"}
    heads |= {"/example/owner": "/example/owner", "example-logs": "example-logs", "lb": "sg-"}
    assert {name: built.names[name][: len(head)] for name, head in heads.items()} == heads
    assert set(built.names) == set(heads)


def test_rules_name_ranges_groups_and_lists(built: Built) -> None:
    rules = {one["FromPort"]: one for one in built.group("web")["IpPermissions"]}
    assert rules[22]["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}]
    assert rules[443]["Ipv6Ranges"] == [{"CidrIpv6": "::/0"}]
    (listed,) = rules[8000]["PrefixListIds"]
    (pair,) = rules[8000]["UserIdGroupPairs"]
    assert (listed["PrefixListId"], listed["Description"]) == (built.names["office"], "app")
    assert (pair["GroupId"], rules[8000]["ToPort"]) == (built.names["lb"], 8080)


def test_described_egress_is_all_there_is(built: Built) -> None:
    (rule,) = built.group("lb")["IpPermissionsEgress"]
    assert (rule["FromPort"], rule["UserIdGroupPairs"][0]["GroupId"]) == (443, built.names["web"])
    (other,) = built.group("web")["IpPermissionsEgress"]
    assert other["IpProtocol"] == "-1"


def test_an_acl_has_its_entries_and_subnets(built: Built) -> None:
    (found,) = built.ec2.describe_network_acls(NetworkAclIds=[built.names["edge"]])["NetworkAcls"]
    assert [one["SubnetId"] for one in found["Associations"]] == [built.names["front"]]
    (entry,) = [one for one in found["Entries"] if one["RuleNumber"] == 100]
    assert (entry["Egress"], entry["RuleAction"], entry["CidrBlock"]) == (
        False,
        "allow",
        "0.0.0.0/0",
    )


def test_an_instance_is_in_its_state(built: Built) -> None:
    answer = built.ec2.describe_instances(InstanceIds=[built.names["app"]])
    (found,) = answer["Reservations"][0]["Instances"]
    assert found["State"]["Name"] == "stopped"
    assert found["SecurityGroups"][0]["GroupId"] == built.names["web"]


def test_a_zone_has_its_records(built: Built) -> None:
    listed = built.place.client("route53").list_resource_record_sets(
        HostedZoneId=built.names["example.org"]
    )["ResourceRecordSets"]
    found = {one["Type"]: one for one in listed}
    assert found["A"]["ResourceRecords"] == [{"Value": "192.0.2.1"}]
