"""The record is what boto3 gives for GetAutomationExecution."""

import json
from datetime import UTC, datetime

import botocore.session
import pytest
from botocore.validate import ParamValidator

SHAPE = botocore.session.get_session().get_service_model("ssm").shape_for("AutomationExecution")


def steps():
    return [
        {
            "name": "Plan",
            "action": "aws:invokeLambdaFunction",
            "inputs": {"FunctionName": "{{ Function }}", "InputPayload": {"n": 1}},
            "outputs": [
                {"Name": "Map", "Selector": "$.map", "Type": "StringMap"},
                {"Name": "Maps", "Selector": "$.maps", "Type": "MapList"},
                {"Name": "List", "Selector": "$.list", "Type": "StringList"},
                {"Name": "Number", "Selector": "$.number", "Type": "Integer"},
                {"Name": "Truth", "Selector": "$.truth", "Type": "Boolean"},
            ],
            "onFailure": "step:Abort",
            "timeoutSeconds": 30,
            "maxAttempts": 2,
        },
        {"name": "Ask", "action": "aws:approve", "inputs": {"Approvers": ["a"]}, "isEnd": True},
        {"name": "Abort", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}},
    ]


def start(world):
    world.functions["f"] = lambda _: {
        "map": {"a": "b=c"},
        "maps": [{"FromPort": 22}],
        "list": ["x", "y"],
        "number": 3,
        "truth": True,
    }
    document = world.parse(
        *steps(),
        parameters={
            "Function": {"type": "String"},
            "Ids": {"type": "StringList", "default": ["i", "j"]},
            "Flag": {"type": "Boolean", "default": False},
        },
        outputs=["Plan.Map", "Abort.Nothing"],
    )
    return world.start(document, {"Function": ["f"]})


def test_a_waiting_run(world):
    run = start(world)
    world.drive(run)
    record = run.record()
    moment = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
    plan, ask, abort = record.pop("StepExecutions")
    assert record == {
        "AutomationExecutionId": "11111111-2222-4333-8444-555555555555",
        "DocumentName": "Netmend-Test",
        "DocumentVersion": "1",
        "ExecutionStartTime": moment,
        "AutomationExecutionStatus": "Waiting",
        "StepExecutionsTruncated": False,
        "Parameters": {"Function": ["f"], "Ids": ["i", "j"], "Flag": ["false"]},
        "Outputs": {
            "Plan.Map": ['{"a":"b\\u003dc"}'],
            "Abort.Nothing": [
                "No output available yet because the step is not successfully executed"
            ],
        },
        "Mode": "Auto",
        "ExecutedBy": "arn:aws:iam::123456789012:user/starter",
        "CurrentStepName": "Ask",
        "CurrentAction": "aws:approve",
        "Targets": [],
        "ResolvedTargets": {"ParameterValues": [], "Truncated": False},
        "ProgressCounters": {
            "TotalSteps": 3,
            "SuccessSteps": 1,
            "FailedSteps": 0,
            "CancelledSteps": 0,
            "TimedOutSteps": 0,
        },
    }
    payload = json.loads(plan["Outputs"].pop("Payload")[0])
    whole = json.loads(plan["Outputs"].pop("OutputPayload")[0])
    assert (json.loads(whole["Payload"]), whole["StatusCode"]) == (payload, 200)
    assert payload["number"] == 3
    assert plan.pop("StepExecutionId") != abort["StepExecutionId"]
    assert plan == {
        "StepName": "Plan",
        "Action": "aws:invokeLambdaFunction",
        "TimeoutSeconds": 30,
        "OnFailure": "step:Abort",
        "MaxAttempts": 2,
        "ExecutionStartTime": moment,
        "ExecutionEndTime": moment,
        "StepStatus": "Success",
        "Inputs": {"FunctionName": '"f"', "InputPayload": '{"n":1}'},
        "Outputs": {
            "Map": ['{"a":"b\\u003dc"}'],
            "Maps": ['[{"FromPort":22}]'],
            "List": ["x", "y"],
            "Number": ["3"],
            "Truth": ["true"],
            "StatusCode": ["200"],
        },
        "OverriddenParameters": {},
        "IsEnd": False,
        "IsCritical": True,
        "ValidNextSteps": ["Ask"],
    }
    assert (ask["StepStatus"], ask["TimeoutSeconds"]) == ("Waiting", 604_800)
    assert (abort["StepStatus"], abort["Inputs"], abort["Outputs"]) == ("Pending", {}, {})


MOMENTS = {
    "before it begins": lambda world, run: None,
    "while it waits": lambda world, run: world.drive(run),
    "when it succeeded": lambda world, run: (
        world.drive(run),
        run.signal("Approve", {}, "arn:aws:iam::123456789012:user/a"),
        world.drive(run),
    ),
    "when it failed": lambda world, run: (
        world.functions.update(f=lambda _: {}["x"]),
        world.drive(run),
        world.sleep(run, 5),
    ),
    "when it was killed": lambda world, run: (world.drive(run), run.kill()),
    "when it was cancelled": lambda world, run: (world.drive(run), run.stop(), world.drive(run)),
}


@pytest.mark.parametrize("move", MOMENTS.values(), ids=MOMENTS)
def test_a_record_has_the_shape_of_the_api_s_model(world, move):
    run = start(world)
    move(world, run)
    report = ParamValidator().validate(run.record(), SHAPE)
    assert report.generate_report() == ""
    assert set(run.record()) <= set(SHAPE.members)


def test_the_record_can_be_read_while_a_step_runs(world):
    seen = []
    run = start(world)
    world.functions["f"] = lambda _: seen.append(run.record())
    run.advance()
    (record,) = seen
    assert (record["AutomationExecutionStatus"], record["CurrentStepName"]) == (
        "InProgress",
        "Plan",
    )
    assert record["StepExecutions"][0]["StepStatus"] == "InProgress"
    assert record["StepExecutions"][0]["Inputs"]["FunctionName"] == '"f"'


def test_a_run_that_has_ended_is_at_no_step(world):
    run = start(world)
    world.drive(run)
    run.kill()
    record = run.record()
    assert "CurrentStepName" not in record
    assert record["ExecutionEndTime"] == record["ExecutionStartTime"]
    assert record["ProgressCounters"]["FailedSteps"] == 1
