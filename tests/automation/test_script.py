"""aws:executeScript: typed events and AWS's context in, Payload out."""

import pytest

from netmend.sandbox.automation import ScriptFailed

ROLE = "arn:aws:iam::123456789012:role/x"


def script(outputs=(), **inputs):
    return {
        "name": "Run",
        "action": "aws:executeScript",
        "inputs": {"Runtime": "python3.11", "Handler": "main", "Script": "code", **inputs},
        "outputs": list(outputs),
    }


def test_the_handler_gets_typed_events_and_the_context(world):
    given = {}
    world.scripts = lambda **arguments: given.update(arguments)
    parameters = {"Ports": {"type": "Integer", "default": 22}}
    run = world.run(
        script(InputPayload={"port": "{{ Ports }}", "at": "{{ global:DATE_TIME }}"}),
        parameters=parameters,
    )
    assert run.status == "Success"
    assert given == {
        "code": "code",
        "handler": "main",
        "payload": {"port": 22, "at": "2026-09-21_14.13.20"},
        "context": {
            "automation:EXECUTION_ID": "11111111-2222-4333-8444-555555555555",
            "global:REGION": "eu-west-1",
            "global:ACCOUNT_ID": "123456789012",
            "global:AWS_PARTITION": "aws",
        },
        "timeout": 600,
    }


def test_selectors_read_below_payload(world):
    world.scripts = lambda **_: {"Message": {"n": 1}, "List": ["a", "b"]}
    outputs = [
        {"Name": "N", "Selector": "$.Payload.Message.n", "Type": "Integer"},
        {"Name": "List", "Selector": "$.Payload.List", "Type": "StringList"},
        {"Name": "Lost", "Selector": "$.List", "Type": "StringList"},
    ]
    run = world.run(script(outputs))
    payload = {"Message": {"n": 1}, "List": ["a", "b"]}
    assert run.steps[0].outputs == {
        "N": 1,
        "List": ["a", "b"],
        "Payload": payload,
        "OutputPayload": '{"Payload":{"Message":{"n":1},"List":["a","b"]}}',
    }


def test_payload_can_be_used_without_declaring_it(world):
    world.scripts = lambda **given: given["payload"] or {"a": [1]}
    second = {**script(InputPayload={"x": "{{ Run.Payload }}"}), "name": "Again"}
    run = world.run(script(), second)
    assert run.steps[1].outputs["Payload"] == {"x": {"a": [1]}}


def test_known_names_in_a_script_are_replaced_and_others_are_its_own(world):
    seen = []
    world.scripts = lambda **given: seen.append(given["code"])
    code = "a = '{{ Name }}'; b = '{{ other }}'; c = '{{ Run.Later }}'; awk '{{print $2}}'"
    world.run(script(Script=code), parameters={"Name": {"type": "String", "default": "x"}})
    assert seen == [code.replace("{{ Name }}", "x")]


def test_a_script_has_the_role_s_credentials_and_without_a_role_none(world):
    facts = {"caller_credentials": "the caller's"}
    world.run(script(), assumeRole=ROLE, facts=facts)
    world.run(script(), facts=facts)
    assert [c and c["role"] for c in world.credentials] == [ROLE, None]


def test_an_exception_fails_the_step_with_its_traceback(world):
    def fail(**_):
        raise ScriptFailed("Traceback (most recent call last):\n  x\nRuntimeError: boom")

    world.scripts = fail
    run = world.run(script())
    assert run.failure_message == (
        "Step fails when it is Poll action status for completion. Traceback (most recent call"
        " last):\n  x\nRuntimeError: boom. Please refer to Automation Service Troubleshooting Guide"
        " for more diagnosis details."
    )


def test_a_script_out_of_time_is_timed_out(world):
    def hang(**given):
        raise TimeoutError(given["timeout"])

    world.scripts = hang
    run = world.run({**script(), "timeoutSeconds": 5})
    assert run.status == "TimedOut"
    assert run.steps[0].failure.cause == "no result within 5 seconds"


BAD = {
    "PowerShell": (
        {"Runtime": "PowerShell 7.4"},
        None,
        "the Runtime PowerShell 7.4 of aws:execute",
    ),
    "an attachment": (
        {"Attachment": "a.zip"},
        None,
        "the document has no attachment a.zip (it has none)",
    ),
    "no handler": ({"Handler": None}, None, "Handler must be a String"),
    "an unknown input": ({"Code": "x"}, None, "the input Code is unknown"),
    "too long an answer": ({}, "x" * 102_401, "returned more than 102400 bytes"),
    "an answer that is no JSON": ({}, object(), "object cannot be an output"),
}


@pytest.mark.parametrize(("inputs", "answer", "message"), BAD.values(), ids=BAD)
def test_the_step_fails_for(world, inputs, answer, message):
    world.scripts = lambda **_: answer
    run = world.run(script(**inputs))
    assert run.status == "Failed"
    assert message in run.failure_message
