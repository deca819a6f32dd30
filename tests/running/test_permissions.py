"""The policy that --permissions writes is enough, and nothing in it can be left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from netmend.running import policy
from tests.running.runs import Command

ROLE = "arn:aws:iam::123456789012:role/netmend-run"
GROUPS = "arn:aws:ec2:us-east-1:123456789012:security-group"

NEEDED: dict[str, tuple[str, tuple[str, ...], set[str]]] = {
    "a script and a call": (
        "close-port.yaml",
        ("-p", "GroupId=@web"),
        {"ec2:DescribeSecurityGroupRules", "ec2:RevokeSecurityGroupIngress"},
    ),
    "a loop over a child, with its role": (
        "each.yaml",
        ("-p", "GroupId=@web", "-p", "Keys=one"),
        {"iam:PassRole", "ssm:PutParameter", "ssm:StartAutomationExecution"},
    ),
    "entries and routes": (
        "make.yaml",
        ("-p", "Acl=@edge", "-p", "Table=@out", "-p", "Gateway=@door"),
        {"ec2:CreateNetworkAclEntry", "ec2:CreateRoute"},
    ),
    "a question on a topic, and a proof": (
        "notify.yaml",
        ("-p", "Topic=@Automation-ask", "-p", "VpcId=@main", "--approve"),
        {"ec2:DescribeVpcAttribute", "ec2:ModifyVpcAttribute", "sns:Publish"},
    ),
}


def actions(found: dict[str, Any]) -> set[str]:
    return {action for one in found["Statement"] for action in one["Action"]}


def without(found: dict[str, Any], left_out: str) -> dict[str, Any]:
    kept = [
        {**one, "Action": [action for action in one["Action"] if action != left_out]}
        for one in found["Statement"]
    ]
    return {**found, "Statement": [one for one in kept if one["Action"]]}


@pytest.mark.parametrize(("book", "options", "wanted"), NEEDED.values(), ids=NEEDED)
def test_it_is_enough_and_no_more(
    run: Command, tmp_path: Path, book: str, options: tuple[str, ...], wanted: set[str]
) -> None:
    ran = run.seeded(book, *options, "--permissions")
    assert ran.code == 0
    assert actions(ran.data) == wanted

    def ends(allowed: dict[str, Any]) -> int:
        file = tmp_path / "policy.json"
        file.write_text(json.dumps(allowed), encoding="utf-8")
        return run.seeded(book, *options, "--policy", str(file)).code

    assert ends(ran.data) == 0
    for action in wanted:
        assert ends(without(ran.data, action)) == 1, f"{action} is not needed"


def test_what_can_be_narrowed_is(run: Command) -> None:
    ran = run.seeded("close-port.yaml", "-p", "GroupId=@web", "--permissions")
    by_action = {a: one["Resource"] for one in ran.data["Statement"] for a in one["Action"]}
    assert by_action["ec2:DescribeSecurityGroupRules"] == ["*"]
    (group,) = by_action["ec2:RevokeSecurityGroupIngress"]
    assert group.startswith(f"{GROUPS}/sg-")
    assert "ec2:DescribeSecurityGroupRules: not on one resource alone" in ran.progress


def test_a_run_that_calls_nothing_needs_nothing(run: Command) -> None:
    ran = run("pause.yaml", "--approve", "--permissions")
    assert ran.data == {"Version": "2012-10-17", "Statement": []}


def test_a_policy_needs_a_role(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text('{"Version": "2012-10-17", "Statement": []}', encoding="utf-8")
    ran = run("pause.yaml", "--policy", str(file))
    assert (ran.code, ran.told) == (64, "")
    assert "assumes no role" in ran.progress


def called(*needs: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {"own": True, "role": ROLE, "needs": list(needs), "unjudged": "", **more}


def test_ids_that_the_run_made_up_become_wildcards() -> None:
    known, made = "sg-0123456789abcdef0", "sg-0fedcba9876543210"
    calls = [called(("ec2:CreateTags", f"{GROUPS}/{one}")) for one in (known, made)]
    (found,) = policy.policies(calls, {known})
    assert found["policy"]["Statement"][0]["Resource"] == [f"{GROUPS}/sg-*", f"{GROUPS}/{known}"]
    assert "its id is another each time" in found["broad"]["ec2:CreateTags"]


def test_actions_on_the_same_resources_share_a_statement() -> None:
    calls = [called(("b:Two", "arn:x")), called(("a:One", "arn:x")), called(("c:Three", "*"))]
    (found,) = policy.policies(calls, ())
    assert [(one["Action"], one["Resource"]) for one in found["policy"]["Statement"]] == [
        (["a:One", "b:Two"], ["arn:x"]),
        (["c:Three"], ["*"]),
    ]


def test_each_role_has_a_policy_of_its_own_and_others_calls_are_none_of_them() -> None:
    calls = [
        called(("a:One", "*")),
        called(("b:Two", "*"), role="arn:other"),
        called(("c:Three", "*"), own=False),
    ]
    found = {one["role"]: actions(one["policy"]) for one in policy.policies(calls, ())}
    assert found == {ROLE: {"a:One"}, "arn:other": {"b:Two"}}


def test_what_iam_does_not_know_says_so() -> None:
    call = called(("x:Make", "*"), unjudged=policy.UNKNOWN)
    (found,) = policy.policies([call], ())
    assert found["broad"] == {"x:Make": policy.UNKNOWN}
