"""Applications put events of their own; topics and other buses pass them on."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.events import Losses, publish

ACCOUNT = "123456789012"
REGION = "us-east-1"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/drift"
ENTRY = {"Source": "netmend", "DetailType": "Mended", "Detail": '{"n": 1}'}
OWN = {"source": ["netmend"]}

REFUSED = [
    pytest.param(
        {"Source": "aws.config"},
        ("NotAuthorizedForSourceException", "Not authorized for the source."),
        id="a source of AWS",
    ),
    pytest.param(
        {"Detail": "{"}, ("MalformedDetail", "Detail is malformed."), id="a detail, no JSON"
    ),
    pytest.param(
        {"Detail": "[]"}, ("MalformedDetail", "Detail is malformed."), id="a detail, no object"
    ),
    pytest.param(
        {"DetailType": ""},
        (
            "InvalidArgument",
            "Parameter DetailType is not valid. Reason: DetailType is a required argument.",
        ),
        id="no type",
    ),
]


@pytest.mark.parametrize(("change", "expected"), REFUSED)
def test_an_entry_is_refused_by_itself_for(sandbox, rule, queue, change, expected):
    waiting = queue("waiting")
    rule({"Arn": waiting.arn}, pattern=OWN)
    answer = sandbox.client("events").put_events(Entries=[{**ENTRY, **change}, ENTRY])
    sandbox.settle()
    assert answer["FailedEntryCount"] == 1
    refused, taken = answer["Entries"]
    assert (refused["ErrorCode"], refused["ErrorMessage"]) == expected
    assert [event["id"] for event in waiting.bodies()] == [taken["EventId"]]


TOO_MUCH = [
    pytest.param([ENTRY] * 11, id="eleven entries"),
    pytest.param([{**ENTRY, "Detail": json.dumps({"x": "x" * 1_048_576})}], id="over one megabyte"),
]


@pytest.mark.parametrize("entries", TOO_MUCH)
def test_a_request_is_refused_whole_for(sandbox, entries):
    with pytest.raises(ClientError, match="ValidationException"):
        sandbox.client("events").put_events(Entries=entries)


def test_a_rule_with_a_runbook_does_not_keep_others_from_their_events(
    sandbox, rule, queue, automation
):
    waiting = queue("waiting", rule="second")
    document = f"arn:aws:ssm:{REGION}:{ACCOUNT}:automation-definition/Netmend-X"
    rule(
        {"Arn": document, "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/start", "Input": "{}"},
        name="first",
        pattern=OWN,
    )
    rule({"Arn": waiting.arn}, name="second", pattern=OWN)
    assert sandbox.client("events").put_events(Entries=[ENTRY])["FailedEntryCount"] == 0
    sandbox.settle()
    assert len(waiting.bodies()) == 1


def test_an_event_goes_to_the_rules_of_its_own_bus(sandbox, queue):
    events = sandbox.client("events")
    events.create_event_bus(Name="apps")
    waiting = queue("waiting", rule="apps/own")
    events.put_rule(Name="own", EventBusName="apps", EventPattern=json.dumps(OWN))
    target = {"Id": "q", "Arn": waiting.arn, "InputPath": "$.detail"}
    events.put_targets(Rule="own", EventBusName="apps", Targets=[target])
    arn = events.describe_event_bus(Name="apps")["Arn"]
    for bus in ({}, {"EventBusName": "apps"}, {"EventBusName": arn}):
        events.put_events(Entries=[{**ENTRY, **bus}])
    sandbox.settle()
    assert waiting.bodies() == [{"n": 1}, {"n": 1}]


def test_a_bus_passes_events_on_as_they_are(sandbox, rule, queue):
    events = sandbox.client("events")
    arn = events.create_event_bus(Name="audit")["EventBusArn"]
    waiting = queue("waiting", rule="audit/all")
    events.put_rule(Name="all", EventBusName="audit", EventPattern='{"account":["123456789012"]}')
    target = {"Id": "q", "Arn": waiting.arn}
    events.put_targets(Rule="all", EventBusName="audit", Targets=[target])
    rule({"Arn": arn})
    event_id = publish(sandbox, ACCOUNT, REGION, "aws.config", "Change", {"n": 1})
    sandbox.settle()
    (event,) = waiting.bodies()
    assert (event["id"], event["source"]) == (event_id, "aws.config")


def grant(principal: str, action: str, resource: str, source: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": principal},
        "Action": action,
        "Resource": resource,
        "Condition": {"ArnEquals": {"aws:SourceArn": source}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_topic_takes_events_only_when_its_policy_says_so(sandbox, rule):
    sns, sqs = sandbox.client("sns"), sandbox.client("sqs")
    sns.create_topic(Name="alerts")
    queue_arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:mail"
    policy = grant("sns.amazonaws.com", "sqs:SendMessage", queue_arn, TOPIC)
    url = sqs.create_queue(QueueName="mail", Attributes={"Policy": policy})["QueueUrl"]
    sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=queue_arn)
    rule({"Arn": TOPIC, "InputPath": "$.detail"})
    seen = []
    for _ in range(2):
        publish(sandbox, ACCOUNT, REGION, "aws.config", "Change", {"n": 1})
        sandbox.settle()
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        seen.append([json.loads(m["Body"])["Message"] for m in answer.get("Messages", [])])
        sns.set_topic_attributes(
            TopicArn=TOPIC,
            AttributeName="Policy",
            AttributeValue=grant("events.amazonaws.com", "sns:Publish", TOPIC, RULE),
        )
    assert seen == [[], ['{"n":1}']]
    assert [loss.code for loss in sandbox.state(Losses, ACCOUNT, REGION)] == ["NO_PERMISSIONS"]


def test_a_queue_that_does_not_let_the_topic_send_gets_no_notification(sandbox):
    sns, sqs = sandbox.client("sns"), sandbox.client("sqs")
    sns.create_topic(Name="alerts")
    url = sqs.create_queue(QueueName="mail")["QueueUrl"]
    sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:mail")
    sns.publish(TopicArn=TOPIC, Message="hello")
    sandbox.settle()
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_a_subscription_that_would_leave_the_machine_is_refused(sandbox):
    sns = sandbox.client("sns")
    sns.create_topic(Name="alerts")
    with pytest.raises(ClientError, match="no https notifications"):
        sns.subscribe(TopicArn=TOPIC, Protocol="https", Endpoint="https://example.com")
