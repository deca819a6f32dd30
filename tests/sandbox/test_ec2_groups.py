"""Security groups answer as EC2 does where moto does not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox import extensions, quotas
from netmend.sandbox.core import Sandbox

ACCOUNT = "123456789012"
REGION = "us-east-1"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox for all tests; each has a VPC of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extensions, "MODULES", ("iam", "ec2", "quotas"))
        with Sandbox() as started:
            yield started


class Group:
    """A group in a VPC that is not the default one."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.ec2 = sandbox.client("ec2")
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.id = self.make("g")

    def make(self, name: str, vpc: str = "") -> str:
        made = self.ec2.create_security_group(
            GroupName=name, Description="d", VpcId=vpc or self.vpc
        )
        return str(made["GroupId"])

    def authorize(self, *permissions: Any, **more: Any) -> list[Any]:
        answer = self.ec2.authorize_security_group_ingress(
            GroupId=self.id, IpPermissions=list(permissions), **more
        )
        return list(answer["SecurityGroupRules"])

    def revoke(self, *ids: str) -> Any:
        return self.ec2.revoke_security_group_ingress(
            GroupId=self.id, SecurityGroupRuleIds=list(ids)
        )

    def rules(self, *, egress: bool = False) -> list[Any]:
        found = self.ec2.describe_security_group_rules(
            Filters=[{"Name": "group-id", "Values": [self.id]}]
        )["SecurityGroupRules"]
        return [rule for rule in found if rule["IsEgress"] is egress]

    def permissions(self) -> list[Any]:
        found = self.ec2.describe_security_groups(GroupIds=[self.id])["SecurityGroups"]
        return list(found[0]["IpPermissions"])


@pytest.fixture
def group(sandbox: Sandbox) -> Group:
    return Group(sandbox)


def tcp(*blocks: str, port: int = 22, to: int | None = None, **more: Any) -> dict[str, Any]:
    ipv4 = [{"CidrIp": block} for block in blocks if ":" not in block]
    ipv6 = [{"CidrIpv6": block} for block in blocks if ":" in block]
    ranges = {"IpRanges": ipv4, "Ipv6Ranges": ipv6}
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": to or port, **ranges, **more}


