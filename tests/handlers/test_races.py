"""Runs that meet, die, or find the world changed under them leave one true story behind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.ssm.runs import Runs
from tests.handlers import books
from tests.handlers.faults import (
    PLANNER,
    Error,
    Fault,
    Watch,
    coded,
    cut,
    denied,
    hooked,
    start,
)
from tests.loop.world import ACCOUNT, REGION, World, permission, statuses

SSH = permission("tcp", (22, 22), "0.0.0.0/0")
WEB = permission("tcp", (443, 443), "0.0.0.0/0")
WEB_RULE = ("tcp", 443, 443, "0.0.0.0/0")
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
MENDED_RULES = {WEB_RULE, *(("tcp", 22, 22, source) for source in PRIVATE)}
INTENT, MENDED = ("intent", "MEND"), ("outcome", "MENDED")
FAILED, INTERRUPTED = ("outcome", "FAILED"), ("outcome", "INTERRUPTED")
AUTHORIZE = "ec2:AuthorizeSecurityGroupIngress"
REVOKE = "ec2:RevokeSecurityGroupIngress"
TRANSACT = "dynamodb:TransactWriteItems"

pytestmark = pytest.mark.usefixtures("no_pauses")


def opened(world: World, *faults: Fault) -> str:
    """A group with a web service that is opened while the faults are there."""
    group = world.group(WEB, settle=True)
    with hooked(world, *faults):
        world.open(group, SSH)
        world.settle()
    assert all(fault.fired for fault in faults)
    return group


def again(world: World, group: str) -> str:
    execution = start(world, group)
    world.settle()
    return execution


def mended(world: World, group: str, outcomes: list[tuple[str, str]]) -> None:
    assert world.rules(group) == MENDED_RULES
    assert world.compliance(group) == "COMPLIANT"
    assert world.outcomes(group) == outcomes
    assert not books.lease(world, group)


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
    pytest.param("config:DescribeConfigRules", 2, FAILED, id="the rule is denied"),
    pytest.param("ec2:DescribeSecurityGroups", 2, FAILED, id="the group is denied"),
    pytest.param("ec2:DescribeSecurityGroupRules", 2, FAILED, id="its rules are denied"),
    pytest.param("ssm:DescribeDocument", 2, FAILED, id="the hash is denied"),
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


STOPS = [
    pytest.param(TRANSACT, "before", FAILED, id="before the intent is noted"),
    pytest.param(AUTHORIZE, "before", FAILED, id="before adding"),
    pytest.param(AUTHORIZE, "after", FAILED, id="after adding"),
    pytest.param(REVOKE, "after", FAILED, id="after revoking"),
]


@pytest.mark.parametrize(("name", "when", "outcome"), STOPS)
@pytest.mark.parametrize("kind", ["Cancel", "Complete"])
def test_stopped_run_is_closed_and_the_next_one_mends(
    world: World, name: str, when: str, outcome: tuple[str, str], kind: str
) -> None:
    group = world.group(WEB, settle=True)

    def stop() -> None:
        running = world.runs(group)[-1]["AutomationExecutionId"]
        world.client("ssm").stop_automation_execution(AutomationExecutionId=running, Type=kind)

    fault = Fault(name, stop, when=when, times=1)
    with hooked(world, fault):
        world.open(group, SSH)
        world.settle()
    assert fault.fired
    (stopped,) = world.runs(group)
    assert stopped["AutomationExecutionStatus"] != "InProgress"
    again(world, group)
    told = world.outcomes(group)
    assert told[0] == INTENT
    assert told[1] in (FAILED, INTERRUPTED, MENDED)
    assert world.rules(group) == MENDED_RULES
    assert world.compliance(group) == "COMPLIANT"
    assert not books.lease(world, group)


def test_run_that_systems_manager_has_forgotten_is_closed(world: World) -> None:
    group = opened(world, Fault(AUTHORIZE, cut, times=1))
    (dead,) = world.runs(group)
    runs = world.sandbox.state(Runs, ACCOUNT, REGION)
    forgotten = runs.by_id.pop(dead["AutomationExecutionId"])
    second = again(world, group)
    runs.by_id[dead["AutomationExecutionId"]] = forgotten
    mended(world, group, [INTENT, INTERRUPTED, INTENT, MENDED])
    closed = world.evidence(group)[1]
    assert (closed["execution"], closed["closed_by"]) == (dead["AutomationExecutionId"], second)
    assert not {"started", "started_by", "role", "document"} & set(closed)


def test_record_of_a_dead_run_tells_of_the_dead_run(world: World) -> None:
    group = opened(world, Fault(REVOKE, cut, times=1))
    second = again(world, group)
    mended(world, group, [INTENT, INTERRUPTED, INTENT, MENDED])
    dead, closed = world.runs(group)[0], world.evidence(group)[1]
    assert closed["execution"] == dead["AutomationExecutionId"]
    assert closed["started_by"] == dead["ExecutedBy"]
    assert closed["closed_by"] == second
    assert [c["step"] for c in closed["calls"]] == ["AuthorizeRemainder", "RevokeOffenders"]
    assert closed["calls"][0]["request_id"]


def test_run_that_dies_after_its_change_is_mended(world: World) -> None:
    group = opened(world, Fault("s3:PutObject", cut, first=2, times=1, role=PLANNER))
    again(world, group)
    mended(world, group, [INTENT, MENDED])
    assert world.evidence(group)[-1]["as_planned"] is True


STEPPED_OVER = [
    pytest.param(1, [INTENT, INTERRUPTED, INTENT, MENDED], id="an intent"),
    pytest.param(2, [INTENT, MENDED], id="an outcome"),
]


@pytest.mark.parametrize(("number", "outcomes"), STEPPED_OVER)
def test_record_that_only_the_bucket_knows_is_found_below_the_head(
    world: World, number: int, outcomes: list[tuple[str, str]]
) -> None:
    dies = Fault("s3:PutObject", cut, when="after", first=number, times=1, role=PLANNER)
    group = opened(world, dies)
    other = opened(world)  # its records come after that of the dead run, and move the head
    mended(world, other, [INTENT, MENDED])
    again(world, group)
    mended(world, group, outcomes)


TAKERS = [
    pytest.param(TRANSACT, 1, "before", id="before it notes that the dead is closed"),
    pytest.param(TRANSACT, 1, "after", id="when the dead is closed"),
    pytest.param("s3:PutObject", 1, "after", id="when the dead's outcome is only in the bucket"),
    pytest.param("dynamodb:UpdateItem", 2, "after", id="when it has the lease"),
    pytest.param(TRANSACT, 2, "before", id="before its own intent is noted"),
]


@pytest.mark.parametrize(("name", "first", "when"), TAKERS)
def test_taker_that_dies_itself_closes_no_run_twice(
    world: World, name: str, first: int, when: str
) -> None:
    group = opened(world, Fault(TRANSACT, cut, when="after", times=1, role=PLANNER))
    dies = Fault(name, cut, when=when, first=first, times=1, role=PLANNER)
    with hooked(world, dies):
        again(world, group)
    assert dies.fired
    again(world, group)
    assert world.rules(group) == MENDED_RULES
    told = [(r["execution"], r["kind"]) for r in world.evidence(group)]
    assert len(told) == len(set(told)), "two records of one kind by one run"
    assert not books.lease(world, group)


def invoke(world: World, phase: str, execution: str) -> dict[str, Any]:
    answer = world.client("lambda").invoke(
        FunctionName="netmend-planner",
        Payload=json.dumps({"phase": phase, "execution": execution}).encode(),
    )
    found: dict[str, Any] = json.loads(answer["Payload"].read())
    return found


REPEATED = [
    pytest.param("plan", "NONE", "", id="plan"),
    pytest.param("approved", "", "NotLeasedError", id="approved"),
    pytest.param("close", "MENDED", "", id="close"),
    pytest.param("abort", "", "RunAbortedError", id="abort"),
    pytest.param("undo", "", "UnknownPhaseError", id="no phase of ours"),
]


@pytest.mark.parametrize(("phase", "decision", "error"), REPEATED)
def test_phase_that_comes_again_after_the_end_adds_nothing(
    world: World, phase: str, decision: str, error: str
) -> None:
    group = opened(world)
    (run,) = world.runs(group)
    answer = invoke(world, phase, run["AutomationExecutionId"])
    assert (answer.get("Decision", ""), answer.get("errorType", "")) == (decision, error)
    mended(world, group, [INTENT, MENDED])


def test_plan_that_comes_twice_writes_one_intent(world: World) -> None:
    group = world.group(WEB, settle=True)
    answers: list[dict[str, Any]] = []

    def repeat() -> None:
        run = world.runs(group)[-1]["AutomationExecutionId"]
        answers.append(invoke(world, "plan", run))

    with hooked(world, Fault(AUTHORIZE, repeat, times=1)):
        world.open(group, SSH)
        world.settle()
    assert answers[0]["Decision"] == "MEND_ADD"
    mended(world, group, [INTENT, MENDED])


@pytest.mark.parametrize(
    "execution",
    [
        pytest.param("00000000-0000-4000-8000-000000000000", id="unknown"),
        pytest.param("../../etc/passwd", id="no id"),
        pytest.param("", id="empty"),
        pytest.param("00000000-0000-4000-8000-000000000000\n", id="with a newline"),
    ],
)
def test_planner_does_nothing_for_an_execution_that_is_none(world: World, execution: str) -> None:
    writes = Watch()
    with hooked(world, writes):
        assert "errorType" in invoke(world, "plan", execution)
    assert writes.calls == []


FOREIGN = [
    pytest.param({"ConfigRuleName": ["netmend-security-group-no-public-ingress"]}, id="no pack"),
    pytest.param(
        {"AutomationAssumeRole": [f"arn:aws:iam::{ACCOUNT}:role/netmend-planner"]}, id="a role"
    ),
    pytest.param({"ResourceId": ["sg-{{ global:REGION }}"]}, id="a reference"),
    pytest.param({"ResourceId": ["sg-0123456789abcdef0", "sg-0123456789abcdef1"]}, id="two"),
    pytest.param({"Approvers": ["*"]}, id="everybody approves"),
]


@pytest.mark.parametrize("changed", FOREIGN)
def test_runbook_starts_only_with_parameters_of_its_control(
    world: World, changed: dict[str, list[str]]
) -> None:
    with pytest.raises(ClientError):
        start(world, "sg-0123456789abcdef0", **changed)


def test_id_with_a_newline_that_a_pattern_lets_pass_is_nobodys(world: World) -> None:
    group = world.group(WEB, SSH)
    execution = start(world, group, ResourceId=[f"{group}\n"])
    world.settle()
    assert world.run(execution)["AutomationExecutionStatus"] == "Failed"
    assert not books.lease(world, f"{group}\n")


def test_books_are_closed_at_the_end(world: World) -> None:
    books.check(world)
