"""What all actions that call an API have in common, and what executeAwsApi alone does not do."""

import pytest
from botocore.exceptions import ParamValidationError

from netmend.sandbox.automation.effects import ScriptResult, ScriptRunning
from netmend.sandbox.automation.errors import ScriptFailed


def call(**inputs):
    given = {"Service": "ec2", "Api": "DescribeVpcs", **inputs}
    return {"name": "Call", "action": "aws:executeAwsApi", "inputs": given}


def test_a_throttled_call_is_tried_again_until_it_gets_through(world):
    answers = [world.error("RequestLimitExceeded", "slow", "DescribeVpcs")] * 3

    def vpcs(**_):
        if answers:
            raise answers.pop()
        return {}

    world.apis["ec2:DescribeVpcs"] = vpcs
    run = world.run(call())
    assert run.status == "InProgress"
    world.sleep(run, 20)
    assert (run.status, len(world.calls)) == ("Success", 4)


def test_a_call_that_stays_throttled_fails_the_step(world):
    def vpcs(**_):
        raise world.error("Throttling", "slow", "DescribeVpcs")

    world.apis["ec2:DescribeVpcs"] = vpcs
    run = world.run(call())
    world.sleep(run, 30)
    assert (run.status, len(world.calls)) == ("Failed", 5)
    assert run.steps[0].failure.kind == "Throttling"


def test_botocore_s_own_refusal_is_told_in_its_words(world):
    def vpcs(**_):
        raise ParamValidationError(report="Unknown parameter in input")

    world.apis["ec2:DescribeVpcs"] = vpcs
    assert world.run(call()).failure_message.startswith(
        "Step fails when it is Execute/Cancelling action. Parameter validation failed:\n"
        "Unknown parameter in input. Please refer to"
    )


def test_the_number_of_tries_of_a_client_that_never_retries_is_not_told(world):
    world.apis["ec2:DescribeVpcs"] = lambda **_: {}
    outputs = [{"Name": "Metadata", "Selector": "$.ResponseMetadata", "Type": "StringMap"}]
    original = world.api

    def api(*arguments):
        response = original(*arguments)
        response["ResponseMetadata"] |= {"MaxAttemptsReached": True, "RetryAttempts": 0}
        return response

    world.api = api
    run = world.run({**call(), "outputs": outputs})
    assert run.steps[0].outputs["Metadata"] == {"RequestId": "req-1", "RetryAttempts": 0}


STREAMS = {
    "an answer": ("s3", "GetObject"),
    "a request": ("s3", "put_object"),
    "events": ("logs", "StartLiveTail"),
}


@pytest.mark.parametrize(("service", "api"), STREAMS.values(), ids=STREAMS)
def test_an_operation_that_streams_is_refused(world, service, api):
    run = world.run(call(Service=service, Api=api))
    assert (run.status, world.calls) == ("Failed", [])
    assert "streams data, which aws:executeAwsApi cannot do" in run.failure_message


def check(selector, *desired):
    return {
        "name": "Check",
        "action": "aws:assertAwsResourceProperty",
        "inputs": {
            "Service": "ec2",
            "Api": "DescribeVpcs",
            "PropertySelector": selector,
            "DesiredValues": list(desired),
        },
    }


DEEP = {
    "one thing that has the value": (["a"], "$..X", ["a"], "Success"),
    "many that have it": (["a", "a"], "$..X", ["a"], "Success"),
    "many, of which one has not": (["a", "b"], "$..X", ["a"], "Failed"),
    "many with one of the values each": (["a", "b"], "$.Vpcs[*].X", ["a", "b"], "Success"),
    "nothing": ([], "$..X", ["a"], "Failed"),
    "nothing where that is desired": ([], "$..X", ["[]"], "Success"),
    "booleans, printed as Python does": ([True], "$..X", ["True"], "Success"),
    "booleans, written otherwise": ([True], "$..X", ["true"], "Failed"),
}


@pytest.mark.parametrize(("found", "selector", "desired", "status"), DEEP.values(), ids=DEEP)
def test_a_deep_scan_finds(world, found, selector, desired, status):
    world.apis["ec2:DescribeVpcs"] = lambda **_: {"Vpcs": [{"X": value} for value in found]}
    assert world.run(check(selector, *desired)).status == status


SCRIPT = {
    "name": "Run",
    "action": "aws:executeScript",
    "inputs": {"Runtime": "python3.11", "Handler": "main", "Script": "code"},
}


def test_a_script_that_is_still_at_work_is_waited_for_as_a_child_is(world):
    world.script = lambda *_: ScriptRunning("job-1", lambda: ScriptResult({"a": 1}, "said\n"))
    run = world.run(SCRIPT)
    assert (run.status, run.ready) == ("InProgress", False)
    run.nudge()
    world.drive(run)
    assert run.steps[0].outputs == {
        "Payload": {"a": 1},
        "OutputPayload": '{"Payload":{"a":1},"ExecutionLog":"said\\n"}',
    }


def test_a_script_that_fails_later_fails_the_step(world):
    def result():
        raise ScriptFailed("Traceback\nKeyError: 'x'", "said\n")

    world.script = lambda *_: ScriptRunning("job-1", result)
    run = world.run(SCRIPT)
    run.nudge()
    world.drive(run)
    assert "Poll action status for completion. Traceback\nKeyError: 'x'." in run.failure_message
    assert "said" in run.steps[0].outputs["OutputPayload"]


def test_a_stopped_run_stops_its_script(world):
    world.script = lambda *_: ScriptRunning("job-1", lambda: ScriptResult(None))
    run = world.run(SCRIPT)
    run.stop("Cancel")
    world.drive(run)
    assert world.calls == [("stop", "job-1")]


RUNTIMES = {
    "PowerShell": ("PowerShell 7.4", "Failed"),
    "an old Python": ("python3.6", "Success"),
    "a Python that AWS does not have": ("python3.12", "Failed"),
}


@pytest.mark.parametrize(("runtime", "status"), RUNTIMES.values(), ids=RUNTIMES)
def test_a_script_in(world, runtime, status):
    step = {**SCRIPT, "inputs": {**SCRIPT["inputs"], "Runtime": runtime}}
    run = world.run(step)
    assert run.status == status
    assert status == "Success" or f"the Runtime {runtime} of aws:executeScript is not emulated" in (
        run.failure_message
    )


def test_a_step_gets_the_attachment_that_it_names_and_no_other(world):
    seen = []

    def script(*arguments):
        seen.append(arguments[-1])
        return ScriptResult(None)

    world.script = script
    step = {**SCRIPT, "inputs": {**SCRIPT["inputs"], "Attachment": "a.zip"}}
    files = {"a.zip": b"1", "b.zip": b"2"}
    world.run(step, facts={"attachments": files})
    world.run(SCRIPT, facts={"attachments": files})
    assert seen == [{"a.zip": b"1"}, {}]


def test_a_list_is_returned_up_to_its_hundredth_item(world):
    world.scripts = lambda **_: list(range(120))
    assert world.run(SCRIPT).steps[0].outputs["Payload"] == list(range(100))
