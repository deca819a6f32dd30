"""A phase that comes twice, too early or for nobody adds nothing and changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.handlers import books
from tests.handlers.faults import Fault, Watch, hooked, start
from tests.handlers.stories import (
    AUTHORIZE,
    INTENT,
    MENDED,
    SSH,
    WEB,
    mended,
    opened,
)
from tests.loop.world import ACCOUNT, World

pytestmark = pytest.mark.usefixtures("no_pauses")


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
