"""aws:executeAutomation: another runbook is started, waited for and answered for."""

import pytest

RECORD = {
    "AutomationExecutionStatus": "Success",
    "Outputs": {"a.One": ["x"], "b.Many": ["y", "z"]},
}


def step(**inputs):
    return {
        "name": "Run",
        "action": "aws:executeAutomation",
        "inputs": {"DocumentName": "Other", **inputs},
        "outputs": [{"Name": "First", "Selector": "$.Output[0]"}],
    }


def ended(world, run, **record):
    world.children["child-1"] = {**RECORD, **record}
    run.nudge()
    world.drive(run)


def test_the_child_is_waited_for_and_its_outputs_are_one_list(world):
    run = world.run(step())
    assert (run.status, run.ready, world.timers) == ("InProgress", False, [])
    assert run.steps[0].outputs == {"ExecutionId": "child-1", "Status": "InProgress"}
    ended(world, run)
    assert run.status == "Success"
    assert run.steps[0].outputs == {
        "Output": ["x", "y", "z"],
        "ExecutionId": "child-1",
        "Status": "Success",
        "First": "x",
    }


def test_a_child_that_fails_is_told_as_aws_tells_it(world):
    run = world.run(step())
    ended(world, run, AutomationExecutionStatus="Failed", Outputs={"a.One": ["none yet"]})
    assert run.failure_message == (
        "Step fails when it is Execution complete: verified. Failed to run automation with"
        " executionId: child-1 Failed : {Status=[Failed], Output=[none yet],"
        " ExecutionId=[child-1]}. Please refer to Automation Service Troubleshooting Guide for more"
        " diagnosis details."
    )
    assert run.steps[0].outputs["Status"] == "Failed"


@pytest.mark.parametrize("status", ["TimedOut", "Cancelled", "CompletedWithFailure", "Rejected"])
def test_a_child_fails_the_step_when_it_ends(world, status):
    run = world.run(step())
    ended(world, run, AutomationExecutionStatus=status)
    assert (run.status, run.steps[0].outputs["Status"]) == ("Failed", status)


VALUES = {
    "a text": ("x", ["x"]),
    "a number": (3, ["3"]),
    "a boolean": (False, ["false"]),
    "a list": (["a", "b"], ["a", "b"]),
    "an empty list": ([], []),
    "a map": ({"a": [1]}, ['{"a":[1]}']),
    "a list of maps": ([{"a": 1}, {"b": 2}], ['{"a":1}', '{"b":2}']),
}


@pytest.mark.parametrize(("value", "texts"), VALUES.values(), ids=VALUES)
def test_a_runtime_parameter_is_handed_on_as_texts(world, value, texts):
    world.run(step(RuntimeParameters={"P": value}))
    assert world.calls == [("start", {"DocumentName": "Other", "Parameters": {"P": texts}})]


def test_an_empty_text_leaves_the_child_its_own_default(world):
    world.run(step(RuntimeParameters={"AutomationAssumeRole": "", "P": "x"}, DocumentVersion=""))
    assert world.calls == [("start", {"DocumentName": "Other", "Parameters": {"P": ["x"]}})]


def test_all_of_start_automation_execution_can_be_said(world):
    given = {
        "DocumentName": ["arn:aws:ssm:eu-west-1:210987654321:document/Other"],
        "DocumentVersion": 2,
        "TargetParameterName": "Id",
        "Targets": [{"Key": "ParameterValues", "Values": "one"}],
        "MaxConcurrency": "10%",
        "MaxErrors": 1,
        "Tags": [{"Key": "a", "Value": "b"}],
        "TargetLocations": {"Accounts": ["210987654321"], "Regions": ["eu-west-1"]},
        "TargetMaps": [{"Id": ["one"]}],
    }
    world.run(step(**given))
    [(_, called)] = world.calls
    assert called == {
        **given,
        "DocumentName": given["DocumentName"][0],
        "DocumentVersion": "2",
        "Targets": [{"Key": "ParameterValues", "Values": ["one"]}],
        "MaxErrors": "1",
        "TargetLocations": [given["TargetLocations"]],
    }


BAD = {
    "no name": ({"DocumentName": ""}, "DocumentName must be a StringList"),
    "two names": ({"DocumentName": ["a", "b"]}, "DocumentName must be a String"),
    "parameters that are no map": ({"RuntimeParameters": ["x"]}, "RuntimeParameters must be a map"),
    "targets that are no maps": ({"Targets": ["x"]}, "Targets must be a MapList"),
    "six tags": ({"Tags": [{"Key": str(n)} for n in range(6)]}, "Tags must be at most 5"),
    "an unknown input": ({"Parameters": {}}, "the input Parameters is unknown"),
}


@pytest.mark.parametrize(("inputs", "message"), BAD.values(), ids=BAD)
def test_nothing_is_started_for(world, inputs, message):
    run = world.run(step(**inputs))
    assert (run.status, world.calls) == ("Failed", [])
    assert message in run.failure_message


def test_a_start_that_is_refused_fails_the_step_in_the_api_s_words(world):
    def refused(*_):
        code = "AutomationDefinitionNotFoundException"
        raise world.error(code, "gone", "StartAutomationExecution")

    world.start_automation = refused
    run = world.run(step())
    assert (
        "An error occurred (AutomationDefinitionNotFoundException) when calling the"
        " StartAutomationExecution operation: gone." in run.failure_message
    )


def test_a_throttled_start_is_tried_again(world):
    answers = [world.error("ThrottlingException", "Rate exceeded", "StartAutomationExecution")] * 2

    def start(*_):
        if answers:
            raise answers.pop()
        return "child-1"

    world.start_automation = start
    run = world.run(step())
    world.sleep(run, 4)
    assert run.steps[0].outputs["ExecutionId"] == "child-1"
    ended(world, run)
    assert run.status == "Success"


NESTING = {"a run under four others": (4, "InProgress"), "a run under five": (5, "Failed")}


@pytest.mark.parametrize(("above", "status"), NESTING.values(), ids=NESTING)
def test_runs_are_nested_five_levels_deep_at_most(world, above, status):
    for level in range(above):
        over = {"ParentAutomationExecutionId": f"p{level + 1}"} if level + 1 < above else {}
        world.children[f"p{level}"] = over
    run = world.run(step(), facts={"parent_id": "p0"})
    assert run.status == status
    assert ("nested more than 5 levels" in run.failure_message) is (status == "Failed")


def test_a_cancelled_run_stops_its_child(world):
    run = world.run(step())
    run.stop("Cancel")
    world.drive(run)
    assert run.status == "Cancelled"
    assert world.calls[-1] == ("stop", "child-1")
