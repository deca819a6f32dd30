"""An explanation says of each permission what it does to the verdict, and of the mend all."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from netmend.evaluate import find_rule, judge
from netmend.explain import as_markdown, as_text, model
from netmend.explain.explaining import explain
from netmend.explain.numbers import EVERYBODY, part, share, threshold
from tests.rules.ec2_group import GROUP, Rule, describe

RULE = find_rule("SECURITY_GROUP_NO_PUBLIC_INGRESS")
CONTEXT = model.Context("groups.json", "the defaults")
FACTS = {"prefix_lists": {"pl-none": [], "pl-half": ["128.0.0.0/1"]}}


def explained(*rules: Rule, **parameters: str) -> model.Explanation:
    params = RULE.parameters(parameters)
    judged = judge(RULE, RULE.from_live(describe(rules)), FACTS, params)
    return explain(RULE, judged, FACTS, parameters, CONTEXT)


REASONS: dict[str, tuple[Rule, str]] = {
    "the web": (Rule("tcp", 443, 443, "0.0.0.0/0"), "no guarded port is reached"),
    "private space": (Rule("tcp", 22, 22, "10.0.0.0/8"), "not public: private use (RFC 1918)"),
    "documentation": (
        Rule("tcp", 22, 22, "2001:db8::/32"),
        "not public: documentation (RFC 3849)",
    ),
    "an office": (
        Rule("tcp", 22, 22, "8.8.8.0/24"),
        "narrow, counted together as well: public is 4,194,304 IPv4 addresses (a /10) or more",
    ),
    "an office with IPv6": (
        Rule("tcp", 22, 22, "2a00:1450::/48"),
        "narrow, counted together as well: public is"
        " 79,228,162,514,264,337,593,543,950,337 IPv6 addresses (more than a /32) or more",
    ),
    "a group": (
        Rule("-1", None, None, "sg-0a1b2c3d"),
        "a security group is its source: nobody from outside gets in by it",
    ),
    "ping": (Rule("icmp", -1, -1, "0.0.0.0/0"), "icmp has no ports, so it reaches no guarded one"),
    "ESP": (
        Rule("50", None, None, "0.0.0.0/0"),
        "protocol 50 has no ports, so it reaches no guarded one",
    ),
    "an empty list": (
        Rule("tcp", 22, 22, "pl-none"),
        "the prefix list is empty: nobody gets in by it",
    ),
    "an allowed port": (
        Rule("tcp", 5432, 5432, "0.0.0.0/0"),
        "AllowedPorts allows it: no other guarded port is reached",
    ),
}


@pytest.mark.parametrize(("rule", "why"), REASONS.values(), ids=REASONS.keys())
@pytest.mark.parametrize("beside", [(), (Rule("tcp", 3389, 3389, "0.0.0.0/0"),)], ids=str)
def test_what_does_not_count_says_why(rule: Rule, why: str, beside: tuple[Rule, ...]) -> None:
    told = explained(rule, *beside, AllowedPorts="5432")
    assert told.compliance == ("NON_COMPLIANT" if beside else "COMPLIANT")
    (harmless,) = told.harmless
    assert harmless.why == why


def test_every_permission_is_told_exactly_once_or_opens_something() -> None:
    rules = [rule for rule, _ in REASONS.values()]
    told = explained(*rules, Rule("tcp", 22, 22, "0.0.0.0/1"), Rule("tcp", 20, 23, "pl-half"))
    named = {p.lets_in for opening in told.openings for p in opening.permissions}
    fine = [p.lets_in for p in told.harmless]
    assert named == {
        "tcp 22 from 0.0.0.0/1",
        "tcp 20-23 from pl-half",
        "tcp 5432 from 0.0.0.0/0",
    }
    assert len(named) + len(fine) == len(rules) + 2
    assert named.isdisjoint(fine)


MENDS: dict[str, tuple[Rule, dict[str, str], str, str, list[str]]] = {
    "without asking": (
        Rule("tcp", 22, 22, "0.0.0.0/0"),
        {},
        "MEND",
        "In mode enforce this is done without asking",
        [],
    ),
    "a person is asked": (
        Rule("-1", None, None, "0.0.0.0/0"),
        {},
        "APPROVE",
        "too: a rule for all protocols cannot be carved whole.",
        ["from 0.0.0.0/0: every protocol but TCP, UDP and ICMP"],
    ),
    "carved unasked": (
        Rule("-1", None, None, "0.0.0.0/0"),
        {"AllProtocols": "carve"},
        "MEND",
        "In mode enforce this is done without asking",
        ["from 0.0.0.0/0: every protocol but TCP, UDP and ICMP"],
    ),
    "private sources dropped": (
        Rule("tcp", 22, 22, "0.0.0.0/0"),
        {"PrivateSources": "drop"},
        "MEND",
        "without asking",
        ["private sources that only a revoked rule lets in: PrivateSources is drop"],
    ),
    "no private source to drop": (
        Rule("tcp", 22, 22, "8.0.0.0/8"),
        {"PrivateSources": "drop"},
        "MEND",
        "without asking",
        [],
    ),
}


@pytest.mark.parametrize(
    ("rule", "parameters", "decision", "meaning", "lost"), MENDS.values(), ids=MENDS.keys()
)
def test_the_mend_says_who_decides_and_what_is_lost(
    rule: Rule, parameters: dict[str, str], decision: str, meaning: str, lost: list[str]
) -> None:
    mend = explained(rule, **parameters).mend
    assert mend is not None
    assert mend.decision == decision
    assert meaning in mend.meaning
    assert list(mend.lost) == lost
    assert [call["op"] for call in mend.calls][-1] == "RevokeSecurityGroupIngress"
    assert f"- {as_text_line(rule)}" in mend.changes


def as_text_line(rule: Rule) -> str:
    head = "all protocols" if rule.protocol == "-1" else f"{rule.protocol} {rule.low}"
    return f"{head} from {rule.source}"


def test_a_plan_that_is_held_says_why_and_changes_nothing() -> None:
    full = [Rule("tcp", 1000 + n, 1000 + n, "10.0.0.0/8") for n in range(58)]
    mend = explained(*full, Rule("tcp", 0, 65535, "0.0.0.0/0")).mend
    assert mend is not None
    assert mend.decision == "HELD"
    assert re.search(r"whatever the mode: old and new rules together would count \d+", mend.meaning)
    assert mend.calls == mend.changes == ()


ALL_OF_IPV4 = EVERYBODY["IPv4"]
SHARES = {
    "every public IPv4 address": ALL_OF_IPV4,
    "all but 1 of the public IPv4 addresses": ALL_OF_IPV4 - 1,
    "about half of the public IPv4 addresses": ALL_OF_IPV4 // 2,
    "about 57% of the public IPv4 addresses": 2_092_957_696,
    "1 in 883 of the public IPv4 addresses": 1 << 22,
    "1 in 3,702,258,690 of the public IPv4 addresses": 1,
}


@pytest.mark.parametrize(("words", "count"), SHARES.items(), ids=SHARES.keys())
def test_a_share_is_said_in_words(words: str, count: int) -> None:
    assert share(count, "IPv4") == words


def test_all_public_addresses_are_those_that_the_engine_counts() -> None:
    (ipv4, ipv6) = explained(Rule("tcp", 22, 22, "0.0.0.0/0"), Rule("tcp", 22, 22, "::/0")).openings
    assert (ipv4.addresses, ipv6.addresses) == (EVERYBODY["IPv4"], EVERYBODY["IPv6"])
    assert part(EVERYBODY["IPv6"] - 1, "IPv6") == "nearly all"


@pytest.mark.parametrize("prefix", range(1, 33))
def test_the_threshold_is_said_as_a_block(prefix: int) -> None:
    limit = RULE.parameters({"WideIpv4Prefix": str(prefix)}).limits[0]
    assert threshold(limit, "IPv4") == f"{2 ** (32 - prefix):,} IPv4 addresses (a /{prefix})"


HALVES = """\
sg-0123456789abcdef0 (app) is NON_COMPLIANT

  rule        SECURITY_GROUP_NO_PUBLIC_INGRESS
              No guarded port of a security group is open to the internet, by
              whatever rules together.
  read        groups.json
  parameters  the defaults

