"""A run that dies or is stopped is closed, truly and once, by the next run for its resource."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from netmend.sandbox.ssm.runs import Runs
from rules.handlers import case as cases
from rules.handlers import chain, ledger, live, rulebook, run, takeover
from tests.handlers import books
from tests.handlers.faults import PLANNER, Fault, cut, denied, hooked
from tests.handlers.stories import (
    AUTHORIZE,
    FAILED,
    INTENT,
    INTERRUPTED,
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
from tests.loop.world import ACCOUNT, REGION, World

pytestmark = pytest.mark.usefixtures("no_pauses")


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
    pytest.param("dynamodb:PutItem", 2, "after", id="when it has the lease"),
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


INTERLEAVED = [
    pytest.param("ssm:GetAutomationExecution", 2, id="as it is found dead"),
    pytest.param("ec2:DescribeSecurityGroups", 2, id="as its outcome is made"),
    pytest.param("ssm:DescribeDocument", 1, id="as its outcome is written"),
    pytest.param("s3:PutObject", 1, id="as its outcome is stored"),
    pytest.param("sns:Publish", 1, id="as its outcome is told"),
]


@pytest.mark.parametrize(("name", "first"), INTERLEAVED)
def test_dead_run_that_two_others_find_is_closed_once(world: World, name: str, first: int) -> None:
    group = opened(world, Fault(AUTHORIZE, cut, times=1))
    (dead,) = world.runs(group)
    quicker = Fault(name, lambda: again(world, group), first=first, times=1, role=PLANNER)
    with hooked(world, quicker):
        second = again(world, group)
    assert quicker.fired
    planned = world.run(second)["StepExecutions"][0]
    assert planned["StepStatus"] == "Success", planned
    assert world.rules(group) == MENDED_RULES
    closed = [r for r in world.evidence(group) if r["execution"] == dead["AutomationExecutionId"]]
    assert [(r["kind"], r["outcome"]) for r in closed] == [INTENT, INTERRUPTED]
    assert not books.lease(world, group)


def test_outcome_that_another_mend_has_stepped_over_is_not_written_again(world: World) -> None:
    """Close has stored it and failed; while Abort is at work another mend moves the head."""
    lost = Fault(TRANSACT, denied, first=2, times=1, role=PLANNER)
    other = Fault("ssm:DescribeDocument", lambda: opened(world), first=2, times=1, role=PLANNER)
    group = opened(world, lost, other)
    mended(world, group, [INTENT, MENDED])


def test_record_of_a_forgotten_run_names_the_rule_that_it_was_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another rule that judges the same group may be the one that closes it."""
    mine = run.Run(
        execution="mine",
        status="InProgress",
        document="Netmend-RevokePublicIngress",
        version="1",
        started=datetime(2026, 1, 1, tzinfo=UTC),
        executed_by="",
        role="",
        rule_name="my-rule",
        control="MY_RULE",
        resource="sg-1",
        approvers=(),
        steps=(),
    )
    rule = rulebook.load("SECURITY_GROUP_NO_PUBLIC_INGRESS")
    begun = {"control": "ITS_RULE", "rule": "its-rule", "plan": {"before": []}}
    monkeypatch.setattr(run, "find", lambda _: None)
    monkeypatch.setattr(cases, "document", lambda _: {})
    monkeypatch.setattr(chain, "fetch", lambda *_: begun)
    monkeypatch.setitem(live.ONE, "AWS::EC2::SecurityGroup", lambda *_, **__: None)
    dead = ledger.Lease("sg-1", "dead", "ITS_RULE", "LEASED", "digest", "after", 1)
    closed = takeover.closing(cases.Case(mine, rule, ACCOUNT, REGION), dead)
    told = [closed[name] for name in ("execution", "control", "rule", "closed_by")]
    assert told == ["dead", "ITS_RULE", "its-rule", "mine"]


def test_books_are_closed_at_the_end(world: World) -> None:
    books.check(world)
