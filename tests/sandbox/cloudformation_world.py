"""Small templates, and what their stacks tell: shared by the tests of CloudFormation."""

from __future__ import annotations

import json
from typing import Any

from netmend.sandbox.api import ApiCall, ApiError
from netmend.sandbox.core import Sandbox
from netmend.sandbox.faults import Cut

ACCOUNT = "123456789012"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudformation.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


class Refuse:
    """A hook that refuses an operation, the first `after` calls of it apart."""

    def __init__(self, name: str, after: int = 0) -> None:
        self._name, self._left = name, after

    def before(self, call: ApiCall) -> None:
        if call.name == self._name:
            self._left -= 1
            if self._left < 0:
                raise ApiError("InternalFailure", f"no {call.operation} today", 400)

    def after(self, call: ApiCall) -> None:
        return None


class Die(Refuse):
    """A hook at which the caller of an operation dies."""

    def before(self, call: ApiCall) -> None:
        if call.name == self._name:
            raise Cut(call.name)


def body(resources: dict[str, Any], **sections: Any) -> str:
    return json.dumps({"Resources": resources, **sections})


def queue(name: str = "", **attributes: Any) -> dict[str, Any]:
    properties = attributes.pop("Properties", {})
    named = {"QueueName": name} if name else {}
    return {"Type": "AWS::SQS::Queue", "Properties": {**named, **properties}, **attributes}


def parameter(value: Any, name: str = "/p", **attributes: Any) -> dict[str, Any]:
    properties = {"Name": name, "Type": "String", "Value": value}
    return {"Type": "AWS::SSM::Parameter", "Properties": properties, **attributes}


BROKEN = {
    "Type": "AWS::SNS::Subscription",
    "Properties": {"TopicArn": "arn:aws:sns:us-east-1:123456789012:none", "Protocol": "sqs"},
}


def create(sandbox: Sandbox, text: str, **more: Any) -> str:
    client = sandbox.client("cloudformation")
    client.create_stack(StackName="one", TemplateBody=text, **more)
    return status(sandbox)


def update(sandbox: Sandbox, text: str, **more: Any) -> str:
    sandbox.client("cloudformation").update_stack(StackName="one", TemplateBody=text, **more)
    return status(sandbox)


def stack(sandbox: Sandbox, name: str = "one") -> dict[str, Any]:
    found: dict[str, Any] = sandbox.client("cloudformation").describe_stacks(StackName=name)
    return dict(found["Stacks"][0])


def status(sandbox: Sandbox) -> str:
    return str(stack(sandbox)["StackStatus"])


def history(sandbox: Sandbox, name: str = "one") -> list[str]:
    """The events as `logical id status`, oldest first, without the steps in between."""
    events = sandbox.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    told = [f"{e['LogicalResourceId']} {e['ResourceStatus']}" for e in reversed(events)]
    return [line for line in told if line.startswith("one ") or "IN_PROGRESS" not in line]


def reason(sandbox: Sandbox, logical_id: str) -> str:
    events = sandbox.client("cloudformation").describe_stack_events(StackName="one")["StackEvents"]
    told = [
        e["ResourceStatusReason"]
        for e in events
        if e["LogicalResourceId"] == logical_id and e["ResourceStatus"].endswith("_FAILED")
    ]
    return str(told[-1])


def queues(sandbox: Sandbox) -> list[str]:
    return [
        url.rsplit("/", 1)[1] for url in sandbox.client("sqs").list_queues().get("QueueUrls", [])
    ]


def value(sandbox: Sandbox, name: str = "/p") -> str:
    return str(sandbox.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])


def role(**properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": TRUST, **properties},
    }


def failing(*, policy: str = "Delete") -> str:
    parts = {
        "Q": queue("q", DeletionPolicy=policy),
        "P": parameter({"Ref": "Q"}),
        "Bad": {**BROKEN, "DependsOn": ["P"]},
    }
    return body(parts)


def history_text(sandbox: Sandbox) -> str:
    events = sandbox.client("cloudformation").describe_stack_events(StackName="one")["StackEvents"]
    return "\n".join(e.get("ResourceStatusReason", "") for e in events)


def listed(sandbox: Sandbox) -> list[dict[str, Any]]:
    client = sandbox.client("cloudformation")
    return list(client.list_stack_resources(StackName="one")["StackResourceSummaries"])