Why it is public

  tcp 22
    open to every public IPv4 address (3,702,258,690)
    public is 4,194,304 IPv4 addresses (a /10) or more
    together, by these permissions:
      tcp 22 from 0.0.0.0/1: about 57% (2,092,957,696)
      tcp 22 from 128.0.0.0/1: about 43% (1,609,300,994)

What does not count

  no guarded port is reached
      tcp 443 from 0.0.0.0/0

What Netmend would do

  In mode enforce this is done without asking; in mode approve a person decides
  first.

  + tcp 22 from 10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16
  - tcp 22 from 0.0.0.0/1
  - tcp 22 from 128.0.0.0/1

  as API calls of EC2, in this order:
  1. AuthorizeSecurityGroupIngress
     {"GroupId": "sg-0123456789abcdef0", "IpPermissions": [{"IpProtocol": "tcp",
     "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"},
     {"CidrIp": "100.64.0.0/10"}, {"CidrIp": "172.16.0.0/12"}, {"CidrIp":
     "192.168.0.0/16"}]}]}
  2. RevokeSecurityGroupIngress
     {"GroupId": "sg-0123456789abcdef0", "IpPermissions": [{"IpProtocol": "tcp",
     "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/1"},
     {"CidrIp": "128.0.0.0/1"}]}]}

