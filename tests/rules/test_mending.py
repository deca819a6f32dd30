"""Plans, case by case: what goes, what comes, and when nobody may do it unasked."""

from __future__ import annotations

import json
import time
from typing import Any, NamedTuple

import pytest

from netmend.evaluate import find_rule
from rules.netlib.errors import FactUnreadable, PlanWithoutIds
from rules.netlib.plan import Plan
from tests.rules.ec2_group import GROUP, Group, Rule, describe, describe_rules, parsed

RULE = find_rule("SECURITY_GROUP_NO_PUBLIC_INGRESS")
PRIVATE = ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")
ANY = "0.0.0.0/0"
OFFICE = Rule("tcp", 22, 22, "8.8.8.0/24")
LISTS = {"pl-0wide": [ANY], "pl-0mixed": ["10.4.0.0/16", "10.5.0.0/16", "8.0.0.0/7"]}


def planned(
    rules: list[Rule], facts: dict[str, Any] | None = None, *, ids: bool = True, **parameters: str
) -> Plan:
    named = {f"sgr-{number}": rule for number, rule in enumerate(rules)}
    group = RULE.from_live(describe(rules), describe_rules(named) if ids else None)
    known = {"prefix_lists": LISTS, **(facts or {})}
    params = RULE.parameters({"GuardedPorts": "22,3389", **parameters})
    return RULE.plan(group, RULE.violations(group, known, params), known, params)


def tcp(low: int, high: int, *sources: str) -> set[Rule]:
    return {Rule("tcp", low, high, source) for source in sources}


class Case(NamedTuple):
    before: list[Rule]
    after: set[Rule]
    facts: dict[str, Any] = {}  # noqa: RUF012
    parameters: dict[str, str] = {}  # noqa: RUF012
    decision: str = "MEND"


