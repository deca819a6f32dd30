"""aws:invokeLambdaFunction: payloads in, the function's own value out."""

import base64
import json

import pytest

from netmend.sandbox.automation import InvokeResult


def invoke(outputs=(), **inputs):
    return {
        "name": "Call",
        "action": "aws:invokeLambdaFunction",
        "inputs": {"FunctionName": "f", **inputs},
        "outputs": list(outputs),
    }


PAYLOADS = {
    "an object": ({"InputPayload": {"a": 1, "b": [True]}}, {"a": 1, "b": [True]}),
    "JSON text": ({"Payload": '{"a": 1}'}, {"a": 1}),
    "both, and the object wins": ({"InputPayload": {"a": 1}, "Payload": "{}"}, {"a": 1}),
    "neither": ({}, {}),
    "a reference to a map": ({"InputPayload": "{{ Map }}"}, {"k": "v"}),
    "the execution's id": (
        {"InputPayload": {"id": "{{ automation:EXECUTION_ID }}"}},
        {"id": "11111111-2222-4333-8444-555555555555"},
    ),
    "a reference in JSON text": ({"Payload": '{"l": {{ List }}}'}, {"l": ["a", "b"]}),
}


@pytest.mark.parametrize(("inputs", "payload"), PAYLOADS.values(), ids=PAYLOADS)
def test_the_function_gets(world, inputs, payload):
    world.functions["f"] = lambda _: None
    parameters = {
        "Map": {"type": "StringMap", "default": {"k": "v"}},
        "List": {"type": "StringList", "default": ["a", "b"]},
    }
    run = world.run(invoke(**inputs), parameters=parameters)
    assert run.status == "Success"
    assert world.calls == [("lambda:f", payload)]


def test_a_qualifier_goes_with_the_name(world):
    world.functions["f:live"] = lambda _: None
    world.run(invoke(Qualifier="live"))
    assert world.named() == ["lambda:f:live"]


def test_selectors_read_what_the_function_returned(world):
    world.functions["f"] = lambda _: {"Decision": "MEND", "Ports": [22], "Payload": {"x": 1}}
    outputs = [
        {"Name": "Decision", "Selector": "$.Decision"},
        {"Name": "Port", "Selector": "$.Ports[0]", "Type": "Integer"},
        {"Name": "Inner", "Selector": "$.Payload.x", "Type": "Integer"},
        {"Name": "Answer", "Selector": "$", "Type": "StringMap"},
    ]
    run = world.run(invoke(outputs))
    returned = {"Decision": "MEND", "Ports": [22], "Payload": {"x": 1}}
    text = json.dumps(returned)
    assert run.steps[0].outputs == {
        "OutputPayload": json.dumps({"StatusCode": 200, "Payload": text}, separators=(",", ":")),
        "Decision": "MEND",
        "Port": 22,
        "Inner": 1,
        "Answer": returned,
        "StatusCode": "200",
        "Payload": text,
    }


RETURNED = {
    "a text": ("ok", "ok"),
    "a list": (["a"], "a"),
    "a number": (3, "3"),
}


@pytest.mark.parametrize(("value", "output"), RETURNED.values(), ids=RETURNED)
def test_a_function_may_return(world, value, output):
    world.functions["f"] = lambda _: value
    run = world.run(invoke([{"Name": "X", "Selector": "$"}]))
    assert run.steps[0].outputs["X"] == output


@pytest.mark.parametrize("text", ["", "null"])
def test_a_function_may_return_nothing(world, text):
    world.functions["f"] = lambda _: InvokeResult(text)
    run = world.run(invoke([{"Name": "X", "Selector": "$.x"}]))
    assert run.status == "Success"
    assert "X" not in run.steps[0].outputs


def test_the_log_s_tail_is_an_output_where_it_is_asked_for(world):
    world.functions["f"] = lambda _: InvokeResult("null", log="x" * 5000 + "end")
    run = world.run(invoke(LogType="Tail"))
    log = base64.b64decode(run.steps[0].outputs["LogResult"])
    assert (len(log), log[-3:]) == (4096, b"end")


def test_an_error_of_the_function_fails_the_step_and_is_shown(world):
    error = '{"errorMessage": "boom", "errorType": "ValueError"}'
    world.functions["f"] = lambda _: InvokeResult(error, "Unhandled", "log")
    run = world.run(invoke())
    (step,) = run.record()["StepExecutions"]
    assert (run.status, step["StepStatus"]) == ("Failed", "Failed")
    assert "The function f ended with the error Unhandled:" in step["FailureMessage"]
    assert "boom" in step["FailureMessage"]
    assert step["Outputs"]["FunctionError"] == ["Unhandled"]


BAD = {
    "Payload that is no JSON": ({"Payload": "{"}, None, "Payload is not JSON"),
    "an unknown input": ({"FunctioName": "g"}, None, "the input FunctioName is unknown"),
    "an asynchronous call": ({"InvocationType": "Event"}, None, "InvocationType Event of aws:inv"),
    "too long an answer": ({}, "x" * 204_801, "returned more than 204800 bytes"),
    "an answer with no such number": ({}, float("nan"), "nan cannot be an output"),
}


@pytest.mark.parametrize(("inputs", "answer", "message"), BAD.values(), ids=BAD)
def test_the_step_fails_for(world, inputs, answer, message):
    world.functions["f"] = lambda _: answer
    run = world.run(invoke(**inputs))
    assert run.status == "Failed"
    assert message in run.failure_message


def test_a_call_that_lambda_refuses_fails_the_step(world):
    def gone(_):
        raise world.error("ResourceNotFoundException", "Function not found: f", "Invoke")

    world.functions["f"] = gone
    assert (
        "ResourceNotFoundException) when calling the Invoke" in world.run(invoke()).failure_message
    )


TIMEOUTS = {
    "its default of 300 seconds": (None, 299, "Success"),
    "more than its default": (None, 301, "TimedOut"),
    "more than the step allows": (10, 11, "TimedOut"),
    "more than AWS allows any step": (600, 301, "TimedOut"),
}


@pytest.mark.parametrize(("allowed", "taken", "status"), TIMEOUTS.values(), ids=TIMEOUTS)
def test_a_function_may_take(world, allowed, taken, status):
    def slow(_):
        world.time += taken

    world.functions["f"] = slow
    assert world.run({**invoke(), "timeoutSeconds": allowed}).status == status
