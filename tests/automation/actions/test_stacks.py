"""aws:createStack and aws:deleteStack wait for CloudFormation's verdict."""

import pytest

ID = "arn:aws:cloudformation:eu-west-1:123456789012:stack/s/1"


def create(**inputs):
    return {
        "name": "Make",
        "action": "aws:createStack",
        "inputs": {"StackName": "s", "TemplateBody": "{}", **inputs},
    }


DELETE = {"name": "Remove", "action": "aws:deleteStack", "inputs": {"StackName": "s"}}


@pytest.fixture
def cfn(world):
    """The statuses that the stack has, one after another; the last stays."""
    world.statuses_of_stack = ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]

    def stacks(**_):
        found = world.statuses_of_stack
        status = found.pop(0) if len(found) > 1 else found[0]
        return {"Stacks": [{"StackId": ID, "StackStatus": status, "StackStatusReason": "because"}]}

    world.apis["cloudformation:DescribeStacks"] = stacks
    world.apis["cloudformation:CreateStack"] = lambda **_: {"StackId": ID}
    world.apis["cloudformation:DeleteStack"] = lambda **_: {}
    return world


def test_a_stack_is_created_and_awaited(cfn):
    run = cfn.run(create())
    assert run.status == "InProgress"
    cfn.sleep(run, 10)
    assert run.status == "Success"
    assert run.steps[0].outputs == {
        "StackId": ID,
        "StackStatus": "CREATE_COMPLETE",
        "StackStatusReason": "because",
    }
    assert cfn.calls[-1] == ("cloudformation:DescribeStacks", {"StackName": ID})


ENDS = ["CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_COMPLETE"]


@pytest.mark.parametrize("status", ENDS)
def test_a_stack_fails_the_step_that_ends(cfn, status):
    cfn.statuses_of_stack = ["ROLLBACK_IN_PROGRESS", status]
    run = cfn.run(create())
    cfn.sleep(run, 10)
    assert run.status == "Failed"
    assert f"entered unexpected state: {status} (because)" in run.failure_message
    assert run.steps[0].outputs["StackStatus"] == status


def test_arguments_take_the_types_of_the_api(cfn):
    parameters = [
        {"ParameterKey": "Ids", "ParameterValue": ["a", "b"]},
        {"ParameterKey": "Most", "ParameterValue": 3},
    ]
    cfn.run(create(Parameters=parameters, TimeoutInMinutes="5", Capabilities="CAPABILITY_IAM"))
    assert cfn.calls[0][1] == {
        "StackName": "s",
        "TemplateBody": "{}",
        "Parameters": [
            {"ParameterKey": "Ids", "ParameterValue": "a,b"},
            {"ParameterKey": "Most", "ParameterValue": "3"},
        ],
        "TimeoutInMinutes": 5,
        "Capabilities": ["CAPABILITY_IAM"],
    }


def test_a_stack_is_deleted_and_awaited_by_its_id(cfn):
    cfn.statuses_of_stack = ["CREATE_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_COMPLETE"]
    run = cfn.run(DELETE)
    cfn.sleep(run, 10)
    assert (run.status, run.steps[0].outputs) == ("Success", {})
    assert [params["StackName"] for _, params in cfn.calls] == ["s", "s", ID, ID]


def test_a_stack_that_cannot_be_deleted_fails_the_step(cfn):
    cfn.statuses_of_stack = ["CREATE_COMPLETE", "DELETE_FAILED"]
    assert "entered unexpected state: DELETE_FAILED" in cfn.run(DELETE).failure_message


MISSING = {
    "a stack that does not exist is deleted already": (
        "ValidationError",
        "Stack with id s does not exist",
        "Success",
    ),
    "a stack that may not be seen is not": ("AccessDenied", "no", "Failed"),
}


@pytest.mark.parametrize(("code", "message", "status"), MISSING.values(), ids=MISSING)
def test_deleting(cfn, code, message, status):
    def missing(**_):
        raise cfn.error(code, message, "DescribeStacks")

    cfn.apis["cloudformation:DescribeStacks"] = missing
    assert cfn.run(DELETE).status == status