MENDS: dict[str, Case] = {
    "private sources of a wide rule stay": Case([Rule("tcp", 22, 22, ANY)], tcp(22, 22, *PRIVATE)),
    "private sources go when they are to be dropped": Case(
        [Rule("tcp", 22, 22, ANY)], set(), parameters={"PrivateSources": "drop"}
    ),
    "unique local addresses stay of IPv6": Case(
        [Rule("tcp", 22, 22, "::/0")], tcp(22, 22, "fc00::/7")
    ),
    "the VPC's own blocks stay, merged into what holds them": Case(
        [Rule("tcp", 22, 22, ANY), Rule("tcp", 22, 22, "::/0")],
        tcp(22, 22, *PRIVATE, "11.7.0.0/16", "fc00::/7", "2600:1f18::/56"),
        {"vpc_cidrs": ["10.9.0.0/16", "11.7.0.0/16", "2600:1f18::/56"]},
    ),
    "own public blocks go where with them too much stays open": Case(
        [Rule("tcp", 22, 22, ANY)], tcp(22, 22, *PRIVATE), {"vpc_cidrs": ["11.0.0.0/8"]}
    ),
    "own public blocks go in the family where they are too wide, and no other": Case(
        [Rule("tcp", 22, 22, ANY), Rule("tcp", 22, 22, "::/0")],
        tcp(22, 22, *PRIVATE, "fc00::/7", "2600:1f18::/56"),
        {"vpc_cidrs": ["11.0.0.0/8", "2600:1f18::/56"]},
    ),
    "a narrow public source stays beside a wide one": Case(
        [OFFICE, Rule("tcp", 22, 22, ANY)], {OFFICE, *tcp(22, 22, *PRIVATE)}
    ),
    "of two halves each leaves its private part": Case(
        [Rule("tcp", 22, 22, "0.0.0.0/1"), Rule("tcp", 22, 22, "128.0.0.0/1")],
        tcp(22, 22, *PRIVATE),
    ),
    "the wider half goes, and the rest is below the limit": Case(
        [
            Rule("tcp", 22, 22, "8.0.0.0/11"),
            Rule("tcp", 22, 22, "9.0.0.0/12"),
            Rule("tcp", 22, 22, "12.0.0.0/12"),
        ],
        tcp(22, 22, "9.0.0.0/12", "12.0.0.0/12"),
    ),
    "a source that alone is exactly at the limit goes too": Case(
        [Rule("tcp", 22, 22, "8.0.0.0/9"), Rule("tcp", 22, 22, "8.0.0.0/10")], set()
    ),
    "a source stays that narrower ones let in anyway": Case(
        [
            *(Rule("tcp", 22, 22, "8.0.0.0/11"), Rule("tcp", 22, 22, "9.0.0.0/11")),
            *(Rule("tcp", 22, 22, "8.0.0.0/12"), Rule("tcp", 22, 22, "8.16.0.0/12")),
        ],
        tcp(22, 22, "8.0.0.0/11", "8.0.0.0/12", "8.16.0.0/12"),
    ),
    "a source does not stay because a small part of it does": Case(
        [
            Rule("tcp", 22, 22, one)
            for one in ("8.0.0.0/11", "9.0.0.0/11", "11.0.0.0/11", "8.0.0.0/16")
        ],
        tcp(22, 22, "9.0.0.0/11", "8.0.0.0/16"),
    ),
    "private sources of neighbouring ports come back as one": Case(
        [Rule("tcp", 22, 22, ANY), Rule("tcp", 23, 23, ANY)],
        tcp(22, 23, *PRIVATE),
        parameters={"GuardedPorts": "22-23"},
    ),
    "ports that join let blocks join": Case(
        [
            Rule("tcp", 10, 14, "0.0.0.0/1"),
            Rule("tcp", 15, 22, "0.0.0.0/1"),
            Rule("tcp", 10, 22, "128.0.0.0/1"),
        ],
        tcp(11, 21, ANY)
        | tcp(10, 22, "172.16.0.0/12", "192.168.0.0/16")
        | tcp(10, 10, "10.0.0.0/8", "100.64.0.0/10")
        | tcp(22, 22, "10.0.0.0/8", "100.64.0.0/10"),
        parameters={"GuardedPorts": "10,22"},
    ),
    "what is let in on a part of the ports only is added on all": Case(
        [Rule("tcp", 0, 65535, ANY), Rule("tcp", 22, 30, "10.0.0.0/8")],
        tcp(0, 21, ANY)
        | tcp(23, 3388, ANY)
        | tcp(3390, 65535, ANY)
        | tcp(22, 3389, *PRIVATE)
        | tcp(22, 30, "10.0.0.0/8"),
    ),
    "a range is carved around the guarded port": Case(
        [Rule("tcp", 0, 100, ANY)],
        tcp(0, 21, ANY) | tcp(23, 100, ANY) | tcp(22, 22, *PRIVATE),
    ),
    "private sources span from the lowest to the highest port that goes": Case(
        [Rule("tcp", 0, 65535, ANY)],
        tcp(0, 21, ANY) | tcp(23, 3388, ANY) | tcp(3390, 65535, ANY) | tcp(22, 3389, *PRIVATE),
    ),
    "what is let in already is not added again": Case(
        [
            Rule("tcp", 22, 22, ANY),
            Rule("-1", None, None, "10.0.0.0/8"),
            Rule("tcp", 0, 1023, "192.168.0.0/16"),
        ],
        {
            Rule("-1", None, None, "10.0.0.0/8"),
            *tcp(0, 1023, "192.168.0.0/16"),
            *tcp(22, 22, "100.64.0.0/10", "172.16.0.0/12"),
        },
    ),
    "halves that are carved alike come back as one": Case(
        [Rule("tcp", 20, 22, "0.0.0.0/1"), Rule("tcp", 20, 22, "128.0.0.0/1")],
        tcp(20, 21, ANY) | tcp(22, 22, *PRIVATE),
    ),
    "UDP is carved apart from TCP": Case(
        [Rule("udp", 3388, 3389, ANY)],
        {Rule("udp", 3388, 3388, ANY), *(Rule("udp", 3389, 3389, one) for one in PRIVATE)},
    ),
    "a wide prefix list goes from the guarded port and stays on the others": Case(
        [Rule("tcp", 22, 23, "pl-0wide")],
        tcp(23, 23, "pl-0wide") | tcp(22, 22, *PRIVATE),
    ),
    "the private parts of a list's entries stay as blocks": Case(
        [Rule("tcp", 22, 22, "pl-0mixed")], tcp(22, 22, "10.4.0.0/15")
    ),
    "groups, ICMP and closed ports are left alone": Case(
        [
            Rule("tcp", 22, 22, ANY),
            Rule("tcp", 22, 22, "sg-0a1b"),
            Rule("icmp", 8, -1, ANY),
            Rule("tcp", 443, 443, ANY),
        ],
        {
            Rule("tcp", 22, 22, "sg-0a1b"),
            Rule("icmp", 8, -1, ANY),
            *tcp(443, 443, ANY),
            *tcp(22, 22, *PRIVATE),
        },
    ),
    "descriptions come along": Case(
        [Rule("tcp", 22, 22, "::/0", "vendor X CHG-1")],
        {Rule("tcp", 22, 22, "fc00::/7", "vendor X CHG-1")},
    ),
    "tags come along": Case(
        [Rule("tcp", 22, 22, "::/0", None, (("owner", "net"), ("stage", "prod")))],
        {Rule("tcp", 22, 22, "fc00::/7", None, (("owner", "net"), ("stage", "prod")))},
    ),
    "an all-protocols rule is carved after a person has said yes": Case(
        [Rule("-1", None, None, "::/0")],
        {
            Rule("-1", None, None, "fc00::/7"),
            Rule("icmpv6", -1, -1, "::/0"),
            *(
                Rule(p, *r, "::/0")
                for p in ("tcp", "udp")
                for r in ((0, 21), (23, 3388), (3390, 65535))
            ),
        },
        decision="APPROVE",
    ),
    "an all-protocols rule is carved unasked where that is wished": Case(
        [Rule("-1", None, None, ANY)],
        {
            *(Rule("-1", None, None, one) for one in PRIVATE),
            Rule("icmp", -1, -1, ANY),
            Rule("udp", 0, 65535, ANY),
            *tcp(0, 21, ANY),
            *tcp(23, 65535, ANY),
        },
        parameters={"AllProtocols": "carve", "GuardedPorts": "tcp/22"},
    ),
}


