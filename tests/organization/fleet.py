"""A small organisation to try stack sets on, and the templates that they deploy there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox
from tests.organization.world import Organisation

NAMED = {
    "Parameters": {"Name": {"Type": "String", "Default": "plain"}},
    "Resources": {
        "Topic": {
            "Type": "AWS::SNS::Topic",
            "Properties": {"TopicName": {"Ref": "Name"}, "DisplayName": "one"},
        }
    },
}
ROLE = {
    "Resources": {
        "AnnouncingRoleOfEveryAccount": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}},
        }
    }
}
LOG = {"Resources": {"Log": {"Type": "AWS::Logs::LogGroup"}}}
BODY = json.dumps(NAMED)
CHANGED = BODY.replace('"one"', '"two"')
ALL = {"FailureToleranceCount": 9, "MaxConcurrentCount": 10}
BROKEN = {
    "Resources": {
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": "nobody-made-it",
                "Principal": "config.amazonaws.com",
            },
        }
    }
}
REGIONS = ["us-east-1", "eu-west-1"]


class Fleet(Organisation):
    """Three accounts: two below `top`, of which one in `below`, and one beside."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox, {"top": "", "below": "top", "beside": ""}, REGIONS)
        for name in ("top", "below", "beside"):
            self.create(name, name)
        self.sets_api = self.client("cloudformation")

    def made(self, name: str = "set", body: str = BODY, **more: Any) -> None:
        request = {"PermissionModel": "SERVICE_MANAGED", "TemplateBody": body, **more}
        self.sets_api.create_stack_set(StackSetName=name, **request)

    def put(self, *units: str, settle: bool = True, **more: Any) -> str:
        """Create instances below these OUs; the operation's id."""
        targets = {"OrganizationalUnitIds": [self.units[one] for one in units]}
        request = {"Regions": ["us-east-1"], "DeploymentTargets": targets, **more}
        name = request.pop("StackSetName", "set")
        answer = self.sets_api.create_stack_instances(StackSetName=name, **request)
        if settle:
            self.settle()
        return str(answer["OperationId"])

    def take(self, *units: str, **more: Any) -> str:
        targets = {"OrganizationalUnitIds": [self.units[one] for one in units]}
        request = {"RetainStacks": False, "Regions": ["us-east-1"], **more}
        answer = self.sets_api.delete_stack_instances(
            StackSetName="set", DeploymentTargets=targets, **request
        )
        self.settle()
        return str(answer["OperationId"])

    def where(self, name: str = "set") -> set[str]:
        names = {account: name for name, account in self.accounts.items()}
        return {names[one["Account"]] for one in self.instances(name)}

    def status(self, operation: str, name: str = "set") -> str:
        found = self.sets_api.describe_stack_set_operation(StackSetName=name, OperationId=operation)
        return str(found["StackSetOperation"]["Status"])

    def results(self, operation: str) -> list[str]:
        found = self.sets_api.list_stack_set_operation_results(
            StackSetName="set", OperationId=operation
        )
        return [one["Status"] for one in found["Summaries"]]

    def topics(self, account: str, region: str = "us-east-1") -> list[str]:
        found = self.member(self.accounts[account], "sns", region).list_topics()["Topics"]
        return [one["TopicArn"].rsplit(":", 1)[1] for one in found]


def refusal(call: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return str(error["Code"]), str(error["Message"])


def automatic(retain: bool = False, *needs: str) -> dict[str, Any]:
    said: dict[str, Any] = {"Enabled": True, "RetainStacksOnAccountRemoval": retain}
    return {**said, "DependsOn": list(needs)} if needs else said


def arn_of(fleet: Fleet, name: str) -> str:
    found = fleet.sets_api.describe_stack_set(StackSetName=name)["StackSet"]
    return str(found["StackSetARN"])
