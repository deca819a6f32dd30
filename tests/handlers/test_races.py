"""What people change while a run is at work is neither lost nor hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.handlers import books
from tests.handlers.faults import PLANNER, Error, Fault, coded, cut, denied, hooked
from tests.handlers.stories import (
    AUTHORIZE,
    FAILED,
    INTENT,
    MENDED,
    MENDED_RULES,
    REVOKE,
    SSH,
    TRANSACT,
    WEB,
    again,
    mended,
    opened,
)
from tests.loop.world import World, permission, statuses

pytestmark = pytest.mark.usefixtures("no_pauses")


BROKEN_CHANGES = [
    pytest.param(AUTHORIZE, denied, ["AuthorizeRemainder"], id="adding is denied"),
    pytest.param(
        AUTHORIZE,
        coded("RulesPerSecurityGroupLimitExceeded"),
        ["AuthorizeRemainder"],
        id="there is no room to add",
    ),
    pytest.param(REVOKE, denied, ["AuthorizeRemainder", "RevokeOffenders"], id="revoking: denied"),
    pytest.param(
        REVOKE,
        coded("InvalidSecurityGroupRuleId.NotFound"),
        ["AuthorizeRemainder", "RevokeOffenders"],
        id="what is to be revoked has gone",
    ),
]


@pytest.mark.parametrize(("name", "error", "steps"), BROKEN_CHANGES)
def test_change_that_fails_is_told_and_mended_by_the_next_run(
    world: World, name: str, error: Error, steps: list[str]
) -> None:
    group = opened(world, Fault(name, error, times=1))
    (failed,) = world.runs(group)
    assert failed["AutomationExecutionStatus"] == "Failed"
    assert ("tcp", 22, 22, "0.0.0.0/0") in world.rules(group)
    told = world.evidence(group)[-1]
    assert [call["step"] for call in told["calls"]] == steps
    assert [call["status"] for call in told["calls"]][-1] == "Failed"
    assert steps[-1] in told["reason"]
    assert told["intent"] == world.evidence(group)[0]["number"]
    assert statuses(failed)[-1] == ("Abort", "Failed"), "Abort raises, so that no run looks fine"
    assert f"evidence record {told['number']}" in failed["StepExecutions"][-1]["FailureMessage"]
    again(world, group)
    mended(world, group, [INTENT, FAILED, INTENT, MENDED])


CLOSE_FAULTS = [
    pytest.param("s3:GetObject", 1, FAILED, id="the intent is denied"),
    pytest.param("ec2:DescribeSecurityGroups", 2, FAILED, id="the group is denied"),
    pytest.param("s3:PutObject", 2, FAILED, id="the evidence is denied"),
    pytest.param("sns:Publish", 1, MENDED, id="the notification is denied"),
    pytest.param(TRANSACT, 2, MENDED, id="the end of the lease is denied"),
]


@pytest.mark.parametrize(("name", "first", "outcome"), CLOSE_FAULTS)
def test_close_that_fails_once_fails_the_run_and_lets_go(
    world: World, name: str, first: int, outcome: tuple[str, str]
) -> None:
    group = opened(world, Fault(name, denied, first=first, times=1, role=PLANNER))
    (failed,) = world.runs(group)
    assert failed["AutomationExecutionStatus"] == "Failed"
    mended(world, group, [INTENT, outcome])
    again(world, group)
    mended(world, group, [INTENT, outcome])


def test_group_that_is_opened_again_during_the_run_is_failed_and_mended_next(world: World) -> None:
    group = world.group(WEB, settle=True)
    reopen = Fault(
        REVOKE,
        lambda: world.open(group, permission("tcp", (22, 22), "::/0")),
        when="after",
        times=1,
    )
    with hooked(world, reopen):
        world.open(group, SSH)
        world.settle()
    assert world.outcomes(group) == [INTENT, FAILED]
    assert "still open" in world.evidence(group)[-1]["reason"] or "open to ::/0" in str(
        world.evidence(group)[-1]["reason"]
    )
    assert not books.lease(world, group)
    again(world, group)
    assert world.rules(group) == {*MENDED_RULES, ("tcp", 22, 22, "fc00::/7")}
    assert world.outcomes(group) == [INTENT, FAILED, INTENT, MENDED]


def test_legitimate_rule_that_is_added_during_the_run_stays(world: World) -> None:
    group = world.group(WEB, settle=True)
    office = permission("tcp", (22, 22), "198.51.100.0/24", Description="the office")
    add = Fault(AUTHORIZE, lambda: world.open(group, office), when="after", times=1)
    with hooked(world, add):
        world.open(group, SSH)
        world.settle()
    assert world.rules(group) == {*MENDED_RULES, ("tcp", 22, 22, "198.51.100.0/24")}
    assert world.outcomes(group) == [INTENT, MENDED]
    assert world.evidence(group)[-1]["as_planned"] is False


def test_offender_that_somebody_revokes_during_the_run_costs_nothing_else(world: World) -> None:
    group = world.group(WEB, settle=True)
    quicker = Fault(
        AUTHORIZE,
        lambda: world.client("ec2").revoke_security_group_ingress(
            GroupId=group, IpPermissions=[SSH]
        ),
        when="after",
        times=1,
    )
    with hooked(world, quicker):
        world.open(group, SSH)
        world.settle()
    mended(world, group, [INTENT, FAILED])


def narrow(world: World, group: str) -> None:
    """Somebody edits the offending rule in place, which keeps its id, and makes it legitimate."""
    ec2 = world.client("ec2")
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    [edited] = [r["SecurityGroupRuleId"] for r in rules["SecurityGroupRules"] if is_ssh(r)]
    office = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv4": "198.51.100.0/24"}
    ec2.modify_security_group_rules(
        GroupId=group,
        SecurityGroupRules=[{"SecurityGroupRuleId": edited, "SecurityGroupRule": office}],
    )


def is_ssh(rule: Mapping[str, Any]) -> bool:
    return (rule["FromPort"], rule.get("CidrIpv4")) == (22, "0.0.0.0/0")


def test_legitimate_rule_that_the_offender_has_become_is_not_lost_in_silence(world: World) -> None:
    group = world.group(WEB, settle=True)
    edit = Fault(AUTHORIZE, lambda: narrow(world, group), when="after", times=1)
    with hooked(world, edit):
        world.open(group, SSH)
        world.settle()
    assert world.outcomes(group) == [INTENT, FAILED]
    outcome = world.evidence(group)[-1]
    assert "tcp 22-22 from 198.51.100.0/24 - add it again" in outcome["reason"]
    assert [rule["CidrIpv4"] for rule in outcome["removed"]] == ["198.51.100.0/24"]
    assert not books.lease(world, group)


def test_run_that_died_after_it_took_a_rule_that_was_not_to_go_is_not_mended(world: World) -> None:
    group = world.group(WEB, settle=True)
    edit = Fault(AUTHORIZE, lambda: narrow(world, group), when="after", times=1)
    close = Fault("s3:GetObject", cut, times=1, role=PLANNER)
    with hooked(world, edit, close):
        world.open(group, SSH)
        world.settle()
    assert world.outcomes(group) == [INTENT]
    again(world, group)
    assert world.outcomes(group)[1][1] == "INTERRUPTED"
    assert "198.51.100.0/24" in str(world.evidence(group)[1]["strays"])


def test_group_that_is_deleted_during_the_run_is_closed(world: World) -> None:
    gone = world.group(WEB, settle=True)
    delete = lambda: world.client("ec2").delete_security_group(GroupId=gone)  # noqa: E731
    with hooked(world, Fault(REVOKE, delete, when="after", times=1)):
        world.open(gone, SSH)
        world.settle()
    assert world.outcomes(gone) == [INTENT, MENDED]
    outcome = world.evidence(gone)[-1]
    assert (outcome["after"], outcome["as_planned"]) == (None, False)
    assert not books.lease(world, gone)


def test_group_that_is_deleted_before_the_change_fails_the_run(world: World) -> None:
    gone = world.group(WEB, settle=True)
    delete = lambda: world.client("ec2").delete_security_group(GroupId=gone)  # noqa: E731
    with hooked(world, Fault("s3:PutObject", delete, when="after", times=1, role=PLANNER)):
        world.open(gone, SSH)
        world.settle()
    assert world.outcomes(gone) == [INTENT, FAILED]
    assert not books.lease(world, gone)
    assert [d for _, d in statuses(world.run(again(world, gone)))] == ["Success"] * 3


def test_books_are_closed_at_the_end(world: World) -> None:
    books.check(world)