@pytest.mark.parametrize("case", MENDS.values(), ids=MENDS.keys())
def test_the_group_becomes(case: Case) -> None:
    plan = planned(case.before, case.facts, **case.parameters)
    group = Group([])
    group.rules = {f"sgr-{number}": rule for number, rule in enumerate(case.before)}
    group.sizes = dict.fromkeys(LISTS, 1)
    for call in plan.calls:
        group.call(call.to_json())
    assert plan.decision == case.decision
    assert set(group.rules.values()) == case.after
    assert {rule.key for rule in parsed(list(plan.after))} == {rule.key for rule in case.after}


def test_a_plan_adds_in_one_call_for_each_set_of_tags_and_then_revokes_by_id() -> None:
    plan = planned(
        [
            Rule("tcp", 22, 22, "::/0", None, (("owner", "net"),)),
            Rule("tcp", 3389, 3389, "::/0"),
            Rule("tcp", 22, 22, ANY, None, (("owner", "net"),)),
            Rule("tcp", 443, 443, ANY),
        ]
    )
    assert [call.op for call in plan.calls] == [
        "AuthorizeSecurityGroupIngress",
        "AuthorizeSecurityGroupIngress",
        "RevokeSecurityGroupIngress",
    ]
    untagged, tagged, revoke = (call.params for call in plan.calls)
    assert "TagSpecifications" not in untagged
    assert tagged["TagSpecifications"] == [
        {"ResourceType": "security-group-rule", "Tags": [{"Key": "owner", "Value": "net"}]}
    ]
    assert revoke == {"GroupId": GROUP, "SecurityGroupRuleIds": ["sgr-2", "sgr-0", "sgr-1"]}


def test_without_ids_it_revokes_by_content_and_no_runbook_takes_it() -> None:
    plan = planned([Rule("tcp", 22, 22, ANY, "told")], ids=False, PrivateSources="drop")
    assert [call.to_json() for call in plan.calls] == [
        {
            "op": "RevokeSecurityGroupIngress",
            "GroupId": GROUP,
            "IpPermissions": [
                {
                    "IpProtocol": "tcp",
                    "FromPort": 22,
                    "ToPort": 22,
                    "IpRanges": [{"CidrIp": ANY}],
                    "Ipv6Ranges": [],
                    "PrefixListIds": [],
                    "UserIdGroupPairs": [],
                }
            ],
        }
    ]
    with pytest.raises(PlanWithoutIds):
        RULE.runbook_outputs(plan)


def test_before_tells_all_of_a_rule_so_that_it_can_be_undone() -> None:
    plan = planned(
        [Rule("tcp", 22, 22, ANY, "vendor X", (("owner", "net"),)), Rule("-1", None, None, "::/0")]
    )
    assert plan.before == (
        {
            "SecurityGroupRuleId": "sgr-1",
            "GroupId": GROUP,
            "IsEgress": False,
            "IpProtocol": "-1",
            "FromPort": -1,
            "ToPort": -1,
            "CidrIpv6": "::/0",
            "Description": None,
            "Tags": [],
        },
        {
            "SecurityGroupRuleId": "sgr-0",
            "GroupId": GROUP,
            "IsEgress": False,
            "IpProtocol": "tcp",
            "FromPort": 22,
            "ToPort": 22,
            "CidrIpv4": ANY,
            "Description": "vendor X",
            "Tags": [{"Key": "owner", "Value": "net"}],
        },
    )


