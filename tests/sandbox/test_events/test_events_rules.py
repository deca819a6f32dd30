"""A rule is taken only when EventBridge would take it and the sandbox can serve it."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
REGION = "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/start"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue"
DOCUMENT = f"arn:aws:ssm:{REGION}:{ACCOUNT}:automation-definition/Netmend-RevokePublicIngress"

TAKEN = [
    pytest.param({"Arn": QUEUE}, id="a queue"),
    pytest.param({"Arn": DOCUMENT, "RoleArn": ROLE}, id="a runbook with a role"),
    pytest.param({"Arn": f"{DOCUMENT}:$DEFAULT", "RoleArn": ROLE}, id="its default version"),
    pytest.param({"Arn": f"{DOCUMENT}:3", "RoleArn": ROLE}, id="a version of it"),
    pytest.param({"Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"}, id="a function"),
    pytest.param({"Arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:topic"}, id="a topic"),
    pytest.param({"Arn": f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/other"}, id="a bus"),
    pytest.param({"Arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/events"}, id="a log group"),
    pytest.param(
        {"Arn": f"{QUEUE}.fifo", "SqsParameters": {"MessageGroupId": "g"}}, id="a FIFO queue"
    ),
    pytest.param({"Arn": QUEUE, "Input": '{"a": 1}'}, id="a constant"),
    pytest.param({"Arn": QUEUE, "InputPath": "$.detail"}, id="a path"),
    pytest.param(
        {
            "Arn": QUEUE,
            "InputTransformer": {"InputPathsMap": {"x": "$.id"}, "InputTemplate": "<x>"},
            "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
            "DeadLetterConfig": {"Arn": QUEUE},
        },
        id="a transformer, a retry policy and a dead-letter queue",
    ),
]


@pytest.mark.parametrize("target", TAKEN)
def test_a_target_is_taken(sandbox, rule, target):
    rule(target)
    (kept,) = sandbox.client("events").list_targets_by_rule(Rule="drift")["Targets"]
    assert kept == {"Id": "t0", **target}


def transformer(template: str, **paths: str) -> dict[str, object]:
    return {"InputPathsMap": paths, "InputTemplate": template}


REFUSED = [
    pytest.param({"Arn": "queue"}, "not valid", id="no ARN"),
    pytest.param(
        {"Arn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:m"},
        "can't serve the target .*stateMachine:m",
        id="a target that the sandbox does not serve",
    ),
    pytest.param(
        {"Arn": f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/D", "RoleArn": ROLE},
        "can't serve",
        id="Run Command",
    ),
    pytest.param(
        {"Arn": QUEUE + ".fifo"}, "MessageGroupId is required", id="a FIFO queue without a group"
    ),
    pytest.param({"Arn": DOCUMENT}, "RoleArn is required", id="a runbook without a role"),
    pytest.param({"Arn": QUEUE, "RoleArn": ROLE}, "RoleArn is not supported", id="a queue's role"),
    pytest.param(
        {"Arn": QUEUE, "SqsParameters": {"MessageGroupId": "g"}},
        "SqsParameters is not supported",
        id="a group for a standard queue",
    ),
    pytest.param(
        {"Arn": QUEUE, "KinesisParameters": {"PartitionKeyPath": "$.id"}},
        "can't serve KinesisParameters",
        id="a setting that nothing here reads",
    ),
    pytest.param({"Arn": QUEUE, "Input": "text"}, "JSON syntax error", id="a constant, no JSON"),
    pytest.param(
        {"Arn": QUEUE, "Input": "{}", "InputPath": "$.detail"},
        "Only one of Input, InputPath, or InputTransformer must be provided for target t0",
        id="two kinds of input",
    ),
    pytest.param({"Arn": QUEUE, "InputPath": "detail"}, "dot notation", id="a path with no root"),
    pytest.param(
        {"Arn": QUEUE, "InputTransformer": transformer('"<y>"', x="$.id")},
        "InputTemplate for target t0 contains invalid placeholder y",
        id="an unknown variable",
    ),
    pytest.param(
        {"Arn": QUEUE, "InputTransformer": transformer('"x"', **{"aws.x": "$.id"})},
        "reserved key",
        id="a reserved variable",
    ),
    pytest.param(
        {"Arn": QUEUE, "RetryPolicy": {"MaximumRetryAttempts": 186}},
        "from 0 to 185",
        id="too many attempts",
    ),
    pytest.param(
        {"Arn": QUEUE, "RetryPolicy": {"MaximumEventAgeInSeconds": 86_401}},
        "from 60 to 86400",
        id="too long a life",
    ),
    pytest.param(
        {"Arn": QUEUE, "DeadLetterConfig": {"Arn": QUEUE.replace(REGION, "eu-west-1")}},
        "no standard SQS queue in us-east-1",
        id="a dead-letter queue of another Region",
    ),
]


@pytest.mark.parametrize(("target", "words"), REFUSED)
def test_a_target_is_refused_for(rule, target, words):
    with pytest.raises(ClientError, match=words) as raised:
        rule(target)
    assert raised.value.response["Error"]["Code"] == "ValidationException"


def test_a_rule_has_five_targets(rule):
    rule(*[{"Arn": QUEUE}] * 5)
    with pytest.raises(ClientError, match="LimitExceededException"):
        rule(*[{"Arn": QUEUE}] * 6)


def test_a_template_is_held_to_the_same(sandbox):
    resource = {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "EventPattern": {"source": ["aws.config"]},
            "Targets": [{"Id": "a", "Arn": DOCUMENT}],
        },
    }
    from moto.events.models import Rule

    from netmend.sandbox.api import ApiError

    with pytest.raises(ApiError, match="RoleArn is required"):
        Rule.create_from_cloudformation_json("drift", resource, ACCOUNT, REGION)


def test_an_archive_is_refused(sandbox):
    bus = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"
    with pytest.raises(ClientError, match="CreateArchive"):
        sandbox.client("events").create_archive(ArchiveName="a", EventSourceArn=bus)
