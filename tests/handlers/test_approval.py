"""A person's answer counts once, for one plan, and only while the mode lets it count."""

from __future__ import annotations

import json

import pytest

from tests.handlers import books
from tests.handlers.faults import PLANNER, Fault, Watch, denied, hooked, start
from tests.loop.world import World, permission

ALL = permission("-1", None, "0.0.0.0/0")
OPEN = ("-1", -1, -1, "0.0.0.0/0")
QUESTION = ("question", "WAITING")

pytestmark = pytest.mark.usefixtures("no_pauses")


def asked(world: World) -> tuple[str, str]:
    """(group, execution) of a question that waits."""
    group = world.group(ALL)
    world.settle()
    (run,) = world.runs(group)
    assert run["AutomationExecutionStatus"] == "Waiting"
    return group, run["AutomationExecutionId"]


def decision(world: World, execution: str, step: str = "Plan") -> tuple[str, str]:
    """(decision, reason) of a step of the planner."""
    steps = {s["StepName"]: s for s in world.run(execution)["StepExecutions"]}
    outputs = steps[step]["Outputs"]
    return outputs["Decision"][0], outputs["Reason"][0]


def settled(world: World, group: str, *, open_: bool, outcomes: list[tuple[str, str]]) -> None:
    assert (OPEN in world.rules(group)) is open_
    assert world.outcomes(group) == outcomes
    assert not books.lease(world, group)


def test_nobody_may_approve(world: World) -> None:
    group, execution = asked(world)
    world.answer(execution, "Reject")
    world.settle()
    again = start(world, group, Approvers=[])
    world.settle()
    found, reason = decision(world, again)
    assert found == "HELD"
    assert "nobody may approve" in reason
    settled(
        world, group, open_=True, outcomes=[QUESTION, ("outcome", "REJECTED"), ("refusal", "HELD")]
    )


def test_nobody_makes_himself_an_approver_by_starting_the_runbook(world: World) -> None:
    group, execution = asked(world)
    world.answer(execution, "Reject")
    world.settle()
    again = start(world, group, Approvers=["demo-approver", "intruder"])
    world.settle()
    found, reason = decision(world, again)
    assert found == "HELD"
    assert reason.startswith("intruder may not approve")
    settled(
        world, group, open_=True, outcomes=[QUESTION, ("outcome", "REJECTED"), ("refusal", "HELD")]
    )


def test_approval_by_somebody_who_is_no_approver_any_more_counts_for_nothing(world: World) -> None:
    group, execution = asked(world)
    functions = world.client("lambda")
    known = functions.get_function_configuration(FunctionName="netmend-planner")["Environment"]
    without = {"Variables": {**known["Variables"], "NETMEND_APPROVERS": "somebody-else"}}
    functions.update_function_configuration(FunctionName="netmend-planner", Environment=without)
    world.answer(execution, "Approve")
    world.settle()
    functions.update_function_configuration(FunctionName="netmend-planner", Environment=known)
    found, reason = decision(world, execution, "PlanApproved")
    assert (found, reason[:29]) == ("HELD", "demo-approver may not approve")
    settled(world, group, open_=True, outcomes=[QUESTION, ("outcome", "HELD")])


MODES = [
    pytest.param("off", "the mode is off", id="off"),
    pytest.param("observe", "the mode is observe", id="observe"),
    pytest.param("always", "'always' is none of", id="no mode"),
]


@pytest.mark.parametrize(("mode", "reason"), MODES)
def test_approval_counts_for_nothing_in_a_lower_mode(world: World, mode: str, reason: str) -> None:
    group, execution = asked(world)
    world.mode(mode)
    writes = Watch()
    with hooked(world, writes):
        world.answer(execution, "Approve")
        world.settle()
    world.mode("enforce")
    assert writes.calls == []
    found, why = decision(world, execution, "PlanApproved")
    assert found == "HELD"
    assert reason in why
    settled(world, group, open_=True, outcomes=[QUESTION, ("outcome", "HELD")])


def test_approval_counts_for_nothing_where_the_mode_falls_at_the_last_moment(world: World) -> None:
    group, execution = asked(world)
    flip = Fault("ssm:GetParameters", lambda: world.mode("observe"), first=2, role=PLANNER)
    with hooked(world, flip):
        world.answer(execution, "Approve")
        world.settle()
    world.mode("enforce")
    settled(world, group, open_=True, outcomes=[QUESTION, ("intent", "MEND"), ("outcome", "HELD")])


def test_approval_counts_in_mode_approve(world: World) -> None:
    group, execution = asked(world)
    world.mode("approve")
    world.answer(execution, "Approve")
    world.settle()
    world.mode("enforce")
    assert world.outcomes(group)[-1] == ("outcome", "MENDED")


def test_approval_after_somebody_has_mended_it_changes_nothing(world: World) -> None:
    group, execution = asked(world)
    world.client("ec2").revoke_security_group_ingress(GroupId=group, IpPermissions=[ALL])
    world.answer(execution, "Approve")
    world.settle()
    assert decision(world, execution, "PlanApproved")[0] == "NONE"
    settled(world, group, open_=False, outcomes=[QUESTION, ("outcome", "NONE")])


