"""A sandbox with EventBridge, queues that it may send to, and a stand-in for Automation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from netmend.sandbox import extensions
from netmend.sandbox.api import OPERATIONS, ApiCall, ApiError
from netmend.sandbox.core import Sandbox

ACCOUNT = "123456789012"
REGION = "us-east-1"
MODULES = ("iam", "functions", "notifications", "events")
START_ROLE = f"arn:aws:iam::{ACCOUNT}:role/start"
DOCUMENT = f"arn:aws:ssm:{REGION}:{ACCOUNT}:automation-definition/Netmend-RevokePublicIngress"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(principal: Any, action: str, resource: str, condition: Any = None) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Resource": resource,
        "Condition": condition,
    }
    return {key: value for key, value in statement.items() if value is not None}


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(extensions, "MODULES", MODULES)
    monkeypatch.setattr("netmend.sandbox.core.WITNESSES", [])  # no trail announces our own calls
    with Sandbox() as started:
        yield started


class Queue:
    """A queue whose policy lets one rule of EventBridge send to it."""

    def __init__(self, sandbox: Sandbox, name: str, source: str | None) -> None:
        self._sqs = sandbox.client("sqs")
        self.arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
        self._url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        if source is not None:
            condition = {"ArnEquals": {"aws:SourceArn": source}}
            grant = allow(
                {"Service": "events.amazonaws.com"}, "sqs:SendMessage", self.arn, condition
            )
            attributes = {"Policy": document(grant)}
            self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes=attributes)

    def messages(self) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        return list(answer.get("Messages", []))

    def bodies(self) -> list[Any]:
        return [json.loads(message["Body"]) for message in self.messages()]


def rule_arn(name: str) -> str:
    return f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"


@pytest.fixture
def queue(sandbox: Sandbox) -> Callable[..., Queue]:
    """queue(name, rule="drift"): rule None means a queue without a policy."""

    def make(name: str, rule: str | None = "drift") -> Queue:
        return Queue(sandbox, name, rule and rule_arn(rule))

    return make


@pytest.fixture
def rule(sandbox: Sandbox) -> Callable[..., str]:
    """rule(*targets, name="drift", pattern=..., state=...) -> ARN; targets without their ids."""

    def put(
        *targets: dict[str, Any],
        name: str = "drift",
        pattern: dict[str, Any] | None = None,
        state: str = "ENABLED",
    ) -> str:
        events = sandbox.client("events")
        text = json.dumps(pattern or {"source": ["aws.config"]})
        events.put_rule(Name=name, EventPattern=text, State=state)
        numbered = [{"Id": f"t{n}", **target} for n, target in enumerate(targets)]
        if numbered:
            events.put_targets(Rule=name, Targets=numbered)
        return rule_arn(name)

    return put


class Automation:
    """Records what StartAutomationExecution was asked; answers with the errors it is given."""

    def __init__(self) -> None:
        self.calls: list[ApiCall] = []
        self.errors: list[ApiError] = []

    def start(self, sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
        self.calls.append(call)
        if self.errors:
            raise self.errors.pop(0)
        return {"AutomationExecutionId": sandbox.uuid()}


@pytest.fixture
def automation(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Automation:
    stand_in = Automation()
    monkeypatch.setitem(OPERATIONS, ("ssm", "StartAutomationExecution"), stand_in.start)
    iam = sandbox.client("iam")
    trust = {"Service": "events.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": trust, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="start", AssumeRolePolicyDocument=document(statement))
    grant = {
        "Effect": "Allow",
        "Action": "ssm:StartAutomationExecution",
        "Resource": [
            f"{DOCUMENT}:*",
            DOCUMENT.replace("automation-definition", "document"),
            f"arn:aws:ssm:{REGION}:{ACCOUNT}:automation-execution/*",
        ],
    }
    iam.put_role_policy(RoleName="start", PolicyName="own", PolicyDocument=document(grant))
    return stand_in
