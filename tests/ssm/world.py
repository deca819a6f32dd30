"""What tests of the Automation API do over and over: documents, runs, roles, refusals."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox

ACCOUNT, OTHER, REGION, FAR = "123456789012", "222222222222", "us-east-1", "eu-west-1"
TRUSTS_SSM = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ssm.amazonaws.com", "AWS": ACCOUNT},
            "Action": "sts:AssumeRole",
        }
    ],
}
EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}

Document = dict[str, Any]


def nap(seconds: int = 10, **members: Any) -> Document:
    """A runbook that sleeps."""
    step = {"name": "Nap", "action": "aws:sleep", "inputs": {"Duration": f"PT{seconds}S"}}
    return {"schemaVersion": "0.3", "mainSteps": [step], **members}


def quick(**members: Any) -> Document:
    """A runbook that ends well at once, for a target Id that begins with good."""
    call = {"Service": "sts", "Api": "GetCallerIdentity"}
    choice = {"Variable": "{{ Id }}", "StringEquals": "bad", "NextStep": "Fail"}
    steps = [
        {"name": "Which", "action": "aws:branch", "inputs": {"Choices": [choice]}, "isEnd": False},
        {"name": "Do", "action": "aws:executeAwsApi", "inputs": call, "isEnd": True},
        {
            "name": "Fail",
            "action": "aws:executeAwsApi",
            "inputs": {"Service": "ec2", "Api": "DescribeVpcs", "VpcIds": ["vpc-0"]},
        },
    ]
    parameters = {"Id": {"type": "String"}}
    return {"schemaVersion": "0.3", "parameters": parameters, "mainSteps": steps, **members}


def waiting() -> Document:
    """A runbook that waits for a signal."""
    return {
        "schemaVersion": "0.3",
        "mainSteps": [{"name": "Hold", "action": "aws:pause", "inputs": {}}],
    }


class World:
    """A sandbox with what tests do in it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.ssm = sandbox.client("ssm")

    def keys(self, account: str) -> dict[str, str]:
        """Credentials of another account's administrator."""
        role = f"arn:aws:iam::{account}:role/Administrator"
        answer = self.sandbox.client("sts").assume_role(RoleArn=role, RoleSessionName="admin")
        found: dict[str, str] = answer["Credentials"]
        return found

    def client(self, service: str = "ssm", account: str = ACCOUNT, region: str = REGION) -> Any:
        keys = None if account == ACCOUNT else self.keys(account)
        return self.sandbox.client(service, region, keys)

    def document(self, name: str, content: Document, client: Any = None, **more: Any) -> str:
        (client or self.ssm).create_document(
            Name=name, Content=json.dumps(content), DocumentType="Automation", **more
        )
        return name

    def role(self, name: str, account: str = ACCOUNT, policy: Any = EVERYTHING) -> str:
        """A role that Automation and the first account may take."""
        iam = self.client("iam", account)
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUSTS_SSM))
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(policy))
        return str(made["Role"]["Arn"])

    def start(self, name: str, client: Any = None, **params: Any) -> str:
        answer = (client or self.ssm).start_automation_execution(DocumentName=name, **params)
        return str(answer["AutomationExecutionId"])

    def run(self, name: str, client: Any = None, **params: Any) -> dict[str, Any]:
        """A run's record, when nothing more happens within an hour."""
        started = self.start(name, client, **params)
        self.sandbox.settle(within=3600)
        return self.record(started, client)

    def record(self, execution_id: str, client: Any = None) -> dict[str, Any]:
        answer = (client or self.ssm).get_automation_execution(AutomationExecutionId=execution_id)
        found: dict[str, Any] = answer["AutomationExecution"]
        return found

    def status(self, execution_id: str) -> str:
        return str(self.record(execution_id)["AutomationExecutionStatus"])

    def listed(self, client: Any = None, **filters: Any) -> list[dict[str, Any]]:
        """Runs of all pages; filters: values by key."""
        given = [{"Key": key, "Values": values} for key, values in filters.items()]
        pages = (client or self.ssm).get_paginator("describe_automation_executions")
        asked = {"Filters": given} if given else {}
        return [
            one
            for page in pages.paginate(**asked)
            for one in page["AutomationExecutionMetadataList"]
        ]


def refused(ask: Callable[..., Any], **params: Any) -> tuple[str, str]:
    """The code and message of the error that a call is answered with."""
    with pytest.raises(ClientError) as caught:
        ask(**params)
    error: Mapping[str, str] = caught.value.response["Error"]
    return error["Code"], error["Message"]
