"""A sandbox with AWS Config and a rule's function that is a Python function of the test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from netmend.sandbox import events, extensions
from netmend.sandbox.config import lambdas
from netmend.sandbox.core import Sandbox

ACCOUNT, REGION = "123456789012", "us-east-1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:detector"
GROUP = "AWS::EC2::SecurityGroup"
PREFIX_LIST = "AWS::EC2::PrefixList"
CHANGE = "ConfigurationItemChangeNotification"
OVERSIZED = "OversizedConfigurationItemChangeNotification"
SCHEDULED = "ScheduledNotification"
COMPLIANCE = "Config Rules Compliance Change"
SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
ANYWHERE = {**SSH, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


class World:
    """`invocations` are the events that the rule's function got, with invokingEvent parsed.

    `answers` decides what the function puts; `failures` are taken from, one for each invocation.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.invocations: list[dict[str, Any]] = []
        self.published: list[dict[str, Any]] = []
        self.failures: list[lambdas.Failure | None] = []
        self.answers = verdict
        self._vpc = ""
        self._names = 0

    def client(self, service: str) -> Any:
        return self.sandbox.client(service, REGION)

    @property
    def vpc(self) -> str:
        if not self._vpc:
            self._vpc = self.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        return self._vpc

    def group(self, **tags: str) -> str:
        """A new group, named by a number."""
        self._names += 1
        spec = {"ResourceType": "security-group", "Tags": tag_list(tags)}
        made = self.client("ec2").create_security_group(
            GroupName=f"group-{self._names}",
            Description="of a test",
            VpcId=self.vpc,
            **({"TagSpecifications": [spec]} if tags else {}),
        )
        return str(made["GroupId"])

    def tag(self, resource: str, **tags: str) -> None:
        self.client("ec2").create_tags(Resources=[resource], Tags=tag_list(tags))

    def open(self, group_id: str, permission: dict[str, Any] = ANYWHERE) -> None:
        self.client("ec2").authorize_security_group_ingress(
            GroupId=group_id, IpPermissions=[permission]
        )

    def close(self, group_id: str, permission: dict[str, Any] = ANYWHERE) -> None:
        self.client("ec2").revoke_security_group_ingress(
            GroupId=group_id, IpPermissions=[permission]
        )

    def rule(self, name: str = "no-ssh", *messages: str, **more: Any) -> None:
        """Put a rule for security groups, unless told otherwise."""
        scope = {"Scope": {"ComplianceResourceTypes": [GROUP]}}
        self.client("config").put_config_rule(
            ConfigRule={
                "ConfigRuleName": name,
                "Source": source(*(messages or (CHANGE,))),
                **scope,
                **more,
            }
        )

    def settle(self) -> None:
        self.sandbox.settle()

    def advance(self, seconds: float) -> None:
        self.sandbox.clock.advance(seconds)
        self.settle()

    def put(self, token: str, *evaluations: dict[str, Any], **more: Any) -> None:
        self.client("config").put_evaluations(
            ResultToken=token, Evaluations=list(evaluations), **more
        )

    def events_of(self, resource: str, rule: str = "no-ssh") -> list[dict[str, Any]]:
        """The invocations of a rule for a resource."""
        return [
            event
            for event in self.invocations
            if event["configRuleName"] == rule and subject(event)["resourceId"] == resource
        ]

    def items_of(self, resource: str, rule: str = "no-ssh") -> list[dict[str, Any]]:
        """The same, the configuration items alone."""
        return [subject(event) for event in self.events_of(resource, rule)]

    def diff_of(self, resource: str) -> Any:
        """What the last invocation for a resource says changed."""
        return self.events_of(resource)[-1]["invokingEvent"]["configurationItemDiff"]

    def results(self, rule: str = "no-ssh", **more: Any) -> dict[str, str]:
        """What a rule says, by resource id."""
        found = self.client("config").get_compliance_details_by_config_rule(
            ConfigRuleName=rule, Limit=100, **more
        )["EvaluationResults"]
        return {resource_of(result): result["ComplianceType"] for result in found}

    def changes(self, group_id: str) -> list[tuple[str | None, str]]:
        """(compliance before, after) of each compliance event of a resource."""
        details = [e["detail"] for e in self.published if e["type"] == COMPLIANCE]
        return [
            (d.get("oldEvaluationResult", {}).get("complianceType"), new(d))
            for d in details
            if d["resourceId"] == group_id
        ]

    def _invoke(self, _place: Any, _function: str, payload: dict[str, Any]) -> Any:
        event = json.loads(json.dumps(payload))
        event["invokingEvent"] = json.loads(event["invokingEvent"])
        self.invocations.append(event)
        failure = self.failures.pop(0) if self.failures else None
        if failure is None:
            self.answers(self, event)
        return failure

    def _publish(self, sandbox: Sandbox, account: str, region: str, *rest: Any, **more: Any) -> str:
        source_, kind, detail, *resources = rest
        resources = more.get("resources", resources[0] if resources else ())
        self.published.append(
            {
                "source": source_,
                "type": kind,
                "detail": json.loads(json.dumps(detail)),
                "resources": list(resources),
                "account": account,
                "region": region,
            }
        )
        return sandbox.uuid()


