"""A sandbox with EventBridge Scheduler, a role that it may assume, and queues that it calls."""

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
MODULES = ("iam", "functions", "notifications", "events", "scheduler")
GROUP = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/default"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(extensions, "MODULES", MODULES)
    with Sandbox() as started:
        yield started


@pytest.fixture
def role(sandbox: Sandbox) -> Callable[..., str]:
    """role(*actions, service=..., group=...) -> ARN, which may do these with everything."""

    def make(
        *actions: str,
        name: str = "waker",
        service: str = "scheduler.amazonaws.com",
        group: str = GROUP,
    ) -> str:
        iam = sandbox.client("iam")
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
                "ArnEquals": {"aws:SourceArn": group},
            },
        }
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]
        if actions:
            grant = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(grant))
        return str(made["Arn"])

    return make


class Queue:
    def __init__(self, sandbox: Sandbox, name: str) -> None:
        self._sqs = sandbox.client("sqs")
        fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
        attributes = fifo if name.endswith(".fifo") else {}
        self._url = self._sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"

    def messages(self) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            AttributeNames=["All"],
        )
        found = list(answer.get("Messages", []))
        for message in found:  # or it would be there again when the clock has moved
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def bodies(self) -> list[str]:
        return [message["Body"] for message in self.messages()]


@pytest.fixture
def queue(sandbox: Sandbox) -> Callable[[str], Queue]:
    return lambda name: Queue(sandbox, name)


@pytest.fixture
def schedule(sandbox: Sandbox) -> Callable[..., str]:
    """schedule(expression, target, **more) -> ARN of the schedule `s`."""

    def make(expression: str, target: dict[str, Any], **more: Any) -> str:
        wanted = {
            "Name": "s",
            "ScheduleExpression": expression,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": target,
            **more,
        }
        return str(sandbox.client("scheduler").create_schedule(**wanted)["ScheduleArn"])

    return make


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
    return stand_in
