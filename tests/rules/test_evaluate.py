"""Files are judged as the network is: every kind of line, one answer each, errors told by line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from netmend.errors import UsageError
from netmend.evaluate import evaluate_lines, exit_code, find_rule, rule_names
from tests.rules.ec2_group import GROUP, Rule, describe, item

RULE = find_rule("SECURITY_GROUP_NO_PUBLIC_INGRESS")
OPEN = [Rule("tcp", 22, 22, "0.0.0.0/0")]
CLOSED = [Rule("tcp", 22, 22, "10.0.0.0/8")]
LISTED = [Rule("tcp", 22, 22, "pl-0a1b")]
FACTS = {"prefix_lists": {"pl-0a1b": ["0.0.0.0/0"]}}


def invocation(told: dict[str, Any] | None, **parts: Any) -> dict[str, Any]:
    """What Config hands to the function of a rule."""
    notice = {"messageType": "ConfigurationItemChangeNotification", "configurationItem": told}
    return {
        "configRuleName": "netmend-security-group-no-public-ingress-conformance-pack-abc",
        "invokingEvent": json.dumps(notice | parts.pop("notice", {})),
        "ruleParameters": json.dumps(parts.pop("parameters", {})),
        "resultToken": "t",
        "eventLeftScope": False,
        **parts,
    }


def history(rules: list[Rule]) -> dict[str, Any]:
    """An item as GetResourceConfigHistory answers: its configuration is text."""
    told = item(rules)
    return {**told, "configuration": json.dumps(told["configuration"])}


LINES: dict[str, tuple[Any, str]] = {
    "a Describe element": (describe(OPEN), "NON_COMPLIANT"),
    "a closed Describe element": (describe(CLOSED), "COMPLIANT"),
    "a configuration item": (item(OPEN), "NON_COMPLIANT"),
    "an item of the history": (history(OPEN), "NON_COMPLIANT"),
    "an invocation": (invocation(item(OPEN)), "NON_COMPLIANT"),
    "an invocation that a tool has unfolded": (
        {
            **invocation(None),
            "invokingEvent": {
                "configurationItem": item(CLOSED),
                "messageType": "ConfigurationItemChangeNotification",
            },
            "ruleParameters": {},
        },
        "COMPLIANT",
    ),
    "a notification without its invocation": (
        json.loads(invocation(item(OPEN))["invokingEvent"]),
        "NON_COMPLIANT",
    ),
    "the invocation's own parameters": (
        invocation(item(OPEN), parameters={"AllowedPorts": "22"}),
        "COMPLIANT",
    ),
    "a resource with facts": ({"resource": describe(LISTED), "facts": FACTS}, "NON_COMPLIANT"),
    "an item with facts": ({"resource": item(LISTED), "facts": FACTS}, "NON_COMPLIANT"),
    "an invocation with facts": (
        {"resource": invocation(item(LISTED)), "facts": FACTS},
        "NON_COMPLIANT",
    ),
    "a resource with facts that are null": (
        {"resource": describe(CLOSED), "facts": None},
        "COMPLIANT",
    ),
    "a deleted group": (
        {**item([]), "configuration": None, "configurationItemStatus": "ResourceDeleted"},
        "NOT_APPLICABLE",
    ),
    "a group that left the rule's scope": (
        invocation(item(OPEN), eventLeftScope=True),
        "NOT_APPLICABLE",
    ),
    "a prefix list": ({**item([]), "resourceType": "AWS::EC2::PrefixList"}, "NOT_APPLICABLE"),
}


def answer(line: Any, **parameters: str) -> dict[str, Any]:
    text = line if isinstance(line, str) else json.dumps(line)
    found = list(evaluate_lines(RULE, parameters, [text]))
    assert len(found) == 1
    json.dumps(found)
    return found[0]


@pytest.mark.parametrize(("line", "verdict"), LINES.values(), ids=LINES.keys())
def test_every_kind_of_line_is_judged(line: Any, verdict: str) -> None:
    found = answer(line)
    assert found["compliance"] == verdict, found
    assert list(found) == ["id", "compliance", "violations", "annotation", "plan"]
    assert found["id"] == GROUP
    assert bool(found["violations"]) == (verdict == "NON_COMPLIANT") == bool(found["annotation"])
    assert found["plan"]["decision"] == ("MEND" if verdict == "NON_COMPLIANT" else "NONE")
    assert bool(found["plan"]["calls"]) == (verdict == "NON_COMPLIANT")
    assert list(found["plan"]) == ["decision", "reason", "calls", "before", "after", "lost"]


ERRORS: dict[str, tuple[Any, str]] = {
    "no JSON": ("{", "column 2: Expecting property name"),
    "no object": ("[]", "the line is [] - a JSON object is expected"),
    "too deep": ("[" * 100_000, "beyond JSON"),
    "too many digits": ('{"a": ' + "9" * 5000 + "}", "beyond JSON"),
    "no UTF-8": ('{"a": "\udcff"}', "column 8: no UTF-8"),
    "nothing of a group": ({}, "a security group without GroupId"),
    "another kind of Describe element": ({"VpcId": "vpc-1"}, "a security group without GroupId"),
    "a whole answer instead of its elements": ({"SecurityGroups": []}, "without GroupId"),
    "a broken port": (
        {**describe([]), "IpPermissions": [{"IpProtocol": "tcp", "FromPort": "x", "IpRanges": []}]},
        f"{GROUP}: 'x' is no tcp port",
    ),
    "a prefix list without facts": (describe(LISTED), "prefix_lists: pl-0a1b could not be read"),
    "facts that are no object": ({"resource": describe(CLOSED), "facts": [1]}, "facts is [1]"),
    "a resource that is none": ({"resource": 7}, "resource is 7"),
    "an oversized notification": (
        invocation(None, notice={"messageType": "OversizedConfigurationItemChangeNotification"}),
        "holds no resource - give the item of GetResourceConfigHistory",
    ),
    "a scheduled notification": (
        invocation(None, notice={"messageType": "ScheduledNotification"}),
        "holds no resource",
    ),
    "a notification of another kind": (
        invocation(item(OPEN), notice={"messageType": "ComplianceChangeNotification"}),
        "messageType 'ComplianceChangeNotification' - ConfigurationItemChangeNotification is",
    ),
    "a kind of notification that is no text": (
        invocation(item(OPEN), notice={"messageType": [7]}),
        "messageType [7]",
    ),
    "a group id that is a number": ({**describe([]), "GroupId": 7}, "GroupId must be text, not 7"),
    "a group id in an item that is a number": (
        {**item([]), "configuration": {**item([])["configuration"], "groupId": 7}},
        "groupId must be text, not 7",
    ),
    "too many digits in an event": (
        invocation(None) | {"invokingEvent": '{"a": ' + "9" * 5000 + "}"},
        "invokingEvent is not JSON: Exceeds the limit",
    ),
    "too many digits in the parameters of an event": (
        invocation(item(OPEN)) | {"ruleParameters": '{"a": ' + "9" * 5000 + "}"},
        "ruleParameters is not JSON: Exceeds the limit",
    ),
    "an event that is no object": (
        invocation(None) | {"invokingEvent": "[]"},
        "invokingEvent is [] - a JSON object is expected",
    ),
    "sources of a kind that nobody knows": (
        {
            **describe([]),
            "IpPermissions": [
                {"IpProtocol": "-1", "IpRanges": [], "Ipv7Ranges": [{"CidrIpv7": "*"}]}
            ],
        },
        f"{GROUP}: a permission has sources of an unknown kind: Ipv7Ranges",
    ),
    "a notification without its item": (invocation(None), "configurationItem is None"),
    "an event that is no JSON": (
        invocation(None) | {"invokingEvent": "{"},
        "invokingEvent is not JSON",
    ),
    "parameters of an event that are wrong": (
        invocation(item(OPEN), parameters={"WideIpv4Prefix": "99"}),
        "WideIpv4Prefix='99' is wrong",
    ),
    "a status that Config does not have": (
        {**item(OPEN), "configurationItemStatus": "Fine"},
        "configurationItemStatus 'Fine'",
    ),
}


@pytest.mark.parametrize(("line", "says"), ERRORS.values(), ids=ERRORS.keys())
def test_a_line_that_cannot_be_judged_says_why(line: Any, says: str) -> None:
    found = answer(line)
    assert found.keys() == {"error", "line"}
    assert says in found["error"]
    assert "\n" not in found["error"]
    assert found["line"] == 1


def test_lines_are_answered_in_order_and_blank_ones_are_none() -> None:
    lines = ["\ufeff" + json.dumps(describe(OPEN)), "\n", "{", "  ", json.dumps(describe(CLOSED))]
    found = list(evaluate_lines(RULE, {}, lines))
    assert [one.get("compliance") for one in found] == ["NON_COMPLIANT", None, "COMPLIANT"]
    assert found[1]["line"] == 3


@pytest.mark.parametrize("part", ["invokingEvent", "ruleParameters"])
def test_a_number_of_too_many_digits_stops_no_other_line(part: str) -> None:
    hostile = invocation(item(OPEN)) | {part: '{"a": ' + "9" * 5000 + "}"}
    lines = [json.dumps(line) for line in (describe(OPEN), hostile, describe(CLOSED))]
    found = list(evaluate_lines(RULE, {}, lines))
    assert [one.get("compliance") for one in found] == ["NON_COMPLIANT", None, "COMPLIANT"]
    assert exit_code(found) == 1


def test_a_file_is_read_no_faster_than_its_answers_are() -> None:
    def lines() -> Any:
        yield json.dumps(describe(OPEN))
        raise AssertionError("read ahead")

    assert next(evaluate_lines(RULE, {}, lines()))["compliance"] == "NON_COMPLIANT"


def test_given_parameters_hold_over_an_event_s_own() -> None:
    line = invocation(item(OPEN), parameters={"GuardedPorts": "443", "PrivateSources": "drop"})
    found = answer(line, GuardedPorts="22")
    assert found["compliance"] == "NON_COMPLIANT"
    assert [call["op"] for call in found["plan"]["calls"]] == ["RevokeSecurityGroupIngress"]


def test_wrong_parameters_stop_before_any_line() -> None:
    with pytest.raises(UsageError, match="--parameters: GuardedPorts='ssh' is wrong at 'ssh'"):
        evaluate_lines(RULE, {"GuardedPorts": "ssh"}, [])


def test_calls_are_told_without_the_group_that_the_line_names() -> None:
    (call,) = answer(describe(OPEN), PrivateSources="drop")["plan"]["calls"]
    assert call == {
        "op": "RevokeSecurityGroupIngress",
        "IpPermissions": [
            {
                "IpProtocol": "tcp",
                "FromPort": 22,
                "ToPort": 22,
                "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                "Ipv6Ranges": [],
                "PrefixListIds": [],
                "UserIdGroupPairs": [],
            }
        ],
    }


CODES = {
    "nothing": ([], 0),
    "all compliant": ([{"compliance": "COMPLIANT"}, {"compliance": "NOT_APPLICABLE"}], 0),
    "drift": ([{"compliance": "COMPLIANT"}, {"compliance": "NON_COMPLIANT"}], 2),
    "an error wins": ([{"error": ""}, {"compliance": "NON_COMPLIANT"}], 1),
    "an error wins late": ([{"compliance": "NON_COMPLIANT"}, {"error": ""}], 1),
}


@pytest.mark.parametrize(("results", "code"), CODES.values(), ids=CODES.keys())
def test_the_exit_code_is_the_worst(results: list[dict[str, Any]], code: int) -> None:
    assert exit_code(results) == code


@pytest.mark.parametrize(
    "name",
    [
        "SECURITY_GROUP_NO_PUBLIC_INGRESS",
        "security-group-no-public-ingress",
        "netmend-security-group-no-public-ingress",
        "netmend-security-group-no-public-ingress-conformance-pack-ixoulwck8",
    ],
)
def test_a_rule_is_found_by_folder_or_by_name(name: str) -> None:
    assert type(find_rule(name)).__name__ == "SECURITY_GROUP_NO_PUBLIC_INGRESS"


def test_an_unknown_rule_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean SECURITY_GROUP_NO_PUBLIC_INGRESS"):
        find_rule("security-group-public-ingress")
    assert "SECURITY_GROUP_NO_PUBLIC_INGRESS" in rule_names()
