"""What Config and EC2 tell is read into one form, and what is neither is refused by name."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from rules.netlib.errors import Malformed, ReadsDisagree
from rules.netlib.permissions import Permission, from_item, from_live
from tests.rules.ec2_group import GROUP, Rule, describe, describe_rules, ip_permission, item

SSH = Permission(None, "tcp", 22, 22, "ipv4", "0.0.0.0/0")
RULES = {
    "sgr-1": Rule("tcp", 22, 22, "0.0.0.0/0", "vendor X", (("owner", "net"),)),
    "sgr-2": Rule("-1", None, None, "sg-0a1b2c3d"),
    "sgr-3": Rule("tcp", 443, 443, "::/0"),
    "sgr-4": Rule("udp", 53, 53, "pl-0a1b2c3d"),
}


def old_item(**permission: Any) -> dict[str, Any]:
    """An item of 2016: no ipv4Ranges, no ipv6Ranges, explicit nulls."""
    told = {
        "ipProtocol": "tcp",
        "fromPort": 22,
        "toPort": 22,
        "userIdGroupPairs": [],
        "ipRanges": ["0.0.0.0/0"],
        "prefixListIds": None,
    }
    found = item([])
    found["configuration"]["ipPermissions"] = [told | permission]
    return found


ITEMS: dict[str, tuple[dict[str, Any], list[Permission]]] = {
    "an item of 2016": (old_item(), [SSH]),
    "ports that are null": (
        old_item(ipProtocol="-1", fromPort=None, toPort=None),
        [SSH._replace(protocol="-1", from_port=None, to_port=None)],
    ),
    "ports that are absent": (
        old_item(ipProtocol="50"),
        [SSH._replace(protocol="50", from_port=None, to_port=None)],
    ),
    "lists that are null": (old_item(ipv6Ranges=None, userIdGroupPairs=None), [SSH]),
    "blocks told twice": (
        old_item(ipv4Ranges=[{"cidrIp": "0.0.0.0/0", "description": "x"}]),
        [SSH._replace(description="x")],
    ),
    "a bare block that the objects do not tell": (
        old_item(ipv4Ranges=[{"cidrIp": "10.0.0.0/8"}]),
        [SSH._replace(source="10.0.0.0/8"), SSH],
    ),
    "a configuration that is text, as the history answers": (
        {**item([]), "configuration": json.dumps(old_item()["configuration"])},
        [SSH],
    ),
}


@pytest.mark.parametrize(("told", "expected"), ITEMS.values(), ids=ITEMS.keys())
def test_items_of_every_age_are_read(told: dict[str, Any], expected: list[Permission]) -> None:
    assert list(from_item(told).ingress) == expected


PROTOCOLS = {
    "6": "tcp",
    "17": "udp",
    "1": "icmp",
    "58": "icmpv6",
    "ALL": "-1",
    "-1": "-1",
    "TCP": "tcp",
    "ICMPv6": "icmpv6",
    "50": "50",
    "047": "47",
    6: "tcp",
    -1: "-1",
    "0": "0",
    "255": "255",
}


@pytest.mark.parametrize(("told", "protocol"), PROTOCOLS.items())
def test_protocols_have_one_name(told: object, protocol: str) -> None:
    group = describe([Rule("tcp", 8, 8, "10.0.0.0/8")])
    group["IpPermissions"][0]["IpProtocol"] = told
    assert from_live(group).ingress[0].protocol == protocol


def test_rules_bring_their_ids_and_tags() -> None:
    group = from_live(describe(RULES.values()), describe_rules(RULES))
    assert [p.rule_id for p in group.ingress] == list(RULES)
    assert group.ingress[0].tags == (("owner", "net"),)
    assert group.ingress[0].description == "vendor X"
    assert (group.group_id, group.vpc_id, group.tags) == (
        GROUP,
        "vpc-0a1b2c3d4e5f60718",
        (("team", "web"),),
    )


def without_first(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return rules[:1] + rules[2:]


DISAGREEING: dict[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]]]] = {
    "a rule that came between": lambda rules: [
        *rules,
        describe_rules({"sgr-9": Rule("tcp", 1, 1, "::/0")})[1],
    ],
    "a rule that went between": without_first,
    "a rule that changed between": lambda rules: [
        {**rule, "CidrIpv4": "10.0.0.0/8"} if "CidrIpv4" in rule else rule for rule in rules
    ],
    "no rules at all": lambda rules: [],
}


@pytest.mark.parametrize("change", DISAGREEING.values(), ids=DISAGREEING.keys())
def test_reads_that_disagree_are_no_verdict(
    change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]],
) -> None:
    with pytest.raises(ReadsDisagree, match="read it again"):
        from_live(describe(RULES.values()), change(describe_rules(RULES)))


BROKEN_RULES: dict[str, dict[str, Any]] = {
    "a rule of another group": {"GroupId": "sg-9"},
    "a rule without source": {"CidrIpv4": None},
    "a rule with two sources": {"CidrIpv6": "::/0"},
    "a rule with a port that is none": {"FromPort": "22"},
    "tags that are no list": {"Tags": 7},
}


@pytest.mark.parametrize("change", BROKEN_RULES.values(), ids=BROKEN_RULES.keys())
def test_a_broken_rule_is_refused(change: dict[str, Any]) -> None:
    rules = describe_rules(RULES)
    rules[1] |= change
    with pytest.raises(Malformed):
        from_live(describe(RULES.values()), rules)


@pytest.mark.parametrize("name", ["SecurityGroupRuleId", "GroupId", "IsEgress", "IpProtocol"])
def test_a_rule_without_its_parts_is_refused(name: str) -> None:
    rules = describe_rules(RULES)
    del rules[1][name]
    with pytest.raises(Malformed, match=name):
        from_live(describe(RULES.values()), rules)


HOSTILE: dict[str, tuple[str, Any]] = {
    "no group id": ("GroupId", None),
    "a group id that is a number": ("GroupId", 7),
    "a group id that is true": ("GroupId", True),
    "permissions that are missing": ("IpPermissions", None),
    "permissions that are an object": ("IpPermissions", {}),
    "a permission that is text": ("IpPermissions.0", "tcp"),
    "no protocol": ("IpPermissions.0.IpProtocol", None),
    "an unknown protocol": ("IpPermissions.0.IpProtocol", "ssh"),
    "a protocol beyond the last": ("IpPermissions.0.IpProtocol", "256"),
    "a protocol of another script": ("IpPermissions.0.IpProtocol", "\u0666"),
    "a protocol that is a list": ("IpPermissions.0.IpProtocol", ["tcp"]),
    "a protocol that is true": ("IpPermissions.0.IpProtocol", True),
    "a port that is text": ("IpPermissions.0.FromPort", "22"),
    "a port that is a fraction": ("IpPermissions.0.FromPort", 22.0),
    "a port that is true": ("IpPermissions.0.FromPort", True),
    "a port beyond the last": ("IpPermissions.0.ToPort", 65536),
    "a port below the first": ("IpPermissions.0.FromPort", -2),
    "one port of two": ("IpPermissions.0.ToPort", None),
    "a port range upside down": ("IpPermissions.0.FromPort", 23),
    "sources that are text": ("IpPermissions.0.IpRanges", "0.0.0.0/0"),
    "sources that are an object": ("IpPermissions.0.IpRanges", {"0.0.0.0/0": 1}),
    "a source that is a number": ("IpPermissions.0.IpRanges.0", 4),
    "a source without its block": ("IpPermissions.0.IpRanges.0", {}),
    "IPv6 among IPv4": ("IpPermissions.0.IpRanges.0.CidrIp", "::/0"),
    "IPv4 among IPv6": ("IpPermissions.0.Ipv6Ranges", [{"CidrIpv6": "0.0.0.0/0"}]),
    "a block that is none": ("IpPermissions.0.IpRanges.0.CidrIp", "0.0.0.0"),
    "a prefix list that is none": (
        "IpPermissions.0.PrefixListIds",
        [{"PrefixListId": "0.0.0.0/0"}],
    ),
    "a description that is an object": ("IpPermissions.0.IpRanges.0.Description", {}),
    "tags that are text": ("Tags", "x"),
}


@pytest.mark.parametrize(("where", "value"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_shape_that_ec2_never_answers_is_refused(where: str, value: object) -> None:
    group = copy.deepcopy(describe([Rule("tcp", 22, 22, "0.0.0.0/0")]))
    *path, last = [int(part) if part.isdigit() else part for part in where.split(".")]
    inner: Any = group
    for part in path:
        inner = inner[part]
    inner[last] = value
    with pytest.raises(Malformed) as refusal:
        from_live(group)
    assert "\n" not in str(refusal.value)


UNKNOWN: dict[str, Callable[[], Any]] = {
    "of Describe": lambda: from_live(
        {
            **describe([]),
            "IpPermissions": [ip_permission(Rule("tcp", 22, 22, "10.0.0.0/8")) | {"New": ["*"]}],
        }
    ),
    "of Describe beside empty lists": lambda: from_live(
        {
            **describe([]),
            "IpPermissions": [{"IpProtocol": "-1", "IpRanges": [], "Ipv6Ranges": [], "New": [{}]}],
        }
    ),
    "of an item": lambda: from_item(old_item(New=["*"])),
    "of an item beside empty lists": lambda: from_item(old_item(ipRanges=[], New=[{"a": 1}])),
    "of an item in the words of Describe": lambda: from_item(
        old_item(ipRanges=[], IpRanges=[{"CidrIp": "0.0.0.0/0"}])
    ),
}


@pytest.mark.parametrize("read", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_sources_of_an_unknown_kind_are_refused_not_passed_over(read: Callable[[], Any]) -> None:
    with pytest.raises(Malformed, match=r"sources of an unknown kind: (New|IpRanges)"):
        read()


def test_an_empty_list_of_an_unknown_kind_hides_nothing() -> None:
    assert from_item(old_item(New=[])).ingress == (SSH,)


def test_a_permission_in_a_template_s_own_shape_is_refused_not_passed_over() -> None:
    flat = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}
    with pytest.raises(Malformed, match="must list its sources"):
        from_live({**describe([]), "IpPermissions": [flat]})


@pytest.mark.parametrize("configuration", [None, "", "{", "[" * 100_000, "[]", 7, {}])
def test_a_configuration_that_cannot_be_read_is_refused(configuration: object) -> None:
    with pytest.raises(Malformed):
        from_item({**item([]), "configuration": configuration})
