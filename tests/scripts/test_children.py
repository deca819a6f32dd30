"""Runbooks that call runbooks, through the API: many children, deep ones, and cancelled ones."""

import json

import pytest


def runs(runbooks):
    """Every run of the sandbox, oldest first."""
    ssm = runbooks.sandbox.client("ssm")
    found = ssm.describe_automation_executions()["AutomationExecutionMetadataList"]
    return list(reversed(found))


def create(runbooks, name, step, **more):
    body = {"schemaVersion": "0.3", "mainSteps": [{"name": "Only", **step}], **more}
    runbooks.sandbox.client("ssm").create_document(
        Content=json.dumps(body), Name=name, DocumentType="Automation"
    )


def start(runbooks, name):
    answer = runbooks.sandbox.client("ssm").start_automation_execution(DocumentName=name)
    return answer["AutomationExecutionId"]


def calling(name, **inputs):
    return {"action": "aws:executeAutomation", "inputs": {"DocumentName": name, **inputs}}


SLEEP = {"action": "aws:sleep", "inputs": {"Duration": "PT1H"}}


def test_a_runbook_that_calls_itself_is_stopped_at_the_sixth_level(inline):
    create(inline, "Self-Calling", calling("Self-Calling"))
    found = inline.ended(start(inline, "Self-Calling"))
    assert found["AutomationExecutionStatus"] == "Failed"
    assert len(runs(inline)) == 6
    assert (
        "nested more than 5 levels"
        in inline.record(runs(inline)[-1]["AutomationExecutionId"])["FailureMessage"]
    )


def test_a_child_runs_for_each_target(inline):
    one = {"type": "String", "allowedValues": ["a", "b", "c"]}
    create(
        inline,
        "One-Target",
        {"action": "aws:sleep", "inputs": {"Duration": "PT0S"}},
        parameters={"Id": one},
    )
    targets = [{"Key": "ParameterValues", "Values": ["a", "b", "c"]}]
    step = calling("One-Target", TargetParameterName="Id", Targets=targets, MaxConcurrency="1")
    create(inline, "All-Targets", step)
    found = inline.ended(start(inline, "All-Targets"))
    assert found["AutomationExecutionStatus"] == "Success", found.get("FailureMessage")
    assert [run["DocumentName"] for run in runs(inline)].count("One-Target") == 1 + len("abc")


@pytest.mark.parametrize("levels", [1, 2])
def test_cancelling_a_run_cancels_all_below_it(inline, levels):
    create(inline, "Level-0", SLEEP)
    for level in range(levels):
        create(inline, f"Level-{level + 1}", calling(f"Level-{level}"))
    top = start(inline, f"Level-{levels}")
    inline.sandbox.settle()
    inline.sandbox.client("ssm").stop_automation_execution(AutomationExecutionId=top)
    inline.ended(top)
    inline.sandbox.settle()
    assert [run["AutomationExecutionStatus"] for run in runs(inline)] == ["Cancelled"] * (
        levels + 1
    )
