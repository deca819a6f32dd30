"""Each operation needs its action on its resource, and nothing is needed by guessing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from netmend.sandbox import extensions
from netmend.sandbox.api import ApiCall, ApiError, Caller
from netmend.sandbox.core import Sandbox
from netmend.sandbox.iam import reference, special
from netmend.sandbox.iam.gate import needs
from netmend.sandbox.iam.resources import (
    ACTIONS,
    ID_KINDS,
    PREFIXES,
    S3_ACTIONS,
    S3_ALONGSIDE,
    S3_VERSION_ACTIONS,
    TRANSACTIONS,
)

ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extensions, "MODULES", ("iam",))
        with Sandbox() as started:
            yield started


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:us-east-1:{ACCOUNT}:{resource}"


def needed(sandbox: Sandbox, name: str, region: str = "us-east-1", **params: Any) -> Any:
    service, operation = name.split(":")
    root = Caller("root", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root")
    call = ApiCall(service, operation, params, ACCOUNT, region, root, "id")
    return [(need.action, need.resource) for need in needs(sandbox, call)]


DOCUMENT = {"DocumentName": "Netmend-RevokePublicIngress"}
EXECUTION = {"AutomationExecutionId": "e-1"}
FUNCTION = arn("lambda", "function:netmend-planner")
LOCKED = {"ObjectLockMode": "GOVERNANCE", "Tagging": "a=b"}
OBJECT = {"Bucket": "b", "Key": "k"}

ACTS: dict[str, tuple[str, dict[str, Any], list[tuple[str, str]]]] = {
    "starting an automation acts on the default version": (
        "ssm:StartAutomationExecution",
        DOCUMENT,
        [("", arn("ssm", "automation-definition/Netmend-RevokePublicIngress:$DEFAULT"))],
    ),
    "starting an automation acts on the version that is named": (
        "ssm:StartAutomationExecution",
        {**DOCUMENT, "DocumentVersion": "3"},
        [("", arn("ssm", "automation-definition/Netmend-RevokePublicIngress:3"))],
    ),
    "a document of AWS is of no account": (
        "ssm:StartAutomationExecution",
        {"DocumentName": "AWS-StopEC2Instance", "DocumentVersion": "1"},
        [("", "arn:aws:ssm:us-east-1::automation-definition/AWS-StopEC2Instance:1")],
    ),
    "a shared document may be named by its ARN": (
        "ssm:StartAutomationExecution",
        {"DocumentName": arn("ssm", "document/Shared")},
        [("", arn("ssm", "automation-definition/Shared:$DEFAULT"))],
    ),
    "reading an execution acts on it": (
        "ssm:GetAutomationExecution",
        EXECUTION,
        [("", arn("ssm", "automation-execution/e-1"))],
    ),
    "a signal acts on the execution": (
        "ssm:SendAutomationSignal",
        {**EXECUTION, "SignalType": "Approve"},
        [("", arn("ssm", "automation-execution/e-1"))],
    ),
    "parameters by path act on the path": (
        "ssm:GetParametersByPath",
        {"Path": "/netmend/mode"},
        [("", arn("ssm", "parameter/netmend/mode"))],
    ),
    "putting evaluations acts on nothing": ("config:PutEvaluations", {}, [("", "*")]),
    "history acts on nothing": ("config:GetResourceConfigHistory", {}, [("", "*")]),
    "describing all rules acts on nothing": ("config:DescribeConfigRules", {}, [("", "*")]),
    "starting evaluations acts on each rule": (
        "config:StartConfigRulesEvaluation",
        {"ConfigRuleNames": ["there", "absent"]},
        [("", arn("config", "config-rule/config-rule-x1")), ("", arn("config", "config-rule/*"))],
    ),
    "details of a rule act on it": (
        "config:GetComplianceDetailsByConfigRule",
        {"ConfigRuleName": "there"},
        [("", arn("config", "config-rule/config-rule-x1"))],
    ),
    "invoking has an action of its own": (
        "lambda:Invoke",
        {"FunctionName": "netmend-planner"},
        [("lambda:InvokeFunction", FUNCTION)],
    ),
    "a function may be named by its ARN": (
        "lambda:Invoke",
        {"FunctionName": FUNCTION},
        [("lambda:InvokeFunction", FUNCTION)],
    ),
    "log events act on their stream": (
        "logs:PutLogEvents",
        {"logGroupName": "/aws/lambda/x", "logStreamName": "s"},
        [("", arn("logs", "log-group:/aws/lambda/x:log-stream:s"))],
    ),
    "reading in a transaction is getting": (
        "dynamodb:TransactGetItems",
        {"TransactItems": [{"Get": {"TableName": "a"}}, {"Get": {"TableName": "a"}}]},
        [("dynamodb:GetItem", arn("dynamodb", "table/a"))],
    ),
    "a batch acts on each table": (
        "dynamodb:BatchGetItem",
        {"RequestItems": {"a": {}, "b": {}}},
        [("", arn("dynamodb", "table/a")), ("", arn("dynamodb", "table/b"))],
    ),
    "a table may be named by its ARN": (
        "dynamodb:GetItem",
        {"TableName": arn("dynamodb", "table/a")},
        [("", arn("dynamodb", "table/a"))],
    ),
    "a version of an object has an action of its own": (
        "s3:GetObject",
        {**OBJECT, "VersionId": "v"},
        [("s3:GetObjectVersion", "arn:aws:s3:::b/k")],
    ),
    "a lock and tags are actions besides": (
        "s3:PutObject",
        {**OBJECT, **LOCKED},
        [
            ("s3:PutObject", "arn:aws:s3:::b/k"),
            ("s3:PutObjectRetention", "arn:aws:s3:::b/k"),
            ("s3:PutObjectTagging", "arn:aws:s3:::b/k"),
        ],
    ),
    "deleting many acts on each": (
        "s3:DeleteObjects",
        {"Bucket": "b", "Delete": {"Objects": [{"Key": "x"}, {"Key": "y"}]}},
        [("s3:DeleteObject", "arn:aws:s3:::b/x"), ("s3:DeleteObject", "arn:aws:s3:::b/y")],
    ),
    "listing buckets acts on nothing": (
        "s3:ListBuckets",
        {},
        [("s3:ListAllMyBuckets", "*")],
    ),
    "events act on the bus of each": (
        "events:PutEvents",
        {"Entries": [{"Source": "x"}, {"EventBusName": "own"}, {"EventBusName": "own"}]},
        [("", arn("events", "event-bus/default")), ("", arn("events", "event-bus/own"))],
    ),
    "assuming acts on the role": (
        "sts:AssumeRole",
        {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/x"},
        [("", f"arn:aws:iam::{ACCOUNT}:role/x")],
    ),
    "a group that is named otherwise is any group": (
        "ec2:RevokeSecurityGroupIngress",
        {"GroupName": "g"},
        [("", arn("ec2", "security-group/*"))],
    ),
}


@pytest.mark.parametrize(("name", "params", "expected"), ACTS.values(), ids=ACTS)
def test_an_operation_needs(
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    params: dict[str, Any],
    expected: list[tuple[str, str]],
) -> None:
    kept = {"there": arn("config", "config-rule/config-rule-x1")}
    monkeypatch.setattr(special, "RULE_ARNS", [lambda _, account, region, rule: kept.get(rule)])
    assert needed(sandbox, name, **params) == [(action or name, on) for action, on in expected]


def test_a_list_of_aws_is_of_its_account(sandbox: Sandbox) -> None:
    lists = sandbox.client("ec2").describe_managed_prefix_lists()["PrefixLists"]
    list_id = next(one["PrefixListId"] for one in lists if one["OwnerId"] == "AWS")
    found = needed(sandbox, "ec2:GetManagedPrefixListEntries", PrefixListId=list_id)
    on = f"arn:aws:ec2:us-east-1:aws:prefix-list/{list_id}"
    assert found == [("ec2:GetManagedPrefixListEntries", on)]


def test_arns_are_of_the_partition_of_the_region(sandbox: Sandbox) -> None:
    found = needed(sandbox, "ssm:GetAutomationExecution", "us-gov-west-1", **EXECUTION)
    assert found[0][1].startswith("arn:aws-us-gov:ssm:us-gov-west-1:")


UNKNOWN = ["dynamodb:ExecuteStatement", "s3:CreateSession"]


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_operation_that_aws_does_not_list_is_not_guessed(sandbox: Sandbox, name: str) -> None:
    with pytest.raises(ApiError, match=name):
        needed(sandbox, name, Bucket="b")


def test_every_action_in_the_tables_is_one_of_awss() -> None:
    s3 = [
        f"s3:{name}"
        for table in (S3_ACTIONS, S3_VERSION_ACTIONS, S3_ALONGSIDE)
        for name in table.values()
    ]
    singles = [name for name in special.SPECIAL if ":" in name and "Transact" not in name]
    named = [*s3, *TRANSACTIONS.values(), *ACTIONS.values(), *singles]
    assert [name for name in named if reference.action(name) is None] == []


def test_every_prefix_in_the_table_is_one_of_awss() -> None:
    assert set(PREFIXES.values()) <= reference.services()


def test_every_kind_of_id_is_a_resource_type_of_awss() -> None:
    kinds = {kind.name for kind in reference.action("ec2:CreateTags").kinds}  # type: ignore[union-attr]
    assert set(ID_KINDS.values()) <= kinds