def refused(act: Callable[..., Any], *arguments: Any, **more: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        act(*arguments, **more)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


ANYWHERE = {"CidrIp": "0.0.0.0/0"}
PAIR = {"GroupId": "sg-0a1b2c3d4e5f60718"}
CIDR, SAME, MANY = "CIDR block {} is malformed", "The same permission must not appear", "portRange"
PORTLESS = "Must specify both from and to ports with TCP/UDP."

REFUSED: dict[str, tuple[list[Any], str, str]] = {
    "no permission": ([], "MissingParameter", "ipPermissions"),
    "a permission without a source": ([tcp()], "MissingParameter", "Missing source specification"),
    "the same source twice": ([tcp("10.0.0.0/8", "10.0.0.0/8")], "InvalidParameterValue", SAME),
    "the same rule in two permissions": (
        [tcp("10.0.0.0/8"), tcp("192.0.2.0/24", "10.0.0.0/8")],
        "InvalidParameterValue",
        SAME,
    ),
    "the same rule in two spellings": (
        [tcp("10.0.0.0/8"), {**tcp("10.1.2.3/8"), "IpProtocol": "6"}],
        "InvalidParameterValue",
        SAME,
    ),
    "tcp without ports": (
        [{"IpProtocol": "tcp", "IpRanges": [ANYWHERE]}],
        "InvalidParameterValue",
        PORTLESS,
    ),
    "tcp with port -1": ([tcp("10.0.0.0/8", port=-1)], "InvalidParameterValue", PORTLESS),
    "a range that goes back": ([tcp("10.0.0.0/8", port=23, to=22)], "InvalidParameterValue", MANY),
    "a port that is none": ([tcp("10.0.0.0/8", port=65536)], "InvalidParameterValue", MANY),
    "an unknown word for a protocol": (
        [{"IpProtocol": "all", "IpRanges": [ANYWHERE]}],
        "InvalidParameterValue",
        "Unknown protocol",
    ),
    "a protocol beyond 255": (
        [{"IpProtocol": "256", "IpRanges": [ANYWHERE]}],
        "InvalidParameterValue",
        "Unknown protocol",
    ),
    "no protocol": ([{"IpRanges": [ANYWHERE]}], "InvalidParameterValue", "explicitly"),
    "an address without a length": (
        [tcp("192.0.2.1")],
        "InvalidParameterValue",
        CIDR.format("192.0.2.1"),
    ),
    "a netmask for a length": ([tcp("10.0.0.0/255.0.0.0")], "InvalidParameterValue", "malformed"),
    "a length that is none": ([tcp("10.0.0.0/33")], "InvalidParameterValue", "malformed"),
    "an IPv6 block for an IPv4 one": (
        [{**tcp(), "IpRanges": [{"CidrIp": "::/0"}]}],
        "InvalidParameterValue",
        "malformed",
    ),
    "a description with a bad character": (
        [tcp(IpRanges=[{**ANYWHERE, "Description": "naïve"}])],
        "InvalidParameterValue",
        "Invalid rule description",
    ),
    "a description that is too long": (
        [tcp(IpRanges=[{**ANYWHERE, "Description": "x" * 256}])],
        "InvalidParameterValue",
        "Invalid rule description",
    ),
    "a group that is not there": (
        [tcp(UserIdGroupPairs=[PAIR])],
        "InvalidGroup.NotFound",
        PAIR["GroupId"],
    ),
    "a reference without a group": (
        [tcp(UserIdGroupPairs=[{"UserId": ACCOUNT}])],
        "MissingParameter",
        "Source group ID missing.",
    ),
    "a prefix list that is not there": (
        [tcp(PrefixListIds=[{"PrefixListId": "pl-0"}])],
        "InvalidPrefixListID.NotFound",
        "pl-0",
    ),
}


@pytest.mark.parametrize(("permissions", "code", "words"), REFUSED.values(), ids=REFUSED)
def test_authorize_refuses(group: Group, permissions: Any, code: str, words: str) -> None:
    found, message = refused(group.authorize, *permissions)
    assert found == code
    assert words in message
    assert group.rules() == []


ONE = tcp("192.0.2.0/24")
DUPLICATES = {
    "TCP": (tcp("0.0.0.0/0"), "peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW"),
    "IPv6": (tcp("2001:DB8::/32"), "peer: 2001:db8::/32, TCP, from port: 22, to port: 22, ALLOW"),
    "all protocols": (
        {"IpProtocol": "-1", "IpRanges": [ANYWHERE]},
        "peer: 0.0.0.0/0, ALL, ALLOW",
    ),
    "ICMP": (
        {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [ANYWHERE]},
        "peer: 0.0.0.0/0, ICMP, type: ALL, code: ALL, ALLOW",
    ),
}


@pytest.mark.parametrize(("permission", "words"), DUPLICATES.values(), ids=DUPLICATES)
def test_one_rule_that_is_there_refuses_the_whole_call(
    group: Group, permission: Any, words: str
) -> None:
    group.authorize(permission)
    before = group.rules()
    code, message = refused(group.authorize, ONE, permission)
    assert code == "InvalidPermission.Duplicate"
    assert message == f'the specified rule "{words}" already exists'
    assert group.rules() == before


def test_a_description_does_not_make_another_rule(group: Group) -> None:
    other = group.make("other")
    group.authorize(tcp(UserIdGroupPairs=[{"GroupId": other, "Description": "a"}]))
    described = tcp(UserIdGroupPairs=[{"GroupId": other, "Description": "b"}])
    assert refused(group.authorize, described)[0] == "InvalidPermission.Duplicate"


SPELLINGS: dict[str, tuple[Any, dict[str, Any]]] = {
    "host bits are cut off": (tcp("203.0.113.42/0"), {"CidrIpv4": "0.0.0.0/0"}),
    "an address keeps its length": (tcp("203.0.113.42/32"), {"CidrIpv4": "203.0.113.42/32"}),
    "IPv6 is compressed and in lower case": (
        tcp("2001:0DB8:0000:0000:0000:0000:0000:0001/64"),
        {"CidrIpv6": "2001:db8::/64"},
    ),
    "IPv6 everywhere": (tcp("0:0::0/0"), {"CidrIpv6": "::/0"}),
    "IPv4-mapped IPv6 stays IPv6": (tcp("::ffff:0:0/96"), {"CidrIpv6": "::ffff:0:0/96"}),
    "protocol 6 is tcp": ({**tcp("10.0.0.0/8"), "IpProtocol": "6"}, {"IpProtocol": "tcp"}),
    "protocol 17 is udp": ({**tcp("10.0.0.0/8"), "IpProtocol": "17"}, {"IpProtocol": "udp"}),
    "TCP is tcp": ({**tcp("10.0.0.0/8"), "IpProtocol": "TCP"}, {"IpProtocol": "tcp"}),
    "protocol 1 is icmp": (
        {"IpProtocol": "1", "FromPort": 8, "ToPort": -1, "IpRanges": [ANYWHERE]},
        {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1},
    ),
    "protocol 58 is icmpv6, of all types if none is said": (
        {"IpProtocol": "58", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
        {"IpProtocol": "icmpv6", "FromPort": -1, "ToPort": -1},
    ),
    "ESP has no ports": (
        {"IpProtocol": "50", "FromPort": 1, "ToPort": 2, "IpRanges": [ANYWHERE]},
        {"IpProtocol": "50", "FromPort": -1, "ToPort": -1},
    ),
    "all protocols have no ports": (
        {"IpProtocol": "-1", "FromPort": 22, "ToPort": 22, "IpRanges": [ANYWHERE]},
        {"IpProtocol": "-1", "FromPort": -1, "ToPort": -1},
    ),
}


@pytest.mark.parametrize(("permission", "shown"), SPELLINGS.values(), ids=SPELLINGS)
def test_a_rule_has_one_spelling(group: Group, permission: Any, shown: dict[str, Any]) -> None:
    made = group.authorize(permission)
    assert made == group.rules()
    assert {key: made[0][key] for key in shown} == shown


def test_describe_groups_leaves_ports_out_where_there_are_none(group: Group) -> None:
    group.authorize({"IpProtocol": "-1", "IpRanges": [ANYWHERE]})
    assert group.permissions() == [
        {
            "IpProtocol": "-1",
            "IpRanges": [ANYWHERE],
            "Ipv6Ranges": [],
            "PrefixListIds": [],
            "UserIdGroupPairs": [],
        }
    ]


def test_rules_are_shown_in_full(sandbox: Sandbox, group: Group) -> None:
    other = group.make("other")
    listed = group.ec2.create_managed_prefix_list(
        PrefixListName="p", MaxEntries=5, AddressFamily="IPv4"
    )["PrefixList"]["PrefixListId"]
    tags = [{"Key": "owner", "Value": "net"}]
    group.authorize(
        tcp(
            IpRanges=[{**ANYWHERE, "Description": "block"}],
            UserIdGroupPairs=[{"GroupId": other, "Description": "group"}],
            PrefixListIds=[{"PrefixListId": listed, "Description": "list"}],
        ),
        TagSpecifications=[{"ResourceType": "security-group-rule", "Tags": tags}],
    )
    common = {
        "GroupId": group.id,
        "GroupOwnerId": ACCOUNT,
        "IsEgress": False,
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
        "Tags": tags,
    }
    peers = [
        {"Description": "block", "CidrIpv4": "0.0.0.0/0"},
        {"Description": "list", "PrefixListId": listed},
        {"Description": "group", "ReferencedGroupInfo": {"GroupId": other, "UserId": ACCOUNT}},
    ]
    found = group.rules()
    for rule in found:
        rule_id = rule.pop("SecurityGroupRuleId")
        arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group-rule/{rule_id}"
        assert rule.pop("SecurityGroupRuleArn") == arn
    assert found == [{**common, **peer} for peer in peers]
    shown = group.permissions()[0]
    assert shown["PrefixListIds"] == [{"PrefixListId": listed, "Description": "list"}]
    pair = {"GroupId": other, "UserId": ACCOUNT, "Description": "group"}
    assert shown["UserIdGroupPairs"] == [pair]


def test_tags_are_for_rules_and_not_reserved(group: Group) -> None:
    for kind, key in (("security-group", "k"), ("security-group-rule", "aws:k")):
        tags = [{"ResourceType": kind, "Tags": [{"Key": key, "Value": "v"}]}]
        assert refused(group.authorize, ONE, TagSpecifications=tags)[0] == "InvalidParameterValue"
    assert group.rules() == []


def test_a_rule_keeps_its_id_when_its_neighbours_go(group: Group) -> None:
    first, second, third = group.authorize(tcp("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
    gone = group.revoke(second["SecurityGroupRuleId"])["RevokedSecurityGroupRules"]
    assert [rule["CidrIpv4"] for rule in gone] == ["172.16.0.0/12"]
    assert group.rules() == [first, third]
    added = group.authorize(tcp("172.16.0.0/12"))
    assert added[0]["SecurityGroupRuleId"] != second["SecurityGroupRuleId"]
    assert group.rules() == [first, third, *added]


def test_revoking_by_an_absent_id_revokes_nothing(group: Group) -> None:
    rule = group.authorize(ONE)[0]
    code, message = refused(group.revoke, rule["SecurityGroupRuleId"], "sgr-0a1b2c3d4e5f60718")
    assert code == "InvalidSecurityGroupRuleId.NotFound"
    assert message == "The security group rule ID 'sgr-0a1b2c3d4e5f60718' does not exist"
    assert group.rules() == [rule]
    egress = group.rules(egress=True)[0]["SecurityGroupRuleId"]
    assert refused(group.revoke, egress)[0] == "InvalidSecurityGroupRuleId.NotFound"


def test_revoking_needs_rules(group: Group) -> None:
    revoke = group.ec2.revoke_security_group_ingress
    code, message = refused(revoke, GroupId=group.id)
    assert code == "MissingParameter"
    assert message == "Either 'ipPermissions' or 'securityGroupRuleIds' should be provided."


def test_revoking_what_is_not_there_depends_on_the_vpc(group: Group) -> None:
    revoke = group.ec2.revoke_security_group_ingress
    rule = group.authorize(ONE)[0]
    both = [ONE, tcp("198.51.100.0/24")]
    code, _ = refused(revoke, GroupId=group.id, IpPermissions=both)
    assert code == "InvalidPermission.NotFound"
    assert group.rules() == [rule]
    default = group.ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])
    group.id = group.make("in-default", default["Vpcs"][0]["VpcId"])
    group.authorize(ONE)
    answer = revoke(GroupId=group.id, IpPermissions=both)
    unknown = answer["UnknownIpPermissions"]
    assert [one["IpRanges"][0]["CidrIp"] for one in unknown] == ["198.51.100.0/24"]
    assert group.rules() == []


def test_what_describe_shows_can_be_revoked(group: Group) -> None:
    group.authorize(tcp("203.0.113.42/0", "::/0"), {"IpProtocol": "50", "IpRanges": [ANYWHERE]})
    group.ec2.revoke_security_group_ingress(GroupId=group.id, IpPermissions=group.permissions())
    assert group.rules() == []


def test_the_old_form_with_one_permission_works(group: Group) -> None:
    one = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}
    group.ec2.authorize_security_group_ingress(GroupId=group.id, **one)
    assert group.rules()[0]["CidrIpv4"] == "0.0.0.0/0"
    group.ec2.revoke_security_group_ingress(GroupId=group.id, **one)
    assert group.rules() == []


def test_egress_is_kept_apart(group: Group) -> None:
    everything = group.rules(egress=True)
    assert [rule["CidrIpv4"] for rule in everything] == ["0.0.0.0/0"]
    group.ec2.authorize_security_group_egress(GroupId=group.id, IpPermissions=[ONE])
    assert group.rules() == []
    again = {"IpProtocol": "-1", "IpRanges": [ANYWHERE]}
    act = group.ec2.authorize_security_group_egress
    assert refused(act, GroupId=group.id, IpPermissions=[again])[0] == "InvalidPermission.Duplicate"


def blocks(count: int, start: int = 0) -> list[str]:
    return [f"10.{n // 256}.{n % 256}.0/24" for n in range(start, start + count)]


def blocks6(count: int) -> list[str]:
    return [f"2001:db8:{n:x}::/48" for n in range(count)]


def prefix_list(group: Group, size: int, family: str = "IPv4") -> dict[str, str]:
    made = group.ec2.create_managed_prefix_list(
        PrefixListName="p", MaxEntries=size, AddressFamily=family
    )
    return {"PrefixListId": made["PrefixList"]["PrefixListId"]}


FULL = "RulesPerSecurityGroupLimitExceeded"


def test_the_quota_counts_the_families_apart(group: Group) -> None:
    group.authorize(tcp(*blocks(60), *blocks6(60)))
    assert refused(group.authorize, tcp("192.0.2.0/24"))[0] == FULL
    assert refused(group.authorize, tcp("2001:db8:ffff::/48"))[0] == FULL
    assert len(group.rules()) == 120


def test_a_referenced_group_counts_in_both_families(group: Group) -> None:
    pair = tcp(UserIdGroupPairs=[{"GroupId": group.id}])
    group.authorize(tcp(*blocks(1), *blocks6(60)))
    assert refused(group.authorize, pair)[0] == FULL
    group.revoke(group.rules()[-1]["SecurityGroupRuleId"])
    assert len(group.authorize(pair)) == 1


def test_a_prefix_list_counts_with_its_size_in_its_family(group: Group) -> None:
    group.authorize(tcp(*blocks(51)))
    sized = prefix_list(group, 10)
    assert refused(group.authorize, tcp(PrefixListIds=[sized]))[0] == FULL
    group.authorize(tcp(PrefixListIds=[prefix_list(group, 9), prefix_list(group, 60, "IPv6")]))
    assert refused(group.authorize, tcp(*blocks(1, start=100)))[0] == FULL


def test_the_quota_is_the_one_that_service_quotas_tells(sandbox: Sandbox, group: Group) -> None:
    quotas.apply(sandbox, ACCOUNT, REGION, quotas.RULES_PER_GROUP, 2)
    told = sandbox.client("service-quotas").get_service_quota(
        ServiceCode="vpc", QuotaCode="L-0EA8095F"
    )["Quota"]
    assert (told["Value"], told["QuotaName"], told["Adjustable"]) == (
        2.0,
        "Inbound or outbound rules per security group",
        True,
    )
    elsewhere = sandbox.client("service-quotas", "eu-west-1").get_service_quota(
        ServiceCode="vpc", QuotaCode="L-0EA8095F"
    )["Quota"]
    assert elsewhere["Value"] == 60.0
    assert refused(group.authorize, tcp(*blocks(3)))[0] == FULL
    assert len(group.authorize(tcp(*blocks(2)))) == 2
    quotas.apply(sandbox, ACCOUNT, REGION, quotas.RULES_PER_GROUP, 60)
    assert len(group.authorize(tcp(*blocks(58, start=2)))) == 58
    quota = sandbox.client("service-quotas").get_service_quota
    code, _ = refused(quota, ServiceCode="vpc", QuotaCode="L-00000000")
    assert code == "NoSuchResourceException"


def test_a_group_of_another_network_needs_a_peering(group: Group) -> None:
    vpc = group.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    pair = tcp(UserIdGroupPairs=[{"GroupId": group.make("far", vpc)}])
    code, message = refused(group.authorize, pair)
    assert (code, "different networks" in message) == ("InvalidGroup.NotFound", True)
    peering = group.ec2.create_vpc_peering_connection(VpcId=group.vpc, PeerVpcId=vpc)
    peering_id = peering["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    group.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering_id)
    info = group.authorize(pair)[0]["ReferencedGroupInfo"]
    assert (info["VpcId"], info["VpcPeeringConnectionId"]) == (vpc, peering_id)


def test_modifying_keeps_the_id_and_is_all_or_nothing(group: Group) -> None:
    first, second = group.authorize(tcp("10.0.0.0/8", "192.168.0.0/16"))

    def change(rule: Any, block: str, **more: Any) -> Any:
        request = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv4": block, **more}
        rule_id = rule["SecurityGroupRuleId"]
        return {"SecurityGroupRuleId": rule_id, "SecurityGroupRule": request}

    modify = group.ec2.modify_security_group_rules
    modify(GroupId=group.id, SecurityGroupRules=[change(first, "172.16.9.9/12", Description="x")])
    now = group.rules()[0]
    assert now["SecurityGroupRuleId"] == first["SecurityGroupRuleId"]
    assert (now["CidrIpv4"], now["FromPort"], now["Description"]) == ("172.16.0.0/12", 443, "x")
    clash = [change(first, "192.0.2.0/24"), change(second, "192.0.2.0/24")]
    assert refused(modify, GroupId=group.id, SecurityGroupRules=clash)[0] == "InvalidParameterValue"
    wide = [change(second, "172.16.0.0/12")]
    assert refused(modify, GroupId=group.id, SecurityGroupRules=wide)[0] == (
        "InvalidPermission.Duplicate"
    )
    absent = [change({"SecurityGroupRuleId": "sgr-0"}, "192.0.2.0/24")]
    assert refused(modify, GroupId=group.id, SecurityGroupRules=absent)[0] == (
        "InvalidSecurityGroupRuleId.NotFound"
    )
    assert group.rules() == [now, second]


def test_a_default_rule_can_be_modified_too(group: Group) -> None:
    rule_id = group.rules(egress=True)[0]["SecurityGroupRuleId"]
    request = {"IpProtocol": "-1", "CidrIpv4": "10.0.0.0/8"}
    change = {"SecurityGroupRuleId": rule_id, "SecurityGroupRule": request}
    group.ec2.modify_security_group_rules(GroupId=group.id, SecurityGroupRules=[change])
    now = group.rules(egress=True)
    assert [(r["SecurityGroupRuleId"], r["CidrIpv4"]) for r in now] == [(rule_id, "10.0.0.0/8")]


def test_descriptions_change_alone(group: Group) -> None:
    rule = group.authorize(ONE)[0]
    update = group.ec2.update_security_group_rule_descriptions_ingress
    named = {"CidrIp": "192.0.2.0/24", "Description": "by content"}
    update(GroupId=group.id, IpPermissions=[tcp(IpRanges=[named])])
    assert group.rules() == [{**rule, "Description": "by content"}]
    by_id = {"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "Description": "by id"}
    update(GroupId=group.id, SecurityGroupRuleDescriptions=[by_id])
    assert group.rules() == [{**rule, "Description": "by id"}]
    absent = [tcp("198.51.100.0/24")]
    code, _ = refused(update, GroupId=group.id, IpPermissions=absent)
    assert code == "InvalidPermission.NotFound"


def test_a_rehearsal_changes_nothing(group: Group) -> None:
    code, message = refused(group.authorize, ONE, DryRun=True)
    assert code == "DryRunOperation"
    assert message == "Request would have succeeded, but DryRun flag is set."
    assert group.rules() == []


def test_groups_are_found_by_filter_and_page(group: Group) -> None:
    ids = [group.make(f"page-{n}") for n in range(7)]
    group.ec2.create_tags(Resources=ids[:2], Tags=[{"Key": "stage", "Value": "prod"}])
    describe = group.ec2.describe_security_groups

    def named(**question: Any) -> list[str]:
        return [one["GroupId"] for one in describe(**question)["SecurityGroups"]]

    assert named(Filters=[{"Name": "tag:stage", "Values": ["pr*"]}]) == ids[:2]
    assert named(Filters=[{"Name": "tag-key", "Values": ["stage"]}]) == ids[:2]
    assert named(Filters=[{"Name": "group-name", "Values": ["page-3"]}]) == [ids[3]]
    assert named(Filters=[{"Name": "vpc-id", "Values": ["vpc-0"]}]) == []
    pages = group.ec2.get_paginator("describe_security_groups").paginate(
        PaginationConfig={"PageSize": 5}, Filters=[{"Name": "vpc-id", "Values": [group.vpc]}]
    )
    sizes = [len(page["SecurityGroups"]) for page in pages]
    assert sizes == [5, 4]
    assert refused(describe, Filters=[{"Name": "colour", "Values": ["red"]}])[0] == (
        "InvalidParameterValue"
    )
    code, message = refused(describe, GroupIds=[group.id, "sg-0a1b2c3d"])
    assert (code, message) == (
        "InvalidGroup.NotFound",
        "The security group 'sg-0a1b2c3d' does not exist",
    )


def test_rules_are_found_by_id_and_tag_and_page(group: Group) -> None:
    rules = group.authorize(tcp(*blocks(8)))
    ids = [rule["SecurityGroupRuleId"] for rule in rules]
    group.ec2.create_tags(Resources=[ids[3]], Tags=[{"Key": "owner", "Value": "net"}])
    describe = group.ec2.describe_security_group_rules
    found = describe(SecurityGroupRuleIds=[ids[1]])["SecurityGroupRules"]
    assert found == [rules[1]]
    here = {"Name": "group-id", "Values": [group.id]}
    named = {"Name": "tag:owner", "Values": ["net"]}
    tagged = describe(Filters=[here, named])["SecurityGroupRules"]
    assert [one["SecurityGroupRuleId"] for one in tagged] == [ids[3]]
    page = describe(Filters=[here], MaxResults=5)
    assert len(page["SecurityGroupRules"]) == 5
    absent = refused(describe, SecurityGroupRuleIds=["sgr-0"])
    assert absent[0] == "InvalidSecurityGroupRuleId.NotFound"


def test_a_group_in_use_is_not_deleted(group: Group) -> None:
    delete = group.ec2.delete_security_group
    other = group.make("other")
    rule = group.authorize(tcp(UserIdGroupPairs=[{"GroupId": other}]))[0]
    code, message = refused(delete, GroupId=other)
    assert (code, message) == ("DependencyViolation", f"resource {other} has a dependent object")
    group.revoke(rule["SecurityGroupRuleId"])
    delete(GroupId=other)
    subnet = group.ec2.create_subnet(VpcId=group.vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    group.ec2.create_network_interface(SubnetId=subnet, Groups=[group.id])
    assert refused(delete, GroupId=group.id)[0] == "DependencyViolation"
    groups = group.ec2.describe_security_groups(
        Filters=[
            {"Name": "group-name", "Values": ["default"]},
            {"Name": "vpc-id", "Values": [group.vpc]},
        ]
    )
    assert refused(delete, GroupId=groups["SecurityGroups"][0]["GroupId"])[0] == "CannotDelete"


def test_describing_the_rules_of_one_group_does_not_walk_all(group: Group) -> None:
    for number in range(200):
        made = group.make(f"many-{number}")
        group.ec2.authorize_security_group_ingress(
            GroupId=made,
            IpPermissions=[tcp("10.0.0.0/8")],
            TagSpecifications=[
                {"ResourceType": "security-group-rule", "Tags": [{"Key": "k", "Value": "v"}]}
            ],
        )
    group.authorize(ONE)
    started = time.process_time()
    for _ in range(10):
        assert len(group.rules()) == 1
    assert (time.process_time() - started) / 10 < 0.05


def test_a_group_needs_a_vpc_that_exists(sandbox: Sandbox) -> None:
    group = Group(sandbox)
    with pytest.raises(ClientError, match=r"InvalidVpcID\.NotFound.*'vpc-00000000000000000'"):
        group.make("nowhere", "vpc-00000000000000000")