What is let in afterwards

  tcp 22 from 10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16
  tcp 443 from 0.0.0.0/0

What is lost

  nothing but what the rule forbids
"""


def halves() -> model.Explanation:
    ssh = [Rule("tcp", 22, 22, source) for source in ("0.0.0.0/1", "128.0.0.0/1")]
    return explained(*ssh, Rule("tcp", 443, 443, "0.0.0.0/0"))


def text(told: model.Explanation, columns: int = 80) -> str:
    return "".join(f"{line.text}\n" for line in as_text.lines(told, columns))


def test_two_halves_are_explained_in_words() -> None:
    assert text(halves()) == HALVES


EVERYTHING = [rule for rule, _ in REASONS.values()] + [
    Rule("-1", None, None, "0.0.0.0/0", "x" * 200),
    Rule("tcp", 0, 65535, "::/0"),
]


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    told = text(explained(*EVERYTHING), columns)
    assert max(map(len, told.splitlines())) <= columns
    assert all(line == line.rstrip() for line in told.splitlines())


def test_a_group_that_lets_nothing_in_is_fine() -> None:
    for told in (text(explained()), as_markdown.markdown(explained())):
        assert "COMPLIANT" in told
        assert "Why it is fine" in told
        assert "nothing is let in at all" in told


def test_users_text_cannot_command_a_terminal_nor_mark_up_a_page() -> None:
    hostile = {**describe([Rule("tcp", 22, 22, "0.0.0.0/0")]), "GroupName": "\x1b[2Ja`|<b>"}
    params = RULE.parameters({})
    judged = judge(RULE, RULE.from_live(hostile), {}, params)
    told = explain(RULE, judged, {}, {}, CONTEXT)
    assert "\x1b" not in text(told)
    head = as_markdown.markdown(told).splitlines()[0]
    assert head == f"## `{GROUP}` (`\ufffd[2Ja'\\|<b>`) is NON_COMPLIANT"


def test_markdown_and_json_tell_what_the_text_tells() -> None:
    told = halves()
    page = as_markdown.markdown(told)
    assert told.mend is not None
    for line in [*told.mend.changes, *(told.mend.after or ())]:
        assert line in page
    for opening in told.openings:
        assert f"**{opening.share}** ({opening.addresses:,})" in page
        for one in opening.permissions:
            assert f"| `{one.lets_in}` | {one.addresses:,}: {one.share} |" in page
    bodies = [json.loads(body) for body in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]
    assert bodies == [json.loads(model.arguments(call)) for call in told.mend.calls]


def test_json_holds_calls_as_ec2_takes_them() -> None:
    told: dict[str, Any] = json.loads(json.dumps(halves().to_json()))
    assert told["compliance"] == "NON_COMPLIANT"
    assert told["parameters"]["whose"] == "the defaults"
    assert told["parameters"]["values"].keys() == RULE.PARAMETERS.keys()
    assert [p["addresses"] for p in told["openings"][0]["permissions"]] == [
        2092957696,
        1609300994,
    ]
    assert told["openings"][0]["traffic"] == [{"protocol": "tcp", "ports": ["22"]}]
    assert [call["op"] for call in told["mend"]["calls"]] == [
        "AuthorizeSecurityGroupIngress",
        "RevokeSecurityGroupIngress",
    ]
