"""Queues, topics, rules, log groups and alarms are made, changed and deleted by stacks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox
from tests.sandbox.cloudformation_cases import (
    ACCOUNT,
    QUEUE,
    QUEUE_URL,
    REGION,
    ROLE,
    TOPIC,
    Case,
    follow,
    pairs,
    policy,
    prepare,
    tags,
)
from tests.sandbox.cloudformation_readers import queue, topic


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Sandbox:
    started.reset()
    prepare(started)
    return started


def rule(sandbox: Sandbox, name: str) -> dict[str, Any]:
    events = sandbox.client("events")
    found = events.describe_rule(Name=name)
    return {
        "pattern": json.loads(found["EventPattern"]),
        "state": found["State"],
        "description": found.get("Description"),
        "targets": events.list_targets_by_rule(Rule=name)["Targets"],
    }


def queue_policy(sandbox: Sandbox, _: str) -> dict[str, Any]:
    sqs = sandbox.client("sqs")
    kept = sqs.get_queue_attributes(QueueUrl=QUEUE_URL, AttributeNames=["Policy"])
    text = kept.get("Attributes", {}).get("Policy")
    if not text:
        raise ClientError({"Error": {"Code": "NotFound", "Message": ""}}, "GetQueueAttributes")
    return {"action": json.loads(text)["Statement"][0]["Action"]}


def topic_policy(sandbox: Sandbox, _: str) -> dict[str, Any]:
    kept = sandbox.client("sns").get_topic_attributes(TopicArn=TOPIC)["Attributes"]
    statement = json.loads(kept["Policy"])["Statement"]
    statement = statement[0] if isinstance(statement, list) else statement
    if statement.get("Sid") == "__default_statement_ID":
        raise ClientError({"Error": {"Code": "NotFound", "Message": ""}}, "GetTopicAttributes")
    return {"principal": statement["Principal"]["Service"]}


def subscription(sandbox: Sandbox, arn: str) -> dict[str, Any]:
    kept = sandbox.client("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    return {"endpoint": kept["Endpoint"], "raw": kept.get("RawMessageDelivery", "false")}


def log_group(sandbox: Sandbox, name: str) -> dict[str, Any]:
    logs = sandbox.client("logs")
    for found in logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]:
        arn = found["arn"].removesuffix(":*")
        kept = logs.list_tags_for_resource(resourceArn=arn)["tags"]
        return {"days": found.get("retentionInDays"), "tags": kept}
    raise ClientError({"Error": {"Code": "NotFound", "Message": ""}}, "DescribeLogGroups")


def alarm(sandbox: Sandbox, name: str) -> dict[str, Any]:
    client = sandbox.client("cloudwatch")
    for found in client.describe_alarms(AlarmNames=[name])["MetricAlarms"]:
        return {
            "threshold": found["Threshold"],
            "actions": found["AlarmActions"],
            "missing": found.get("TreatMissingData"),
            "tags": pairs(client.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"]),
        }
    raise ClientError({"Error": {"Code": "NotFound", "Message": ""}}, "DescribeAlarms")


TARGET = {
    "Arn": f"arn:aws:ssm:{REGION}:{ACCOUNT}:automation-definition/Netmend-X:$DEFAULT",
    "Id": "runbook",
    "RoleArn": ROLE,
    "InputTransformer": {
        "InputPathsMap": {"id": "$.detail.resourceId"},
        "InputTemplate": '{"ResourceId": [<id>]}',
    },
    "DeadLetterConfig": {"Arn": QUEUE},
    "RetryPolicy": {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 5},
}


PATTERN = {"source": ["aws.config"], "detail": {"messageType": ["ComplianceChangeNotification"]}}


ALARM = {
    "Namespace": "AWS/SQS",
    "MetricName": "ApproximateNumberOfMessagesVisible",
    "Dimensions": [{"Name": "QueueName", "Value": "standing"}],
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": "1",
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "TreatMissingData": "notBreaching",
}


CASES = [
    Case(
        "AWS::Events::Rule",
        {
            "Name": "netmend-made",
            "Description": "first",
            "EventPattern": PATTERN,
            "State": "ENABLED",
            "Targets": [TARGET, {"Arn": QUEUE, "Id": "queue"}],
        },
        {
            "Name": "netmend-made",
            "Description": "later",
            "EventPattern": {"source": ["aws.ec2"]},
            "State": "DISABLED",
            "Targets": [{**TARGET, "RetryPolicy": {"MaximumRetryAttempts": 2}}],
        },
        rule,
        {
            "pattern": PATTERN,
            "state": "ENABLED",
            "description": "first",
            "targets": [TARGET, {"Arn": QUEUE, "Id": "queue"}],
        },
        {
            "pattern": {"source": ["aws.ec2"]},
            "state": "DISABLED",
            "description": "later",
            "targets": [{**TARGET, "RetryPolicy": {"MaximumRetryAttempts": 2}}],
        },
        attributes={"Arn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/netmend-made"},
    ),
    Case(
        "AWS::SQS::Queue",
        {
            "QueueName": "made",
            "MessageRetentionPeriod": 1209600,
            "SqsManagedSseEnabled": True,
            "RedrivePolicy": {"deadLetterTargetArn": QUEUE, "maxReceiveCount": 3},
            "Tags": tags(a="1"),
        },
        {"QueueName": "made", "VisibilityTimeout": 60, "Tags": tags(b="2")},
        queue,
        {
            "retention": "1209600",
            "visible": "30",
            "redrive": {"deadLetterTargetArn": QUEUE, "maxReceiveCount": 3},
            "tags": {"a": "1"},
        },
        {"retention": "345600", "visible": "60", "redrive": {}, "tags": {"b": "2"}},
        attributes={"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:made", "QueueName": "made"},
    ),
    Case(
        "AWS::SQS::QueuePolicy",
        {"Queues": [QUEUE_URL], "PolicyDocument": policy("sqs:SendMessage", QUEUE, AWS="*")},
        {"Queues": [QUEUE_URL], "PolicyDocument": policy("sqs:ReceiveMessage", QUEUE, AWS="*")},
        queue_policy,
        {"action": "sqs:SendMessage"},
        {"action": "sqs:ReceiveMessage"},
    ),
    Case(
        "AWS::SNS::Topic",
        {
            "TopicName": "made",
            "DisplayName": "Made",
            "Subscription": [{"Protocol": "sqs", "Endpoint": QUEUE}],
            "Tags": tags(a="1"),
        },
        {"TopicName": "made", "DisplayName": "Later", "Tags": tags(b="2")},
        topic,
        {"display": "Made", "tags": {"a": "1"}, "subscribers": [QUEUE]},
        {"display": "Later", "tags": {"b": "2"}, "subscribers": []},
        attributes={"TopicName": "made", "TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:made"},
    ),
    Case(
        "AWS::SNS::TopicPolicy",
        {
            "Topics": [TOPIC],
            "PolicyDocument": policy("sns:Publish", TOPIC, Service="events.amazonaws.com"),
        },
        {
            "Topics": [TOPIC],
            "PolicyDocument": policy("sns:Publish", TOPIC, Service="config.amazonaws.com"),
        },
        topic_policy,
        {"principal": "events.amazonaws.com"},
        {"principal": "config.amazonaws.com"},
    ),
    Case(
        "AWS::SNS::Subscription",
        {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": QUEUE, "RawMessageDelivery": True},
        {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": QUEUE, "RawMessageDelivery": False},
        subscription,
        {"endpoint": QUEUE, "raw": "true"},
        {"endpoint": QUEUE, "raw": "false"},
    ),
    Case(
        "AWS::Logs::LogGroup",
        {"LogGroupName": "/made", "RetentionInDays": 90, "Tags": tags(a="1")},
        {"LogGroupName": "/made", "Tags": tags(b="2")},
        log_group,
        {"days": 90, "tags": {"a": "1"}},
        {"days": None, "tags": {"b": "2"}},
        attributes={"Arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/made:*"},
    ),
    Case(
        "AWS::CloudWatch::Alarm",
        {
            **ALARM,
            "AlarmName": "made",
            "Threshold": 1,
            "AlarmActions": [TOPIC],
            "Tags": tags(a="1"),
        },
        {**ALARM, "AlarmName": "made", "Threshold": 2.5, "Tags": tags(b="2")},
        alarm,
        {
            "threshold": 1.0,
            "actions": [TOPIC],
            "missing": "notBreaching",
            "tags": {"a": "1"},
        },
        {"threshold": 2.5, "actions": [], "missing": "notBreaching", "tags": {"b": "2"}},
        attributes={"Arn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:made"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_it_is_made_changed_and_deleted(sandbox: Sandbox, case: Case) -> None:
    for found, expected in follow(sandbox, case):
        assert found == expected
