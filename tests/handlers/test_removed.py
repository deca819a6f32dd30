"""Close believes only a whole and readable word of AWS on what went; and no run is stuck on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rules.netlib import plan
from tests.handlers import books
from tests.handlers.faults import Fault, answered, cut
from tests.handlers.stories import (
    FAILED,
    INTENT,
    INTERRUPTED,
    REVOKE,
    SSH,
    WEB,
    again,
    mended,
    opened,
)
from tests.loop.world import World, permission

pytestmark = pytest.mark.usefixtures("no_pauses")

Answer = dict[str, Any]
TOLD = "RevokedSecurityGroupRules"


def each(change: Callable[[Answer], object]) -> Callable[[Answer], object]:
    return lambda answer: [change(rule) for rule in answer[TOLD]]


UNTOLD = [
    pytest.param(lambda a: a[TOLD].clear(), id="no rule"),
    pytest.param(lambda a: a.pop(TOLD), id="nothing at all"),
    pytest.param(each(lambda rule: rule.pop("SecurityGroupRuleId")), id="a rule without its id"),
    pytest.param(each(lambda rule: rule.update(IpProtocol="no")), id="a protocol of its own"),
    pytest.param(each(lambda rule: rule.pop("CidrIpv4")), id="a rule without a source"),
]


@pytest.mark.parametrize("change", UNTOLD)
def test_mend_of_which_aws_does_not_say_what_went_has_failed(
    world: World, change: Callable[[Answer], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    group = world.group(WEB, settle=True)
    with monkeypatch.context() as patch:
        answered(patch, "ec2", "RevokeSecurityGroupIngress", change)
        world.open(group, SSH)
        world.settle()
    mended(world, group, [INTENT, FAILED])


def test_mend_of_which_aws_tells_in_part_has_failed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = world.group(WEB, settle=True)
    with monkeypatch.context() as patch:
        answered(patch, "ec2", "RevokeSecurityGroupIngress", lambda a: a[TOLD].pop())
        world.open(group, SSH, permission("tcp", (22, 22), "::/0"))
        world.settle()
    assert world.outcomes(group) == [INTENT, FAILED]
    assert "AWS does not say of every rule" in world.evidence(group)[1]["reason"]


def cut_short(answer: Answer) -> None:
    for step in answer["AutomationExecution"]["StepExecutions"]:
        outputs = step.get("Outputs", {})
        for name in {"Removed", "ApproverDecisions"} & set(outputs):
            outputs[name] = [text[:20] for text in outputs[name]]


def test_output_that_was_cut_short_fails_the_run_and_lets_go(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = world.group(WEB, settle=True)
    with monkeypatch.context() as patch:
        answered(patch, "ssm", "GetAutomationExecution", cut_short)
        world.open(group, SSH)
        world.settle()
    mended(world, group, [INTENT, FAILED])
    assert list(world.evidence(group)[1]["removed"][0]) == ["unreadable"]


def test_answer_that_was_cut_short_is_kept_as_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = world.group(permission("-1", None, "0.0.0.0/0"))
    world.settle()
    (asked,) = world.runs(group)
    with monkeypatch.context() as patch:
        answered(patch, "ssm", "GetAutomationExecution", cut_short)
        world.answer(asked["AutomationExecutionId"], "Reject")
        world.settle()
    rejected = world.evidence(group)[-1]
    assert rejected["outcome"] == "REJECTED"
    assert list(rejected["approval"]["decisions"][0]) == ["unreadable"]


def test_dead_run_of_which_aws_did_not_say_what_went_is_not_mended(world: World) -> None:
    """Its rule may have been another one by then: live state looks the same."""
    group = opened(world, Fault(REVOKE, cut, when="after", times=1))
    again(world, group)
    mended(world, group, [INTENT, INTERRUPTED])
    closed = world.evidence(group)[1]
    assert (closed["as_planned"], closed["strays"]) == (True, None)


def test_books_are_closed_at_the_end(world: World) -> None:
    books.check(world)


RULE = {
    "SecurityGroupRuleId": "sgr-1",
    "IpProtocol": "tcp",
    "FromPort": 22,
    "ToPort": 22,
    "CidrIpv4": "0.0.0.0/0",
}
BARE = {"SecurityGroupRuleId": "sgr-1", "IpProtocol": "-1"}
SAME = {
    "as it was": (RULE, RULE),
    "ports of every protocol": ({**BARE, "FromPort": -1, "ToPort": -1}, BARE),
    "ports of a protocol that has none": (
        {**BARE, "IpProtocol": "50", "FromPort": -1, "ToPort": -1},
        {**BARE, "IpProtocol": "50"},
    ),
    "every type of ICMP": (
        {**BARE, "IpProtocol": "icmp", "FromPort": -1, "ToPort": -1},
        {**BARE, "IpProtocol": "1"},
    ),
    "another form of an address": (
        {**BARE, "CidrIpv6": "2001:db8::/32"},
        {**BARE, "CidrIpv6": "2001:DB8:0::/32"},
    ),
    "a prefix list": ({**BARE, "PrefixListId": "pl-1"}, {**BARE, "PrefixListId": "pl-1"}),
    "a group": ({**BARE, "ReferencedGroupId": "sg-1"}, {**BARE, "ReferencedGroupId": "sg-1"}),
}
OTHER = {
    "other ports": ({"FromPort": 23, "ToPort": 23}, "sgr-1 tcp 23-23 from 0.0.0.0/0"),
    "every protocol": ({"IpProtocol": "-1"}, "sgr-1 -1 from 0.0.0.0/0"),
    "two sources": ({"PrefixListId": "pl-1"}, "sgr-1 tcp 22-22 from 0.0.0.0/0 from pl-1"),
    "no source": ({"CidrIpv4": None}, "sgr-1 tcp 22-22"),
    "another id": ({"SecurityGroupRuleId": "sgr-2"}, "sgr-2 tcp 22-22 from 0.0.0.0/0"),
    "no id": ({"SecurityGroupRuleId": None}, "a rule without id tcp 22-22 from 0.0.0.0/0"),
    "no port": ({"FromPort": "x"}, "sgr-1 that cannot be read"),
    "no address": ({"CidrIpv4": "everywhere"}, "sgr-1 that cannot be read"),
}


@pytest.mark.parametrize(("planned", "gone"), SAME.values(), ids=SAME)
def test_rule_that_went_as_planned_is_no_stray(planned: Answer, gone: Answer) -> None:
    assert plan.strays([planned], [gone]) == []


@pytest.mark.parametrize(("change", "line"), OTHER.values(), ids=OTHER)
def test_rule_that_went_as_another_one_is_a_stray(change: Answer, line: str) -> None:
    assert plan.strays([RULE], [{**RULE, **change}]) == [line]
