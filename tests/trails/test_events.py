"""Recorded calls reach the rules that ask for them, and LookupEvents finds them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox

ACCOUNT = "123456789012"
REGION = "us-east-1"
CALLS = {"detail-type": ["AWS API Call via CloudTrail"]}


class Listener:
    """A rule and the queue that hears from it."""

    def __init__(self, sandbox: Sandbox, pattern: dict[str, Any], state: str, region: str) -> None:
        self._sqs = sandbox.client("sqs", region)
        arn = f"arn:aws:sqs:{region}:{ACCOUNT}:heard"
        grant = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [grant]})
        self._url = self._sqs.create_queue(QueueName="heard", Attributes={"Policy": policy})[
            "QueueUrl"
        ]
        events = sandbox.client("events", region)
        events.put_rule(Name="calls", EventPattern=json.dumps(pattern), State=state)
        events.put_targets(Rule="calls", Targets=[{"Id": "q", "Arn": arn}])
        sandbox.settle()
        self.heard()

    def heard(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            messages = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10)
            if not messages.get("Messages"):
                return found
            found += [json.loads(message["Body"]) for message in messages["Messages"]]


@pytest.fixture
def listen(sandbox):
    def make(state: str = "ENABLED", region: str = REGION, **detail: Any) -> Listener:
        return Listener(
            sandbox, {**CALLS, "detail": {**detail}} if detail else CALLS, state, region
        )

    return make


def names(listener: Listener) -> list[str]:
    return [event["detail"]["eventName"] for event in listener.heard()]


def test_a_call_is_an_event_of_its_service(sandbox, listen):
    listener = listen(eventName=["CreateSecurityGroup"])
    sandbox.client("ec2").create_security_group(GroupName="g", Description="d")
    sandbox.settle()
    (event,) = listener.heard()
    assert (event["source"], event["account"], event["region"]) == ("aws.ec2", ACCOUNT, REGION)
    assert event["detail"]["requestParameters"]["groupName"] == "g"
    assert event["detail"]["responseElements"]["groupId"].startswith("sg-")


def test_a_refused_call_is_an_event_too(sandbox, listen):
    listener = listen(errorCode=[{"exists": True}])
    with pytest.raises(ClientError):
        sandbox.client("ec2").delete_security_group(GroupId="sg-0123456789abcdef0")
    sandbox.settle()
    assert names(listener) == ["DeleteSecurityGroup"]


STATES = [
    pytest.param("ENABLED", [], id="an enabled rule hears of no reads"),
    pytest.param(
        "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", ["DescribeVpcs"], id="one for all does"
    ),
    pytest.param("DISABLED", [], id="a disabled rule hears nothing"),
]


@pytest.mark.parametrize(("state", "expected"), STATES)
def test_of_reads(sandbox, listen, state, expected):
    listener = listen(state, eventSource=["ec2.amazonaws.com"])
    sandbox.client("ec2").describe_vpcs()
    sandbox.settle()
    assert names(listener) == expected


def test_an_event_happens_in_its_own_region(sandbox, listen):
    listener = listen(eventSource=["ec2.amazonaws.com"])
    sandbox.client("ec2", "eu-west-1").create_security_group(GroupName="g", Description="d")
    sandbox.settle()
    assert names(listener) == []


def test_a_change_of_dns_is_an_event_of_the_home_region(sandbox, listen):
    listener = listen(eventSource=["route53.amazonaws.com"])
    dns = sandbox.client("route53", "eu-west-1")
    zone = dns.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    record = {
        "Name": "a.example.com",
        "Type": "A",
        "TTL": 60,
        "ResourceRecords": [{"Value": "1.2.3.4"}],
    }
    dns.change_resource_record_sets(
        HostedZoneId=zone,
        ChangeBatch={
            "Comment": "why",
            "Changes": [{"Action": "CREATE", "ResourceRecordSet": record}],
        },
    )
    sandbox.settle()
    created, changed = listener.heard()
    assert created["detail"]["eventName"] == "CreateHostedZone"
    detail = changed["detail"]
    assert (changed["region"], changed["source"]) == (REGION, "aws.route53")
    assert detail["requestParameters"]["hostedZoneId"] == zone.rpartition("/")[2]
    batch = detail["requestParameters"]["changeBatch"]
    assert batch["comment"] == "why"
    assert batch["changes"][0]["resourceRecordSet"] == {
        "name": "a.example.com",
        "type": "A",
        "tTL": 60,
        "resourceRecords": [{"value": "1.2.3.4"}],
    }
    info = detail["responseElements"]["changeInfo"]
    assert info["status"] == "PENDING"
    assert info["submittedAt"].endswith(("AM", "PM"))
    assert detail["additionalEventData"] == {"Note": "Do not use to reconstruct hosted zone"}


LOOKUPS = [
    pytest.param("EventName", "CreateSecurityGroup", ["CreateSecurityGroup"], id="a name"),
    pytest.param("EventSource", "iam.amazonaws.com", ["CreateUser"], id="a source"),
    pytest.param("ReadOnly", "true", ["DescribeVpcs"], id="reads"),
    pytest.param("Username", "nobody", [], id="somebody else"),
    pytest.param("ResourceName", "g", ["CreateSecurityGroup"], id="what it was about"),
]


@pytest.mark.parametrize(("key", "value", "expected"), LOOKUPS)
def test_a_trail_is_looked_through_by(sandbox, key, value, expected):
    sandbox.client("ec2").create_security_group(GroupName="g", Description="d")
    sandbox.client("iam").create_user(UserName="u")
    sandbox.client("ec2").describe_vpcs()
    found = sandbox.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": key, "AttributeValue": value}]
    )["Events"]
    assert [event["EventName"] for event in found] == expected
    assert all(
        json.loads(event["CloudTrailEvent"])["eventID"] == event["EventId"] for event in found
    )


def test_a_trail_is_paged_the_newest_first(sandbox):
    for number in range(5):
        sandbox.client("iam").create_user(UserName=f"u{number}")
    trail = sandbox.client("cloudtrail")
    pages = trail.get_paginator("lookup_events").paginate(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}],
        PaginationConfig={"PageSize": 2},
    )
    found = [json.loads(e["CloudTrailEvent"]) for page in pages for e in page["Events"]]
    users = [record["requestParameters"]["userName"] for record in found]
    assert users == ["u4", "u3", "u2", "u1", "u0"]


def test_a_trail_is_looked_through_between_two_moments(sandbox):
    iam, trail = sandbox.client("iam"), sandbox.client("cloudtrail")
    iam.create_user(UserName="early")
    sandbox.clock.advance(3600)
    middle = sandbox.clock.now() - timedelta(minutes=30)
    iam.create_user(UserName="late")
    wanted = [{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}]
    for window, expected in (({"StartTime": middle}, 1), ({"EndTime": middle}, 1), ({}, 2)):
        assert len(trail.lookup_events(LookupAttributes=wanted, **window)["Events"]) == expected
