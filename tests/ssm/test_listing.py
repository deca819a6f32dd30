"""Runs and steps are listed page by page, by every filter of the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.ssm.world import ACCOUNT, OTHER, World, nap, quick, refused, waiting

LATER = "LATER"
"""Stands for a time that only the test knows."""


def timed(world: World, filters: dict[str, list[str]], seconds: float) -> dict[str, list[str]]:
    """The filters with a time so many seconds from now."""
    moment = datetime.fromtimestamp(world.sandbox.clock.time() + seconds, UTC).isoformat()
    return {key: [moment if one == LATER else one for one in filters[key]] for key in filters}


@pytest.fixture
def runs(world: World) -> dict[str, str]:
    """Names of runs by what became of them."""
    world.document("Quick", quick())
    world.document("Hold", waiting())
    made = {"good": world.start("Quick", Parameters={"Id": ["a"]})}
    made["bad"] = world.start("Quick", Parameters={"Id": ["bad"]})
    world.sandbox.settle()
    world.sandbox.clock.advance(3600)
    made["held"] = world.start("Hold")
    target = [{"Key": "ParameterValues", "Values": ["a"]}]
    made["parent"] = world.start("Quick", TargetParameterName="Id", Targets=target)
    world.sandbox.settle()
    (child,) = world.listed(ParentExecutionId=[made["parent"]])
    made["child"] = child["AutomationExecutionId"]
    return made


FILTERS = {
    "all without one": ({}, "child parent held bad good"),
    "a document": ({"DocumentNamePrefix": ["Ho"]}, "held"),
    "two documents": ({"DocumentNamePrefix": ["Hold", "Qui"]}, "child parent held bad good"),
    "a status": ({"ExecutionStatus": ["Failed"]}, "bad"),
    "two statuses": ({"ExecutionStatus": ["Failed", "Waiting"]}, "held bad"),
    "what is being done": ({"CurrentAction": ["aws:pause"]}, "held"),
    "began before": ({"StartTimeBefore": [LATER]}, "bad good"),
    "began after": ({"StartTimeAfter": [LATER]}, "child parent held"),
    "runs of this account": ({"AutomationType": ["Local"]}, "child parent held bad good"),
    "runs in other accounts": ({"AutomationType": ["CrossAccount"]}, ""),
    "change requests": ({"AutomationSubtype": ["ChangeRequest"]}, ""),
    "an OpsItem": ({"OpsItemId": ["oi-1"]}, ""),
    "a tag": ({"TagKey": ["none"]}, ""),
    "a resource group": ({"TargetResourceGroup": ["none"]}, ""),
    "two filters": ({"DocumentNamePrefix": ["Quick"], "ExecutionStatus": ["Failed"]}, "bad"),
}


@pytest.mark.parametrize(("filters", "names"), FILTERS.values(), ids=FILTERS)
def test_runs_are_found_by(world: World, runs: dict[str, str], filters: Any, names: str) -> None:
    by_id = {execution_id: name for name, execution_id in runs.items()}
    found = [
        by_id[one["AutomationExecutionId"]] for one in world.listed(**timed(world, filters, -60))
    ]
    assert found == names.split()


def test_a_run_is_found_by_its_id(world: World, runs: dict[str, str]) -> None:
    (found,) = world.listed(ExecutionId=[runs["held"]])
    assert (found["AutomationExecutionStatus"], found["CurrentStepName"]) == ("Waiting", "Hold")
    assert found["AutomationType"] == "Local"
    assert not {"StepExecutions", "Parameters", "ProgressCounters"} & set(found)


WRONG = {
    "a key that AWS has not": ([{"Key": "Name", "Values": ["a"]}], "ValidationException"),
    "a key twice": ([{"Key": "TagKey", "Values": ["a"]}] * 2, "InvalidFilterKey"),
    "a status that AWS has not": (
        [{"Key": "ExecutionStatus", "Values": ["Done"]}],
        "InvalidFilterValue",
    ),
    "a time that is none": ([{"Key": "StartTimeAfter", "Values": ["noon"]}], "InvalidFilterValue"),
    "two times": ([{"Key": "StartTimeAfter", "Values": [LATER, LATER]}], "InvalidFilterValue"),
    "a value that is too long": ([{"Key": "TagKey", "Values": ["x" * 151]}], "ValidationException"),
}


@pytest.mark.parametrize(("filters", "code"), WRONG.values(), ids=WRONG)
def test_a_filter_is_refused_for(world: World, filters: Any, code: str) -> None:
    assert refused(world.ssm.describe_automation_executions, Filters=filters)[0] == code


def test_pages_stay_whole_while_runs_begin(world: World) -> None:
    world.document("Nap", nap())
    started = [world.start("Nap") for _ in range(7)]
    seen, token = [], {}
    while True:
        page = world.ssm.describe_automation_executions(MaxResults=3, **token)
        seen += [one["AutomationExecutionId"] for one in page["AutomationExecutionMetadataList"]]
        world.start("Nap")
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert seen == started[::-1]


def test_the_last_full_page_has_no_token(world: World) -> None:
    world.document("Nap", nap())
    for _ in range(4):
        world.start("Nap")
    page = world.ssm.describe_automation_executions(MaxResults=2)
    assert "NextToken" not in world.ssm.describe_automation_executions(
        MaxResults=2, NextToken=page["NextToken"]
    )


TOKENS = {
    "made up": {"NextToken": "50"},
    "of another filter": {"Filters": [{"Key": "DocumentNamePrefix", "Values": ["Nap"]}]},
    "of another account": {"account": OTHER},
}


@pytest.mark.parametrize("change", TOKENS.values(), ids=TOKENS)
def test_a_token_is_refused_that_is(world: World, change: dict[str, Any]) -> None:
    world.document("Nap", nap())
    for _ in range(3):
        world.start("Nap")
    token = world.ssm.describe_automation_executions(MaxResults=1)["NextToken"]
    client = world.client(account=change.get("account", ACCOUNT))
    asked = {"NextToken": token, "MaxResults": 1, **change}
    asked.pop("account", None)
    assert refused(client.describe_automation_executions, **asked)[0] == "InvalidNextToken"


STEPS = {
    "all in their order": ({}, "Which Do Fail"),
    "backwards": ({"ReverseOrder": True}, "Fail Do Which"),
    "by name": ({"StepName": ["Do", "Which"]}, "Which Do"),
    "by action": ({"Action": ["aws:branch"]}, "Which"),
    "by status": ({"StepExecutionStatus": ["Pending"]}, "Fail"),
    "begun before": ({"StartTimeBefore": [LATER]}, "Which Do"),
    "begun after": ({"StartTimeAfter": [LATER]}, ""),
    "of no loop": ({"ParentStepIteration": ["1"]}, ""),
}


@pytest.mark.parametrize(("asked", "names"), STEPS.values(), ids=STEPS)
def test_steps_are_listed(world: World, asked: dict[str, Any], names: str) -> None:
    asked = dict(asked)
    world.document("Quick", quick())
    run = world.run("Quick", Parameters={"Id": ["a"]})
    reverse = {"ReverseOrder": True} if asked.pop("ReverseOrder", False) else {}
    filters = [{"Key": k, "Values": v} for k, v in timed(world, asked, 60).items()]
    pages = world.ssm.get_paginator("describe_automation_step_executions").paginate(
        AutomationExecutionId=run["AutomationExecutionId"],
        PaginationConfig={"PageSize": 2},
        **reverse,
        **({"Filters": filters} if filters else {}),
    )
    found = [one["StepName"] for page in pages for one in page["StepExecutions"]]
    assert found == names.split()


def test_steps_of_a_loop_are_found_by_their_loop(world: World) -> None:
    call = {"Service": "sts", "Api": "GetCallerIdentity"}
    inner = {"name": "In", "action": "aws:executeAwsApi", "inputs": call}
    inputs = {"Iterators": ["a", "b"], "Steps": [inner]}
    loop = {"name": "Each", "action": "aws:loop", "inputs": inputs}
    world.document("Loop", {"schemaVersion": "0.3", "mainSteps": [loop]})
    run = world.run("Loop")
    found = world.ssm.describe_automation_step_executions(
        AutomationExecutionId=run["AutomationExecutionId"],
        Filters=[{"Key": "ParentStepIteratorValue", "Values": ["b"]}],
    )["StepExecutions"]
    assert [one["ParentStepDetails"]["IteratorValue"] for one in found] == ["b"]


ABSENT = {
    "get": ("get_automation_execution", {}),
    "steps": ("describe_automation_step_executions", {}),
    "stop": ("stop_automation_execution", {}),
    "signal": ("send_automation_signal", {"SignalType": "Resume"}),
}


@pytest.mark.parametrize(("name", "params"), ABSENT.values(), ids=ABSENT)
def test_a_run_of_another_account_is_not_found(world: World, name: str, params: Any) -> None:
    world.document("Nap", nap())
    asked = {"AutomationExecutionId": world.start("Nap"), **params}
    code, _ = refused(getattr(world.client(account=OTHER), name), **asked)
    assert code == "AutomationExecutionNotFoundException"


SIGNALS = {
    "a step that the run has not": (
        {"SignalType": "Resume", "Payload": {"StepName": ["None"]}},
        "AutomationStepNotFoundException",
    ),
    "a step execution that it has not": (
        {"SignalType": "StopStep", "Payload": {"StepExecutionId": ["0" * 36]}},
        "AutomationStepNotFoundException",
    ),
    "an approval of what asks for none": (
        {"SignalType": "Approve"},
        "InvalidAutomationSignalException",
    ),
    "a signal that AWS has not": ({"SignalType": "Go"}, "ValidationException"),
}


@pytest.mark.parametrize(("params", "code"), SIGNALS.values(), ids=SIGNALS)
def test_a_signal_is_refused_for(world: World, params: Any, code: str) -> None:
    world.document("Hold", waiting())
    run = world.start("Hold")
    world.sandbox.settle()
    found, _ = refused(world.ssm.send_automation_signal, AutomationExecutionId=run, **params)
    assert (found, world.status(run)) == (code, "Waiting")


def test_an_ended_run_is_not_stopped(world: World) -> None:
    world.document("Quick", quick())
    run = world.run("Quick", Parameters={"Id": ["a"]})["AutomationExecutionId"]
    code, _ = refused(world.ssm.stop_automation_execution, AutomationExecutionId=run)
    assert code == "InvalidAutomationStatusUpdateException"