def test_a_group_that_is_right_needs_no_plan() -> None:
    plan = planned([OFFICE])
    assert (plan.decision, plan.calls, plan.before) == ("NONE", (), ())
    assert [rule.key for rule in parsed(list(plan.after))] == [OFFICE.key]


def test_a_rule_that_a_file_tells_twice_is_revoked_once() -> None:
    plan = planned(
        [Rule("tcp", 22, 22, ANY), Rule("tcp", 22, 22, "203.0.113.9/0")],
        ids=False,
        PrivateSources="drop",
    )
    assert plan.calls[0].params["IpPermissions"][0]["IpRanges"] == [{"CidrIp": ANY}]


QUOTA: dict[str, tuple[list[Rule], dict[str, Any], str]] = {
    "old and new rules count together": (
        [Rule("tcp", 22, 22, ANY)],
        {"rules_quota": 4},
        "5 for IPv4, and the quota is 4",
    ),
    "at the quota is not over it": ([Rule("tcp", 22, 22, ANY)], {"rules_quota": 5}, ""),
    "IPv6 rules do not count for IPv4": (
        [Rule("tcp", 22, 22, ANY), *(Rule("tcp", p, p, "::1/128") for p in range(5))],
        {"rules_quota": 5},
        "",
    ),
    "a family that gains nothing may be over": (
        [Rule("tcp", 22, 22, ANY), *(Rule("tcp", p, p, "::1/128") for p in range(9))],
        {"rules_quota": 5},
        "",
    ),
    "a reference to a group counts in both": (
        [Rule("tcp", 22, 22, "::/0"), *(Rule("tcp", p, p, "sg-1") for p in range(3))],
        {"rules_quota": 4},
        "5 for IPv6, and the quota is 4",
    ),
    "a prefix list counts as often as it may have entries": (
        [Rule("tcp", 22, 22, ANY), Rule("tcp", 80, 80, "pl-1")],
        {
            "rules_quota": 20,
            "prefix_lists": {"pl-1": {"entries": ["8.8.8.8/32"], "max_entries": 16}},
        },
        "21 for IPv4, and the quota is 20",
    ),
    "an empty prefix list counts in the family it was made for": (
        [Rule("tcp", 22, 22, ANY), Rule("tcp", 80, 80, "pl-1")],
        {
            "rules_quota": 20,
            "prefix_lists": {"pl-1": {"entries": [], "max_entries": 16, "address_family": "IPv6"}},
        },
        "",
    ),
    "a list without a size counts its entries": (
        [Rule("tcp", 22, 22, ANY), Rule("tcp", 80, 80, "pl-1")],
        {
            "rules_quota": 6,
            "prefix_lists": {
                "pl-1": {
                    "entries": ["8.8.8.8/32", "8.8.4.4/32"],
                    "max_entries": None,
                    "address_family": None,
                }
            },
        },
        "7 for IPv4, and the quota is 6",
    ),
    "sixty where the quota is not told": (
        [Rule("tcp", 22, 22, ANY), *(Rule("tcp", p, p, ANY) for p in range(100, 156))],
        {},
        "61 for IPv4, and the quota is 60",
    ),
}


@pytest.mark.parametrize(("rules", "facts", "says"), QUOTA.values(), ids=QUOTA.keys())
def test_the_quota_is_kept_at_the_peak(rules: list[Rule], facts: dict[str, Any], says: str) -> None:
    plan = planned(rules, facts)
    assert plan.decision == ("HELD" if says else "MEND")
    if says:
        assert says in plan.reason
        assert (plan.calls, plan.before) == ((), ())
        assert {r.key for r in parsed(list(plan.after))} == {r.key for r in rules}


def test_more_sets_of_tags_than_calls_ask_and_say_which_are_lost() -> None:
    plan = planned(
        [
            *(
                Rule("tcp", 22, 22, source, None, (("part", source),))
                for source in ("8.0.0.0/6", "172.0.0.0/8", "100.0.0.0/8", "192.0.0.0/8")
            ),
            Rule("tcp", 3389, 3389, ANY, None, (("part", "192.0.0.0/8"),)),
        ]
    )
    assert plan.decision == "APPROVE"
    assert [
        call.params.get("TagSpecifications", [{}])[0].get("Tags") for call in plan.calls[:-1]
    ] == [
        None,
        [{"Key": "part", "Value": "100.0.0.0/8"}],
        [{"Key": "part", "Value": "192.0.0.0/8"}],
    ]
    assert plan.lost == (
        "the tags part=172.0.0.0/8 of new rules",
        "the tags part=8.0.0.0/6 of new rules",
    )
    assert "more than 3 sets of tags" in plan.reason


