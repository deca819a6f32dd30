"""Who may invoke what, and what becomes of an event that nobody waits for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox import functions
from netmend.sandbox.api import ApiError
from netmend.sandbox.core import Sandbox

ACCOUNT = "123456789012"
REGION = "us-east-1"
RULE = f"arn:aws:config:{REGION}:{ACCOUNT}:config-rule/config-rule-abc123"
ECHO = "def handle(event, context):\n    return event"
FAILING = (
    "n = 0\ndef handle(event, context):\n    global n\n    n += 1\n"
    "    print('try', n)\n    raise ValueError('again')"
)
LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]


def run(sandbox: Sandbox, payload: str = "{}", **more: Any) -> functions.Invocation:
    return functions.invoke(sandbox, "mender", payload, account=ACCOUNT, region=REGION, **more)


def tries(sandbox: Sandbox) -> int:
    logs = sandbox.client("logs")
    group = "/aws/lambda/mender"
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    names = [stream["logStreamName"] for stream in streams]
    found = [logs.get_log_events(logGroupName=group, logStreamName=name) for name in names]
    lines = [event["message"] for answer in found for event in answer["events"]]
    return sum(line.startswith("try ") for line in lines)


def queue(sandbox: Sandbox) -> tuple[str, str]:
    url = sandbox.client("sqs").create_queue(QueueName="failures")["QueueUrl"]
    return url, f"arn:aws:sqs:{REGION}:{ACCOUNT}:failures"


def messages(sandbox: Sandbox, url: str) -> list[dict[str, Any]]:
    answer = sandbox.client("sqs").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )
    return list(answer.get("Messages", []))


REFUSED = [
    pytest.param({"FunctionName": "absent"}, "ResourceNotFoundException", id="an unknown function"),
    pytest.param(
        {"Payload": "{no json"}, "InvalidRequestContentException", id="an event that is no JSON"
    ),
    pytest.param(
        {"Payload": '"' + "x" * 6_291_456 + '"'},
        "RequestTooLargeException",
        id="an event of more than 6 MB",
    ),
    pytest.param(
        {"Payload": '"' + "x" * 1_048_576 + '"', "InvocationType": "Event"},
        "RequestTooLargeException",
        id="an asynchronous event of more than 1 MB",
    ),
]


@pytest.mark.parametrize(("request_", "code"), REFUSED)
def test_invoke_is_refused_for(sandbox, deploy, request_, code):
    deploy(ECHO)
    with pytest.raises(ClientError) as raised:
        sandbox.client("lambda").invoke(**{"FunctionName": "mender", **request_})
    assert raised.value.response["Error"]["Code"] == code


def test_a_function_is_known_by_name_arn_and_partial_arn(sandbox, deploy):
    arn = deploy(ECHO)
    client = sandbox.client("lambda")
    for name in ("mender", arn, f"{arn}:$LATEST", f"{ACCOUNT}:function:mender"):
        assert client.invoke(FunctionName=name, Payload="1")["Payload"].read() == b"1"


GRANT = {"Principal": "config.amazonaws.com", "SourceAccount": ACCOUNT}
PRINCIPALS = [
    pytest.param(None, GRANT, False, id="nothing is granted"),
    pytest.param(GRANT, GRANT, True, id="the service and account are granted"),
    pytest.param(
        {"Principal": "events.amazonaws.com"}, GRANT, False, id="another service is granted"
    ),
    pytest.param(
        {**GRANT, "SourceAccount": "210987654321"}, GRANT, False, id="another account is granted"
    ),
    pytest.param(
        {"Principal": "config.amazonaws.com", "SourceArn": RULE}, GRANT, True, id="the source is"
    ),
    pytest.param(
        {"Principal": "config.amazonaws.com", "SourceArn": RULE + "-other"},
        GRANT,
        False,
        id="another source is granted",
    ),
]


@pytest.mark.parametrize(("granted", "asks", "allowed"), PRINCIPALS)
def test_a_service_invokes_only_what_the_functions_policy_lets_it(
    sandbox, deploy, granted, asks, allowed
):
    deploy(ECHO)
    if granted:
        sandbox.client("lambda").add_permission(
            FunctionName="mender", StatementId="s", Action="lambda:InvokeFunction", **granted
        )
    source = {"principal": asks["Principal"], "source_account": ACCOUNT, "source_arn": RULE}
    if allowed:
        assert run(sandbox, "7", **source).payload_text == "7"
        return
    with pytest.raises(ApiError) as raised:
        run(sandbox, "7", **source)
    assert raised.value.code == "AccessDeniedException"


def test_a_role_that_does_not_trust_lambda_runs_nothing(sandbox, deploy):
    deploy(ECHO)
    iam = sandbox.client("iam")
    trust = iam.get_role(RoleName="mender")["Role"]["AssumeRolePolicyDocument"]
    trust["Statement"][0]["Principal"] = {"Service": "ec2.amazonaws.com"}
    iam.update_assume_role_policy(RoleName="mender", PolicyDocument=json.dumps(trust))
    with pytest.raises(ApiError, match="cannot be assumed by Lambda"):
        run(sandbox)


def test_no_reserved_concurrency_means_no_invocation(sandbox, deploy):
    deploy(ECHO)
    sandbox.client("lambda").put_function_concurrency(
        FunctionName="mender", ReservedConcurrentExecutions=0
    )
    with pytest.raises(ApiError, match="TooManyRequestsException"):
        run(sandbox)


@pytest.mark.parametrize("settings", [{"Runtime": "nodejs22.x"}], ids=["another language"])
def test_the_sandbox_names_what_it_can_not_run(sandbox, deploy, settings):
    deploy(ECHO, **settings)
    with pytest.raises(NotImplementedError, match="nodejs22"):
        run(sandbox)


def test_an_asynchronous_event_is_taken_at_once_and_worked_on_later(sandbox, deploy):
    deploy("def handle(event, context):\n    print('try 1', event)")
    answer = sandbox.client("lambda").invoke(
        FunctionName="mender", InvocationType="Event", Payload='{"n": 1}'
    )
    assert answer["StatusCode"] == 202
    assert sandbox.client("logs").describe_log_groups()["logGroups"] == []
    sandbox.settle()
    assert tries(sandbox) == 1


def test_an_asynchronous_event_is_tried_again_after_one_and_two_minutes(sandbox, deploy):
    deploy(FAILING)
    functions.invoke_later(sandbox, "mender", "{}", account=ACCOUNT, region=REGION)
    seen = []
    for wait in (0, 59, 1, 119, 1, 86_400):
        sandbox.clock.advance(wait)
        sandbox.settle()
        seen.append(tries(sandbox))
    assert seen == [1, 1, 2, 2, 3, 3]


def test_a_function_may_ask_for_fewer_tries(sandbox, deploy):
    deploy(FAILING)
    sandbox.client("lambda").put_function_event_invoke_config(
        FunctionName="mender", MaximumRetryAttempts=0
    )
    functions.invoke_later(sandbox, "mender", "{}", account=ACCOUNT, region=REGION)
    sandbox.settle()
    sandbox.clock.advance(86_400)
    sandbox.settle()
    assert tries(sandbox) == 1


def test_an_event_that_failed_for_good_goes_to_the_dead_letter_queue(sandbox, deploy):
    url, arn = queue(sandbox)
    deploy(FAILING, actions=[*LOGS, "sqs:SendMessage"], DeadLetterConfig={"TargetArn": arn})
    request_id = fail_for_good(sandbox)
    (message,) = messages(sandbox, url)
    assert json.loads(message["Body"]) == {"n": 1}
    attributes = {k: v["StringValue"] for k, v in message["MessageAttributes"].items()}
    assert attributes == {"RequestID": request_id, "ErrorCode": "200", "ErrorMessage": "again"}
    shown = sandbox.client("lambda").get_function_configuration(FunctionName="mender")
    assert shown["DeadLetterConfig"] == {"TargetArn": arn}


def fail_for_good(sandbox: Sandbox) -> str:
    request_id = functions.invoke_later(
        sandbox, "mender", '{"n": 1}', account=ACCOUNT, region=REGION
    )
    for _ in range(3):
        sandbox.settle()
        sandbox.clock.advance(120)
    return request_id


def test_a_role_that_may_not_send_loses_the_event(sandbox, deploy):
    url, arn = queue(sandbox)
    deploy(FAILING, DeadLetterConfig={"TargetArn": arn})
    fail_for_good(sandbox)
    assert messages(sandbox, url) == []


@pytest.mark.parametrize(
    ("code", "kind", "condition"),
    [
        pytest.param(FAILING, "OnFailure", "RetriesExhausted", id="a failure"),
        pytest.param(ECHO, "OnSuccess", "Success", id="a success"),
    ],
)
def test_a_destination_gets_a_record_of(sandbox, deploy, code, kind, condition):
    url, arn = queue(sandbox)
    deploy(code, actions=[*LOGS, "sqs:SendMessage"])
    sandbox.client("lambda").put_function_event_invoke_config(
        FunctionName="mender", DestinationConfig={kind: {"Destination": arn}}
    )
    request_id = fail_for_good(sandbox)
    (message,) = messages(sandbox, url)
    record = json.loads(message["Body"])
    assert record["requestContext"]["condition"] == condition
    assert record["requestContext"]["requestId"] == request_id
    assert record["requestPayload"] == {"n": 1}


def test_a_bus_gets_the_record_as_an_event(sandbox, deploy):
    url, arn = queue(sandbox)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    sandbox.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    events = sandbox.client("events")
    pattern = {"source": ["lambda"], "detail": {"requestPayload": {"n": [1]}}}
    events.put_rule(Name="results", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="results", Targets=[{"Id": "1", "Arn": arn}])
    bus = events.describe_event_bus(Name="default")["Arn"]
    deploy(FAILING, actions=[*LOGS, "events:PutEvents"])
    sandbox.client("lambda").put_function_event_invoke_config(
        FunctionName="mender", DestinationConfig={"OnFailure": {"Destination": bus}}
    )
    fail_for_good(sandbox)
    sandbox.settle()
    (message,) = messages(sandbox, url)
    event = json.loads(message["Body"])
    assert event["detail-type"] == "Lambda Function Invocation Result - Failure"
    assert event["detail"]["responsePayload"]["errorMessage"] == "again"


def test_a_function_gets_the_record_as_its_event(sandbox, deploy):
    url, arn = queue(sandbox)
    deploy(ECHO, "heir", actions=[*LOGS, "sqs:SendMessage"])
    sandbox.client("lambda").put_function_event_invoke_config(
        FunctionName="heir", DestinationConfig={"OnSuccess": {"Destination": arn}}
    )
    heir = sandbox.client("lambda").get_function(FunctionName="heir")["Configuration"]
    deploy(FAILING, actions=[*LOGS, "lambda:InvokeFunction"])
    sandbox.client("lambda").put_function_event_invoke_config(
        FunctionName="mender",
        DestinationConfig={"OnFailure": {"Destination": heir["FunctionArn"]}},
    )
    fail_for_good(sandbox)
    (message,) = messages(sandbox, url)
    assert json.loads(message["Body"])["requestPayload"]["requestPayload"] == {"n": 1}


def test_a_destination_that_nothing_would_reach_is_refused(sandbox, deploy):
    deploy(ECHO)
    wanted = {"OnFailure": {"Destination": "arn:aws:s3:::results"}}
    with pytest.raises(ClientError, match="use a queue, a topic"):
        sandbox.client("lambda").put_function_event_invoke_config(
            FunctionName="mender", DestinationConfig=wanted
        )
