"""Managed prefix lists keep their versions, sizes and pages as EC2 keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox import extensions
from netmend.sandbox.core import Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extensions, "MODULES", ("iam", "ec2", "quotas"))
        with Sandbox() as started:
            yield started


class Lists:
    """Short words for the five operations."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.ec2 = sandbox.client("ec2")

    def make(self, *cidrs: str, size: int = 5, family: str = "IPv4", **more: Any) -> dict[str, Any]:
        answer = self.ec2.create_managed_prefix_list(
            PrefixListName="offices",
            Entries=[{"Cidr": cidr, "Description": f"at {cidr.split('/')[0]}"} for cidr in cidrs],
            MaxEntries=size,
            AddressFamily=family,
            **more,
        )
        return dict(answer["PrefixList"])

    def modify(self, made: dict[str, Any], **change: Any) -> dict[str, Any]:
        answer = self.ec2.modify_managed_prefix_list(PrefixListId=made["PrefixListId"], **change)
        return dict(answer["PrefixList"])

    def cidrs(self, made: dict[str, Any], **which: Any) -> list[str]:
        answer = self.ec2.get_managed_prefix_list_entries(
            PrefixListId=made["PrefixListId"], **which
        )
        return [entry["Cidr"] for entry in answer["Entries"]]


@pytest.fixture
def lists(sandbox: Sandbox) -> Lists:
    return Lists(sandbox)


def refused(act: Callable[..., Any], *arguments: Any, **more: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        act(*arguments, **more)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def added(*cidrs: str) -> list[dict[str, str]]:
    return [{"Cidr": cidr} for cidr in cidrs]


def test_a_list_is_made_with_canonical_entries_and_tags(lists: Lists) -> None:
    tags = [{"Key": "owner", "Value": "net"}]
    made = lists.make(
        "192.0.2.9/24",
        TagSpecifications=[{"ResourceType": "prefix-list", "Tags": tags}],
    )
    assert (made["Version"], made["MaxEntries"], made["State"]) == (1, 5, "create-complete")
    assert made["Tags"] == tags
    answer = lists.ec2.get_managed_prefix_list_entries(PrefixListId=made["PrefixListId"])
    assert answer["Entries"] == [{"Cidr": "192.0.2.0/24", "Description": "at 192.0.2.9"}]


def test_each_change_of_entries_is_a_version(lists: Lists) -> None:
    made = lists.make("192.0.2.0/24", "198.51.100.0/24")
    changed = lists.modify(
        made,
        CurrentVersion=1,
        AddEntries=added("203.0.113.0/24"),
        RemoveEntries=added("192.0.2.0/24"),
    )
    assert (changed["Version"], changed["State"]) == (2, "modify-complete")
    assert lists.cidrs(made) == ["198.51.100.0/24", "203.0.113.0/24"]
    assert lists.cidrs(made, TargetVersion=1) == ["192.0.2.0/24", "198.51.100.0/24"]
    assert refused(lists.cidrs, made, TargetVersion=9)[0] == "InvalidPrefixListVersion.NotFound"


def test_a_stale_version_changes_nothing(lists: Lists) -> None:
    made = lists.make("192.0.2.0/24")
    lists.modify(made, CurrentVersion=1, AddEntries=added("198.51.100.0/24"))
    code, message = refused(
        lists.modify, made, CurrentVersion=1, AddEntries=added("203.0.113.0/24")
    )
    assert code == "PrefixListVersionMismatch"
    assert message == "The prefix list has the incorrect version number."
    assert lists.cidrs(made) == ["192.0.2.0/24", "198.51.100.0/24"]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an entry that is there": (
        {"AddEntries": added("192.0.2.0/24")},
        "InvalidPrefixListModification",
    ),
    "the removal of an entry that is not there": (
        {"RemoveEntries": added("203.0.113.0/24")},
        "InvalidPrefixListModification",
    ),
    "more entries than the list holds": (
        {"AddEntries": added("10.0.0.0/8", "172.16.0.0/12")},
        "PrefixListMaxEntriesExceeded",
    ),
    "an entry of the other family": (
        {"AddEntries": added("2001:db8::/32")},
        "InvalidParameterValue",
    ),
    "entries and size together": (
        {"AddEntries": added("10.0.0.0/8"), "MaxEntries": 9},
        "InvalidParameterCombination",
    ),
    "a size below the entries": ({"MaxEntries": 1}, "PrefixListMaxEntriesExceeded"),
}


