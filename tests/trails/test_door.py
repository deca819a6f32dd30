"""Over HTTP the same calls are recorded, refused and announced as in process."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.door.test_door import Door

ACCOUNT = "123456789012"
REGION = "us-east-1"
RECORD = {
    "Name": "*.example.com",
    "Type": "A",
    "TTL": 60,
    "ResourceRecords": [{"Value": "192.0.2.1"}],
}


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    opened = Door()
    yield opened
    assert opened.end() == 0


def heard(sqs: Any, url: str) -> list[dict[str, Any]]:
    for _ in range(100):  # the engine works on a thread of its own
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        if found:
            return [json.loads(message["Body"]) for message in found]
        time.sleep(0.05)
    return []


def test_a_change_of_dns_is_refused_recorded_and_heard_of(door):
    sqs, events, dns = (door.client(name) for name in ("sqs", "events", "route53"))
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:heard"
    grant = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [grant]})
    url = sqs.create_queue(QueueName="heard", Attributes={"Policy": policy})["QueueUrl"]
    pattern = {"detail": {"eventName": ["ChangeResourceRecordSets"]}}
    events.put_rule(Name="dns", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="dns", Targets=[{"Id": "q", "Arn": arn}])
    zone = dns.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": RECORD}]}
    dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
    (event,) = heard(sqs, url)
    assert event["detail"]["userAgent"].startswith("Boto3/")
    with pytest.raises(ClientError) as raised:
        dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
    error = raised.value.response["Error"]
    assert error["Code"] == "InvalidChangeBatch"
    assert error["Message"] == (
        "[Tried to create resource record set [name='\\052.example.com.', type='A'] "
        "but it already exists]"
    )
    listed = dns.list_resource_record_sets(HostedZoneId=zone, StartRecordName="*.example.com")
    names = [found["Name"] for found in listed["ResourceRecordSets"]]
    assert names == ["\\052.example.com."]
    found = door.client("cloudtrail").lookup_events(
        LookupAttributes=[
            {"AttributeKey": "EventName", "AttributeValue": "ChangeResourceRecordSets"}
        ]
    )["Events"]
    refused, done = [json.loads(one["CloudTrailEvent"]) for one in found]
    assert refused["errorCode"] == "InvalidChangeBatch"
    assert refused["errorMessage"] == error["Message"]
    assert "errorCode" not in done


def post(door: Door, name: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{door.url}/_netmend/{name}", json.dumps(body).encode(), method="POST"
    )
    with urllib.request.urlopen(request) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def test_a_schedule_fires_when_the_clock_is_moved(door):
    iam, sqs, scheduler = (door.client(name) for name in ("iam", "sqs", "scheduler"))
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    grant = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    texts = [json.dumps({"Version": "2012-10-17", "Statement": [one]}) for one in (trust, grant)]
    role = iam.create_role(RoleName="waker", AssumeRolePolicyDocument=texts[0])["Role"]["Arn"]
    iam.put_role_policy(RoleName="waker", PolicyName="own", PolicyDocument=texts[1])
    url = sqs.create_queue(QueueName="woken")["QueueUrl"]
    before = post(door, "clock", {})["now"]
    scheduler.create_schedule(
        Name="s",
        ScheduleExpression="cron(0 12 * * ? *)",
        ScheduleExpressionTimezone="Europe/Berlin",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:woken",
            "RoleArn": role,
            "Input": '{"a":1}',
        },
    )
    assert post(door, "clock", {"advance": 86_400})["now"] >= before + 86_400
    assert heard(sqs, url) == [{"a": 1}]