def subject(event: dict[str, Any]) -> dict[str, Any]:
    """The item of an invocation, or its summary; nothing for a schedule."""
    message = event["invokingEvent"]
    found: dict[str, Any] = (
        message.get("configurationItem")
        or message.get("configurationItemSummary")
        or {"resourceId": ""}
    )
    return found


def history(world: World, resource: str, **more: Any) -> list[dict[str, Any]]:
    """What GetResourceConfigHistory tells of a resource, a group unless told otherwise."""
    wanted = {"resourceType": GROUP, "resourceId": resource, **more}
    found: list[dict[str, Any]] = world.client("config").get_resource_config_history(**wanted)[
        "configurationItems"
    ]
    return found


def identifiers(world: World, kind: str, **more: Any) -> list[str]:
    """The ids of the resources of a type that ListDiscoveredResources tells."""
    pages = world.client("config").get_paginator("list_discovered_resources")
    return [
        one["resourceId"]
        for page in pages.paginate(resourceType=kind, **more)
        for one in page["resourceIdentifiers"]
    ]


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def resource_of(result: dict[str, Any]) -> str:
    qualifier = result["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
    return str(qualifier["ResourceId"])


def new(detail: dict[str, Any]) -> str:
    return str(detail["newEvaluationResult"]["complianceType"])


def source(*messages: str, **more: Any) -> dict[str, Any]:
    """A Source of the test's function that hears these messages."""
    details = [{"EventSource": "aws.config", "MessageType": m, **more} for m in messages]
    return {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": FUNCTION, "SourceDetails": details}


def evaluation(item: dict[str, Any], compliance: str, **more: Any) -> dict[str, Any]:
    """An evaluation of an item."""
    return {
        "ComplianceResourceType": item["resourceType"],
        "ComplianceResourceId": item["resourceId"],
        "ComplianceType": compliance,
        "OrderingTimestamp": item["configurationItemCaptureTime"],
        **more,
    }


def verdict(world: World, event: dict[str, Any]) -> None:
    """The function as it is when a test says nothing: a group open to everyone is wrong."""
    item = subject(event)
    if not item["resourceId"]:
        return
    permissions = (item.get("configuration") or {}).get("ipPermissions", [])
    open_ = any("0.0.0.0/0" in p["ipRanges"] for p in permissions)
    judged = "NON_COMPLIANT" if open_ else "COMPLIANT"
    gone = item["configurationItemStatus"] == "ResourceDeleted" or event["eventLeftScope"]
    put = evaluation(item, "NOT_APPLICABLE" if gone else judged)
    world.put(event["resultToken"], put)


@contextmanager
def started(*modules: str) -> Iterator[World]:
    """A world, with Config and these extensions alone beside moto."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extensions, "MODULES", ("iam", "config", *modules))
        with Sandbox() as sandbox:
            world = World(sandbox)
            patch.setattr(lambdas, "invoke", world._invoke)
            patch.setattr(lambdas, "may_invoke", lambda place, arn: arn == FUNCTION)
            patch.setattr(events, "publish", world._publish)
            yield world