@pytest.mark.parametrize(("change", "code"), REFUSED.values(), ids=REFUSED)
def test_modify_refuses(lists: Lists, change: dict[str, Any], code: str) -> None:
    made = lists.make("192.0.2.0/24", "198.51.100.0/24", size=3)
    assert refused(lists.modify, made, CurrentVersion=1, **change)[0] == code
    found = lists.ec2.describe_managed_prefix_lists(PrefixListIds=[made["PrefixListId"]])
    assert [(one["Version"], one["MaxEntries"]) for one in found["PrefixLists"]] == [(1, 3)]


def test_a_name_or_size_alone_is_no_version(lists: Lists) -> None:
    made = lists.make("192.0.2.0/24")
    named = lists.modify(made, PrefixListName="sites")
    assert (named["PrefixListName"], named["Version"]) == ("sites", 1)
    sized = lists.modify(made, MaxEntries=9)
    assert (sized["PrefixListName"], sized["MaxEntries"], sized["Version"]) == ("sites", 9, 1)


def test_entries_come_in_pages_of_at_most_a_hundred(lists: Lists) -> None:
    blocks = [f"10.{n // 256}.{n % 256}.0/24" for n in range(250)]
    made = lists.make(*blocks, size=300)
    assert lists.cidrs(made) == blocks[:100]
    assert lists.cidrs(made, MaxResults=7) == blocks[:7]
    pages = lists.ec2.get_paginator("get_managed_prefix_list_entries").paginate(
        PrefixListId=made["PrefixListId"]
    )
    assert [entry["Cidr"] for page in pages for entry in page["Entries"]] == blocks


def test_lists_that_are_not_there_are_refused(lists: Lists) -> None:
    absent = {"PrefixListId": "pl-0a1b2c3d4e5f60718"}
    for act in (
        lambda: lists.cidrs(absent),
        lambda: lists.modify(absent, MaxEntries=1),
        lambda: lists.ec2.delete_managed_prefix_list(**absent),
        lambda: lists.ec2.describe_managed_prefix_lists(PrefixListIds=[absent["PrefixListId"]]),
    ):
        assert refused(act)[0] == "InvalidPrefixListID.NotFound"


def test_lists_of_aws_are_read_only(lists: Lists) -> None:
    found = lists.ec2.describe_managed_prefix_lists(
        Filters=[{"Name": "prefix-list-name", "Values": ["com.amazonaws.us-east-1.s3"]}]
    )["PrefixLists"][0]
    assert found["OwnerId"] == "AWS"
    assert len(lists.cidrs(found)) == 3
    assert refused(lists.modify, found, AddEntries=added("10.0.0.0/8"))[0] == "UnsupportedOperation"


def security_group(lists: Lists, *permissions: Any) -> str:
    vpc = lists.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = lists.ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    lists.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=list(permissions))
    return str(group)


def refers(made: dict[str, Any]) -> dict[str, Any]:
    peers = [{"PrefixListId": made["PrefixListId"]}]
    return {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": peers}


def test_a_list_that_a_group_refers_to_is_not_deleted(lists: Lists) -> None:
    made = lists.make("192.0.2.0/24")
    group = security_group(lists, refers(made))
    delete = lists.ec2.delete_managed_prefix_list
    assert refused(delete, PrefixListId=made["PrefixListId"])[0] == "DependencyViolation"
    lists.ec2.delete_security_group(GroupId=group)
    delete(PrefixListId=made["PrefixListId"])
    assert refused(lists.cidrs, made)[0] == "InvalidPrefixListID.NotFound"


def test_a_list_does_not_grow_over_the_quota_of_a_group(lists: Lists) -> None:
    made = lists.make("192.0.2.0/24")
    security_group(lists, refers(made))
    assert lists.modify(made, MaxEntries=60)["State"] == "modify-complete"
    failed = lists.modify(made, MaxEntries=61)
    assert (failed["State"], failed["MaxEntries"]) == ("modify-failed", 60)


def test_the_cloudfront_list_weighs_55(lists: Lists) -> None:
    name = "com.amazonaws.global.cloudfront.origin-facing"
    found = lists.ec2.describe_managed_prefix_lists(
        Filters=[{"Name": "prefix-list-name", "Values": [name]}]
    )["PrefixLists"][0]
    blocks = [{"CidrIp": f"10.0.{n}.0/24"} for n in range(5)]
    several = {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "IpRanges": blocks}
    group = security_group(lists, refers(found), several)
    one = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": blocks[:1]}
    act = lists.ec2.authorize_security_group_ingress
    code, _ = refused(act, GroupId=group, IpPermissions=[one])
    assert code == "RulesPerSecurityGroupLimitExceeded"
