"""Events cross to other buses, accounts and Regions once, and only where a policy lets them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox
from netmend.sandbox.events import Losses, publish

ACCOUNT = "123456789012"
OTHER = "210987654321"
THIRD = "333333333333"
REGION = "us-east-1"
ENTRY = {"Source": "netmend", "DetailType": "Mended", "Detail": '{"n": 1}'}


def bus_arn(account: str, region: str = REGION, name: str = "default") -> str:
    return f"arn:aws:events:{region}:{account}:event-bus/{name}"


class Account:
    """Another account, by the door into accounts that nobody made."""

    def __init__(self, sandbox: Sandbox, account: str, region: str = REGION) -> None:
        self.account, self.region, self._sandbox = account, region, sandbox
        self._keys = None
        if account != ACCOUNT:
            sts = sandbox.client("sts")
            role = f"arn:aws:iam::{account}:role/admin"
            answer = sts.assume_role(RoleArn=role, RoleSessionName="test")
            self._keys = answer["Credentials"]

    def client(self, service: str) -> Any:
        return self._sandbox.client(service, self.region, self._keys)

    def admit(self, *principals: str, condition: dict[str, Any] | None = None) -> None:
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": [f"arn:aws:iam::{name}:root" for name in principals]},
            "Action": "events:PutEvents",
            "Resource": bus_arn(self.account, self.region),
        }
        if condition:
            statement["Condition"] = condition
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.client("events").put_permission(EventBusName="default", Policy=policy)

    def listen(self) -> Any:
        arn = f"arn:aws:sqs:{self.region}:{self.account}:heard"
        grant = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [grant]})
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName="heard", Attributes={"Policy": policy})["QueueUrl"]
        self.rule("hear", {"Arn": arn})

        def heard() -> list[dict[str, Any]]:
            answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
            return [json.loads(message["Body"]) for message in answer.get("Messages", [])]

        return heard

    def rule(self, name: str, target: dict[str, Any]) -> None:
        events = self.client("events")
        pattern = json.dumps({"source": ["netmend", "aws.config"]})
        events.put_rule(Name=name, EventPattern=pattern)
        events.put_targets(Rule=name, Targets=[{"Id": "t", **target}])

    def forward(self, to: str, *, granted: bool = True) -> None:
        iam = self.client("iam")
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        text = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        role = iam.create_role(RoleName="forward", AssumeRolePolicyDocument=text)["Role"]["Arn"]
        if granted:
            grant = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": "*"}
            text = json.dumps({"Version": "2012-10-17", "Statement": [grant]})
            iam.put_role_policy(RoleName="forward", PolicyName="own", PolicyDocument=text)
        self.rule("forward", {"Arn": to, "RoleArn": role})


@pytest.fixture
def home(sandbox):
    return Account(sandbox, ACCOUNT)


@pytest.fixture
def other(sandbox):
    return Account(sandbox, OTHER)


def drift(sandbox: Sandbox) -> str:
    event_id = publish(sandbox, ACCOUNT, REGION, "aws.config", "Change", {"n": 1})
    sandbox.settle()
    return event_id


def test_an_event_arrives_in_another_account_as_the_senders(sandbox, home, other):
    other.admit(ACCOUNT)
    heard = other.listen()
    home.forward(bus_arn(OTHER))
    event_id = drift(sandbox)
    (event,) = heard()
    assert (event["id"], event["account"], event["source"]) == (event_id, ACCOUNT, "aws.config")


ORGANISED = {"StringEquals": {"aws:PrincipalAccount": THIRD}}
CLOSED = [
    pytest.param(lambda o, h: h.forward(bus_arn(OTHER)), id="the bus has no policy"),
    pytest.param(
        lambda o, h: (o.admit(THIRD), h.forward(bus_arn(OTHER))), id="its policy names another"
    ),
    pytest.param(
        lambda o, h: (o.admit(ACCOUNT, condition=ORGANISED), h.forward(bus_arn(OTHER))),
        id="its condition is not met",
    ),
    pytest.param(
        lambda o, h: (o.admit(ACCOUNT), h.forward(bus_arn(OTHER), granted=False)),
        id="the role may not send",
    ),
]


@pytest.mark.parametrize("arrange", CLOSED)
def test_an_event_does_not_cross_when(sandbox, home, other, arrange):
    heard = other.listen()
    arrange(other, home)
    drift(sandbox)
    assert heard() == []
    assert [loss.code for loss in sandbox.state(Losses, ACCOUNT, REGION)] == ["NO_PERMISSIONS"]


def test_a_bus_that_is_not_there_is_no_resource(sandbox, home):
    home.forward(bus_arn(OTHER, name="gone"))
    drift(sandbox)
    assert [loss.code for loss in sandbox.state(Losses, ACCOUNT, REGION)] == ["NO_RESOURCE"]


def test_an_event_arrives_in_another_region_as_it_was(sandbox, home):
    there = Account(sandbox, ACCOUNT, "eu-west-1")
    heard = there.listen()
    home.forward(bus_arn(ACCOUNT, "eu-west-1"))
    event_id = drift(sandbox)
    (event,) = heard()
    assert (event["id"], event["region"]) == (event_id, REGION)


def test_an_event_crosses_once_only(sandbox, home, other):
    third = Account(sandbox, THIRD)
    other.admit(ACCOUNT)
    third.admit(OTHER, ACCOUNT)
    near, far = other.listen(), third.listen()
    home.forward(bus_arn(OTHER))
    other.forward(bus_arn(THIRD))
    drift(sandbox)
    assert len(near()) == 1
    assert far() == []


def test_events_are_put_straight_on(sandbox, home, other):
    other.admit(ACCOUNT)
    heard = other.listen()
    entry = {**ENTRY, "EventBusName": bus_arn(OTHER)}
    assert home.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0
    sandbox.settle()
    assert [event["account"] for event in heard()] == [ACCOUNT]


def test_events_are_not_put_on_a_bus_that_lets_another_in(sandbox, home, other):
    other.admit(THIRD)
    heard = other.listen()
    with pytest.raises(ClientError, match="AccessDenied"):
        home.client("events").put_events(Entries=[{**ENTRY, "EventBusName": bus_arn(OTHER)}])
    sandbox.settle()
    assert heard() == []


def test_a_fifo_queue_gets_its_group(sandbox, home):
    sqs = home.client("sqs")
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:heard.fifo"
    grant = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    attributes = {
        "FifoQueue": "true",
        "ContentBasedDeduplication": "true",
        "Policy": json.dumps({"Version": "2012-10-17", "Statement": [grant]}),
    }
    url = sqs.create_queue(QueueName="heard.fifo", Attributes=attributes)["QueueUrl"]
    home.rule("fifo", {"Arn": arn, "SqsParameters": {"MessageGroupId": "g"}})
    event_id = drift(sandbox)
    (message,) = sqs.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"]
    assert json.loads(message["Body"])["id"] == event_id
    assert message["Attributes"]["MessageGroupId"] == "g"


LOGGED = [
    pytest.param("events.amazonaws.com", [], 1, id="that lets EventBridge write"),
    pytest.param("delivery.logs.amazonaws.com", ["NO_PERMISSIONS"], 0, id="that does not"),
]


@pytest.mark.parametrize(("principal", "lost", "lines"), LOGGED)
def test_a_log_group_has_a_policy(sandbox, home, principal, lost, lines):
    logs = home.client("logs")
    logs.create_log_group(logGroupName="/aws/events/drift")
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/events/drift"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": principal},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"{arn}:*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    logs.put_resource_policy(policyName="events", policyDocument=policy)
    home.rule("log", {"Arn": arn})
    event_id = drift(sandbox)
    found = logs.filter_log_events(logGroupName="/aws/events/drift")["events"]
    assert [json.loads(line["message"])["id"] for line in found] == [event_id] * lines
    assert [loss.code for loss in sandbox.state(Losses, ACCOUNT, REGION)] == lost