def test_tags_of_aws_s_own_cannot_come_along() -> None:
    plan = planned([Rule("tcp", 22, 22, "::/0", None, (("aws:x", "1"), ("owner", "net")))])
    assert plan.decision == "MEND"
    assert plan.calls[0].params["TagSpecifications"][0]["Tags"] == [
        {"Key": "owner", "Value": "net"}
    ]
    assert plan.lost == ("the tag aws:x, which only AWS can give",)


def test_an_all_protocols_rule_says_what_is_lost() -> None:
    plan = planned([Rule("-1", None, None, ANY), Rule("-1", None, None, "pl-0wide")])
    assert plan.lost == (
        "from 0.0.0.0/0: every protocol but TCP, UDP and ICMP",
        "from pl-0wide: every protocol but TCP, UDP and ICMP",
    )
    assert "all protocols" in plan.reason


@pytest.mark.parametrize(
    "facts",
    [
        {"vpc_cidrs": ["10.0.0.0"]},
        {"vpc_cidrs": "10.0.0.0/8"},
        {"rules_quota": "60"},
        {"rules_quota": 0},
        {"rules_quota": True},
    ],
)
def test_a_fact_that_is_malformed_is_no_plan(facts: dict[str, Any]) -> None:
    with pytest.raises(FactUnreadable):
        planned([Rule("tcp", 22, 22, ANY)], facts)


def test_the_runbook_reads_every_output_of_every_plan() -> None:
    tags = [((("part", str(number)),)) for number in range(3)]
    sources = ("8.0.0.0/6", "172.0.0.0/8", "100.0.0.0/8")
    rules = [
        Rule("tcp", 22, 22, *pair[:1], None, pair[1]) for pair in zip(sources, tags, strict=True)
    ]
    outputs = RULE.runbook_outputs(planned(rules))
    assert outputs["Entry"] == "MEND_ADD_3"
    assert [
        bool(outputs[name])
        for name in (
            "IpPermissions",
            "TagSpecifications",
            "IpPermissions2",
            "TagSpecifications2",
            "IpPermissions3",
            "TagSpecifications3",
            "SecurityGroupRuleIds",
        )
    ] == [True] * 7
    nothing = RULE.runbook_outputs(planned([OFFICE]))
    assert nothing.keys() == outputs.keys()
    assert {name: value for name, value in nothing.items() if value} == {"Entry": "MEND_REMOVE"}


@pytest.mark.parametrize(
    ("rules", "entry"),
    [
        ([Rule("tcp", 22, 22, "8.0.0.0/7")], "MEND_REMOVE"),
        ([Rule("tcp", 22, 22, ANY)], "MEND_ADD"),
        (
            [Rule("tcp", 22, 22, ANY), Rule("tcp", 22, 22, "::/0", None, (("a", "b"),))],
            "MEND_ADD_2",
        ),
    ],
)
def test_the_entry_says_how_many_calls_add(rules: list[Rule], entry: str) -> None:
    assert RULE.runbook_outputs(planned(rules))["Entry"] == entry


def test_the_digest_knows_ids_and_the_fingerprint_does_not() -> None:
    rules = [Rule("tcp", 22, 22, ANY), OFFICE]
    plan, turned = planned(rules), planned(rules[::-1])
    assert plan.fingerprint() == turned.fingerprint()
    assert plan.digest() != turned.digest()
    other = planned([*rules, Rule("tcp", 80, 80, ANY)])
    assert plan.fingerprint() == other.fingerprint()
    assert plan.digest() != other.digest()
    assert planned([Rule("tcp", 3389, 3389, ANY), OFFICE]).fingerprint() != plan.fingerprint()


def test_a_plan_is_json() -> None:
    plan = planned([Rule("-1", None, None, ANY)])
    told = json.loads(json.dumps(plan.to_json()))
    assert told["version"] == 1
    assert told["calls"][0]["op"] == "AuthorizeSecurityGroupIngress"
    assert told.keys() == {"decision", "reason", "calls", "before", "after", "lost", "version"}


def test_hundreds_of_rules_that_cut_each_other_are_planned_in_time() -> None:
    rules = [
        Rule("tcp", number, 60000 - number, f"{number % 200 + 11}.{number // 200}.0.0/16")
        for number in range(300)
    ]
    started = time.process_time()
    plan = planned(rules, {"rules_quota": 1000}, GuardedPorts="0-65535")
    assert plan.decision == "MEND"
    assert time.process_time() - started < 10


def test_wide_guards_cost_nothing() -> None:
    started = time.process_time()
    for _ in range(20):
        assert planned([Rule("tcp", 0, 65535, ANY)], GuardedPorts="0-65535").decision == "MEND"
    assert time.process_time() - started < 2