def test_nobody_goes_on_before_the_answer(world: World) -> None:
    """Who may invoke the planner may still not say that something was approved."""
    group, execution = asked(world)
    writes = Watch()
    with hooked(world, writes):
        answer = world.client("lambda").invoke(
            FunctionName="netmend-planner",
            Payload=json.dumps({"phase": "approved", "execution": execution}).encode(),
        )
    assert json.loads(answer["Payload"].read())["errorType"] == "NotLeasedError"
    assert writes.calls == []
    world.answer(execution, "Reject")
    world.settle()
    settled(world, group, open_=True, outcomes=[QUESTION, ("outcome", "REJECTED")])


CHANGES = [
    pytest.param(permission("tcp", (22, 22), "198.51.100.0/24"), id="a rule more"),
    pytest.param(permission("tcp", (443, 443), "0.0.0.0/0"), id="a harmless rule more"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_approval_of_another_plan_is_stale(world: World, change: dict[str, object]) -> None:
    group, execution = asked(world)
    world.open(group, change)
    world.settle()
    world.answer(execution, "Approve")
    world.settle()
    settled(world, group, open_=True, outcomes=[QUESTION, ("outcome", "STALE")])
    question, stale = world.evidence(group)
    assert stale["intent"] == question["number"]
    (given,) = stale["approval"]["decisions"]
    assert given["Decision"] == "Approved", "it says who approved what was not done"


def test_rejection_names_who_gave_it(world: World) -> None:
    group, execution = asked(world)
    world.answer(execution, "Reject")
    world.settle()
    (answer,) = world.evidence(group)[-1]["approval"]["decisions"]
    assert answer["Approver"].endswith("user/demo-approver")
    assert answer["Decision"] == "Rejected"


def test_question_that_cannot_be_asked_fails_and_lets_go(world: World) -> None:
    group = world.group(settle=True)
    fault = Fault("sns:Publish", denied, role="role/netmend-RevokePublicIngress")
    with hooked(world, fault):
        world.open(group, ALL)
        world.settle()
    assert fault.fired
    settled(world, group, open_=True, outcomes=[QUESTION, ("outcome", "FAILED")])


def test_second_run_is_busy_until_the_first_has_ended(world: World) -> None:
    group, first = asked(world)
    second = start(world, group)
    world.settle()
    found, reason = decision(world, second)
    assert (found, first in reason) == ("HELD", True)
    assert world.outcomes(group) == [QUESTION], "who is busy is no decision worth recording"

    world.answer(first, "Reject")
    world.settle()
    third = start(world, group)
    world.settle()
    assert world.run(third)["AutomationExecutionStatus"] == "Waiting"
    world.answer(third, "Approve")
    world.settle()
    assert OPEN not in world.rules(group)


@pytest.mark.parametrize("kind", ["Cancel", "Complete"])
def test_stopped_question_is_closed_by_the_next_run(world: World, kind: str) -> None:
    group, first = asked(world)
    world.client("ssm").stop_automation_execution(AutomationExecutionId=first, Type=kind)
    world.settle()
    second = start(world, group)
    world.settle()
    assert world.outcomes(group) == [QUESTION, ("outcome", "INTERRUPTED"), QUESTION]
    closed = world.evidence(group)[1]
    assert (closed["execution"], closed["closed_by"]) == (first, second)
    world.answer(second, "Reject")
    world.settle()


def questions(world: World, asked_at: str, count: int = 20) -> list[str]:
    """Questions of runs that nobody closed, as the ledger keeps them."""
    group, execution = asked(world)
    item = books.lease(world, group)
    world.answer(execution, "Reject")
    world.settle()
    keys = [f"lease#sg-{number:017x}" for number in range(count)]
    for key in keys:
        world.client("dynamodb").put_item(
            TableName="netmend-ledger",
            Item={**item, "pk": {"S": key}, "since": {"S": asked_at or item["since"]["S"]}},
        )
    return keys


def forget(world: World, keys: list[str]) -> None:
    for key in keys:
        world.client("dynamodb").delete_item(TableName="netmend-ledger", Key={"pk": {"S": key}})


def test_twenty_first_question_is_held(world: World) -> None:
    keys = questions(world, "")
    group = world.group(ALL)
    world.settle()
    (run,) = world.runs(group)
    assert decision(world, run["AutomationExecutionId"])[0] == "HELD"
    assert "20 questions wait" in world.evidence(group)[0]["reason"]
    settled(world, group, open_=True, outcomes=[("refusal", "HELD")])
    forget(world, keys[:1])
    again = start(world, group)
    world.settle()
    forget(world, keys)
    assert world.run(again)["AutomationExecutionStatus"] == "Waiting"
    world.answer(again, "Reject")
    world.settle()


def test_questions_that_are_older_than_a_day_bar_nobody(world: World) -> None:
    keys = questions(world, "2026-01-01T00:00:00.000001+00:00")
    _, execution = asked(world)
    forget(world, keys)
    world.answer(execution, "Reject")
    world.settle()


def test_books_are_closed_at_the_end(world: World) -> None:
    books.check(world)
