"""An event reaches each target that may receive it, and is not lost where it can't."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from netmend.sandbox.api import ApiError
from netmend.sandbox.core import Sandbox
from netmend.sandbox.events import DeliveryFaults, Losses, publish

ACCOUNT = "123456789012"
REGION = "us-east-1"
START_ROLE = f"arn:aws:iam::{ACCOUNT}:role/start"
DOCUMENT = f"arn:aws:ssm:{REGION}:{ACCOUNT}:automation-definition/Netmend-RevokePublicIngress"
RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/drift"
DRIFT = {"resourceId": "sg-1", "annotation": 'tcp/22 open to "all"'}
INPUT = {"InputPathsMap": {"id": "$.detail.resourceId"}, "InputTemplate": '{"ResourceId": [<id>]}'}
START = {"Arn": DOCUMENT, "RoleArn": START_ROLE, "InputTransformer": INPUT}


def happen(sandbox: Sandbox, detail: dict[str, Any] | None = None) -> str:
    kind = "Config Rules Compliance Change"
    event_id = publish(sandbox, ACCOUNT, REGION, "aws.config", kind, detail or DRIFT)
    sandbox.settle()
    return event_id


def losses(sandbox: Sandbox) -> list[str]:
    return [loss.code for loss in sandbox.state(Losses, ACCOUNT, REGION)]


def test_a_target_without_input_receives_the_whole_event(sandbox, rule, queue):
    waiting = queue("waiting")
    rule({"Arn": waiting.arn})
    event_id = happen(sandbox)
    (event,) = waiting.bodies()
    assert event == {
        "version": "0",
        "id": event_id,
        "detail-type": "Config Rules Compliance Change",
        "source": "aws.config",
        "account": ACCOUNT,
        "time": event["time"],
        "region": REGION,
        "resources": [],
        "detail": DRIFT,
    }
    assert event["time"].endswith("Z")


INPUTS = [
    pytest.param({"Input": '{"a": 1}'}, {"a": 1}, id="a constant"),
    pytest.param({"InputPath": "$.detail.resourceId"}, "sg-1", id="a part of the event"),
    pytest.param({"InputTransformer": INPUT}, {"ResourceId": ["sg-1"]}, id="a template's result"),
]


@pytest.mark.parametrize(("settings", "expected"), INPUTS)
def test_a_target_receives(sandbox, rule, queue, settings, expected):
    waiting = queue("waiting")
    rule({"Arn": waiting.arn, **settings})
    happen(sandbox)
    assert waiting.bodies() == [expected]


SILENT = [
    pytest.param({"state": "DISABLED"}, id="a disabled rule"),
    pytest.param({"pattern": {"source": ["aws.ec2"]}}, id="a rule that asks for another source"),
]


@pytest.mark.parametrize("settings", SILENT)
def test_nothing_is_delivered_by(sandbox, rule, queue, settings):
    waiting = queue("waiting")
    rule({"Arn": waiting.arn}, **settings)
    happen(sandbox)
    assert waiting.bodies() == []
    assert losses(sandbox) == []


def test_a_runbook_starts_as_the_targets_role(sandbox, rule, automation):
    rule(START, {**START, "Arn": f"{DOCUMENT}:$DEFAULT"})
    happen(sandbox)
    first, second = automation.calls
    name = "Netmend-RevokePublicIngress"
    assert first.params == {"DocumentName": name, "Parameters": {"ResourceId": ["sg-1"]}}
    assert second.params == {**first.params, "DocumentVersion": "$DEFAULT"}
    assert first.caller.role_arn == START_ROLE


UNFIT = [
    pytest.param(
        {"InputTransformer": {"InputPathsMap": {"a": "$.detail.annotation"}, "InputTemplate": t}},
        code,
        id=name,
    )
    for t, code, name in [
        ('{"Why": [<a>]}', "INVALID_JSON", "quotes in a value break the JSON"),
        ('{"Why": <a>}', "INVALID_JSON", "and so without the list"),
        ('{"Why": "text"}', "INVALID_PARAMETER", "a value that is no list"),
        ('{"Why": [1]}', "INVALID_PARAMETER", "a list that is not of texts"),
        ('["text"]', "INVALID_PARAMETER", "no object"),
    ]
] + [
    pytest.param({"InputPath": "$.detail.gone"}, "INVALID_JSON", id="a path that finds nothing"),
]


@pytest.mark.parametrize(("settings", "code"), UNFIT)
def test_an_input_that_no_runbook_takes_goes_to_the_dead_letter_queue(
    sandbox, rule, queue, automation, settings, code
):
    dead = queue("dead")
    target = {"Arn": DOCUMENT, "RoleArn": START_ROLE, "DeadLetterConfig": {"Arn": dead.arn}}
    rule({**target, **settings})
    happen(sandbox)
    assert automation.calls == []
    (message,) = dead.messages()
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == code


def test_a_dead_letter_tells_what_happened(sandbox, rule, queue, automation):
    dead = queue("dead")
    automation.errors = [ApiError("AutomationDefinitionNotFoundException", "no such document")]
    rule({**START, "DeadLetterConfig": {"Arn": dead.arn}})
    event_id = happen(sandbox)
    (message,) = dead.messages()
    assert json.loads(message["Body"])["id"] == event_id
    assert {k: v["StringValue"] for k, v in message["MessageAttributes"].items()} == {
        "RULE_ARN": RULE,
        "TARGET_ARN": DOCUMENT,
        "ERROR_CODE": "NO_RESOURCE",
        "ERROR_MESSAGE": "no such document",
        "RETRY_ATTEMPTS": "0",
    }


def test_a_role_that_may_not_start_the_runbook_is_no_permission(sandbox, rule, automation):
    sandbox.client("iam").delete_role_policy(RoleName="start", PolicyName="own")
    rule(START)
    happen(sandbox)
    assert losses(sandbox) == ["NO_PERMISSIONS"]
    assert automation.calls == []


def test_a_role_that_does_not_trust_eventbridge_is_not_assumed(sandbox, rule, automation):
    trust = {"Service": "lambda.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": trust, "Action": "sts:AssumeRole"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sandbox.client("iam").update_assume_role_policy(RoleName="start", PolicyDocument=text)
    rule(START)
    happen(sandbox)
    assert losses(sandbox) == ["FAILED_TO_ASSUME_ROLE"]


THROTTLED = ApiError("ThrottlingException", "Rate exceeded")


def test_a_throttled_start_is_tried_again_until_it_works(sandbox, rule, automation):
    automation.errors = [THROTTLED, ApiError("InternalServerError", "later", 500)]
    rule(START)
    happen(sandbox)
    assert len(automation.calls) == 1
    for _ in range(2):
        sandbox.clock.advance(600)
        sandbox.settle()
    assert len(automation.calls) == 3
    assert losses(sandbox) == []


EXHAUSTED = [
    pytest.param({"MaximumRetryAttempts": 2}, "MaximumRetryAttempts", "2", id="attempts"),
    pytest.param({"MaximumRetryAttempts": 0}, "MaximumRetryAttempts", "0", id="no attempt left"),
    pytest.param({"MaximumEventAgeInSeconds": 60}, "MaximumEventAgeInSeconds", "1", id="seconds"),
]


@pytest.mark.parametrize(("policy", "condition", "retries"), EXHAUSTED)
def test_retries_end_with_the_policys(sandbox, rule, queue, automation, policy, condition, retries):
    dead = queue("dead")
    automation.errors = [THROTTLED] * 10
    rule({**START, "RetryPolicy": policy, "DeadLetterConfig": {"Arn": dead.arn}})
    happen(sandbox)
    for _ in range(5):
        sandbox.clock.advance(70)
        sandbox.settle()
    (message,) = dead.messages()
    told = {k: v["StringValue"] for k, v in message["MessageAttributes"].items()}
    assert told["ERROR_CODE"] == "THROTTLING"
    assert told["EXHAUSTED_RETRY_CONDITION"] == condition
    assert told["RETRY_ATTEMPTS"] == retries


@pytest.mark.parametrize("granted", [None, "other"], ids=["no policy", "another rule's policy"])
def test_a_dead_letter_queue_that_does_not_let_the_rule_send_gets_nothing(
    sandbox, rule, queue, automation, granted
):
    dead = queue("dead", rule=granted)
    automation.errors = [ApiError("AccessDeniedException", "no")]
    rule({**START, "DeadLetterConfig": {"Arn": dead.arn}})
    happen(sandbox)
    assert dead.messages() == []
    (loss,) = sandbox.state(Losses, ACCOUNT, REGION)
    assert loss.dead_letter_queue == ""


def test_one_failing_target_keeps_nothing_from_the_others(sandbox, rule, queue):
    closed, open_ = queue("closed", rule=None), queue("open")
    rule({"Arn": closed.arn}, {"Arn": closed.arn + "-gone"}, {"Arn": open_.arn})
    happen(sandbox)
    assert losses(sandbox) == ["NO_PERMISSIONS", "NO_RESOURCE"]
    assert len(open_.bodies()) == 1


FAULTS = [
    pytest.param(lambda f: f.drop(), [0, 0, 1], id="a lost event is not delivered"),
    pytest.param(lambda f: f.duplicate(), [2, 2, 3], id="a doubled event is delivered twice"),
    pytest.param(lambda f: f.delay(60), [0, 1, 2], id="a late event comes later"),
    pytest.param(
        lambda f: f.drop(9, when=lambda rule, event: event["detail"]["resourceId"] != "sg-1"),
        [1, 1, 2],
        id="a fault may be for some events alone",
    ),
]


@pytest.mark.parametrize(("make", "expected"), FAULTS)
def test_tests_can_have_it_that(sandbox, rule, automation, make, expected):
    rule(START)
    make(sandbox.state(DeliveryFaults, ACCOUNT, REGION))
    seen = []
    happen(sandbox)
    seen.append(len(automation.calls))
    sandbox.clock.advance(60)
    sandbox.settle()
    seen.append(len(automation.calls))
    happen(sandbox)
    seen.append(len(automation.calls))
    assert seen == expected


def deploy(sandbox: Sandbox) -> str:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "def handle(event, context):\n    print('got', event['id'])")
    trust = {"Service": "lambda.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": trust, "Action": "sts:AssumeRole"}
    iam = sandbox.client("iam")
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = iam.create_role(RoleName="f", AssumeRolePolicyDocument=text)["Role"]["Arn"]
    statement = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName="f", PolicyName="own", PolicyDocument=text)
    answer = sandbox.client("lambda").create_function(
        FunctionName="f",
        Role=role,
        Runtime="python3.13",
        Handler="app.handle",
        Code={"ZipFile": code.getvalue()},
    )
    return str(answer["FunctionArn"])


def test_a_function_is_invoked_when_its_policy_names_the_rule(sandbox, rule):
    rule({"Arn": deploy(sandbox)})
    happen(sandbox)
    assert losses(sandbox) == ["NO_PERMISSIONS"]
    sandbox.client("lambda").add_permission(
        FunctionName="f",
        StatementId="events",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=RULE,
    )
    event_id = happen(sandbox)
    assert losses(sandbox) == ["NO_PERMISSIONS"]
    logs = sandbox.client("logs").filter_log_events(logGroupName="/aws/lambda/f")["events"]
    assert f"got {event_id}" in [line["message"] for line in logs]
