"""Roles, policies and functions are made, changed and deleted by stacks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox
from tests.sandbox.cloudformation_cases import (
    ACCOUNT,
    BOUNDARY,
    FUNCTION,
    READING,
    REGION,
    ROLE,
    TRUST,
    Case,
    follow,
    policy,
    prepare,
    tags,
)
from tests.sandbox.cloudformation_readers import function, role


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Sandbox:
    started.reset()
    prepare(started)
    return started


def managed_policy(sandbox: Sandbox, arn: str) -> dict[str, Any]:
    iam = sandbox.client("iam")
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    found = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
    holders = iam.list_entities_for_policy(PolicyArn=arn)["PolicyRoles"]
    return {
        "action": found["Document"]["Statement"][0]["Action"],
        "roles": [holder["RoleName"] for holder in holders],
    }


def inline_policy(sandbox: Sandbox, _: str) -> dict[str, Any]:
    iam = sandbox.client("iam")
    names = iam.list_role_policies(RoleName="for-functions")["PolicyNames"]
    if not names:
        raise ClientError({"Error": {"Code": "NoSuchEntity", "Message": ""}}, "GetRolePolicy")
    found = iam.get_role_policy(RoleName="for-functions", PolicyName=names[0])
    return {"action": found["PolicyDocument"]["Statement"][0]["Action"]}


def permission(sandbox: Sandbox, statement: str) -> dict[str, Any]:
    text = sandbox.client("lambda").get_policy(FunctionName="standing")["Policy"]
    for found in json.loads(text)["Statement"]:
        if found["Sid"] == statement:
            return {"principal": found["Principal"]["Service"], "when": found.get("Condition")}
    raise ClientError({"Error": {"Code": "NotFound", "Message": ""}}, "GetPolicy")


def invoke_config(sandbox: Sandbox, _: str) -> dict[str, Any]:
    client = sandbox.client("lambda")
    found = client.get_function_event_invoke_config(FunctionName="standing")
    return {"retries": found["MaximumRetryAttempts"], "age": found["MaximumEventAgeInSeconds"]}


CASES = [
    Case(
        "AWS::IAM::Role",
        {
            "RoleName": "made",
            "Path": "/netmend/",
            "AssumeRolePolicyDocument": TRUST,
            "Description": "first",
            "MaxSessionDuration": 7200,
            "PermissionsBoundary": BOUNDARY,
            "ManagedPolicyArns": [READING],
            "Policies": [
                {"PolicyName": "a", "PolicyDocument": policy("sqs:SendMessage")},
                {"PolicyName": "b", "PolicyDocument": policy("sns:Publish")},
            ],
            "Tags": tags(a="1", b="2"),
        },
        {
            "RoleName": "made",
            "Path": "/netmend/",
            "AssumeRolePolicyDocument": json.loads(json.dumps(TRUST).replace("lambda", "ssm")),
            "Policies": [{"PolicyName": "a", "PolicyDocument": policy("sqs:DeleteMessage")}],
            "Tags": tags(b="3"),
        },
        role,
        {
            "path": "/netmend/",
            "description": "first",
            "session": 7200,
            "boundary": BOUNDARY,
            "tags": {"a": "1", "b": "2"},
            "attached": [READING],
            "inline": {"a": policy("sqs:SendMessage"), "b": policy("sns:Publish")},
            "trust": "lambda.amazonaws.com",
        },
        {
            "path": "/netmend/",
            "description": "",
            "session": 3600,
            "boundary": None,
            "tags": {"b": "3"},
            "attached": [],
            "inline": {"a": policy("sqs:DeleteMessage")},
            "trust": "ssm.amazonaws.com",
        },
        attributes={"Arn": f"arn:aws:iam::{ACCOUNT}:role/netmend/made"},
    ),
    Case(
        "AWS::IAM::ManagedPolicy",
        {"PolicyDocument": policy("sqs:SendMessage"), "Roles": ["for-functions"]},
        {"PolicyDocument": policy("sns:Publish")},
        managed_policy,
        {"action": "sqs:SendMessage", "roles": ["for-functions"]},
        {"action": "sns:Publish", "roles": []},
    ),
    Case(
        "AWS::IAM::Policy",
        {
            "PolicyName": "p",
            "PolicyDocument": policy("sqs:SendMessage"),
            "Roles": ["for-functions"],
        },
        {"PolicyName": "p", "PolicyDocument": policy("sns:Publish"), "Roles": ["for-functions"]},
        inline_policy,
        {"action": "sqs:SendMessage"},
        {"action": "sns:Publish"},
    ),
    Case(
        "AWS::Lambda::Function",
        {
            "FunctionName": "made",
            "Code": {"S3Bucket": "code", "S3Key": "one.zip"},
            "Runtime": "python3.13",
            "Handler": "index.h",
            "Role": ROLE,
            "Timeout": "60",
            "MemorySize": 512,
            "Architectures": ["arm64"],
            "Description": "first",
            "Environment": {"Variables": {"AA": "1"}},
            "Tags": tags(a="1", b="2"),
        },
        {
            "FunctionName": "made",
            "Code": {"S3Bucket": "code", "S3Key": "two.zip"},
            "Runtime": "python3.12",
            "Handler": "index.h",
            "Role": ROLE,
            "MemorySize": 256,
            "Architectures": ["arm64"],
            "Environment": {"Variables": {"BB": "2"}},
            "Tags": tags(b="3"),
        },
        function,
        {
            "runtime": "python3.13",
            "timeout": 60,
            "memory": 512,
            "variables": {"AA": "1"},
            "description": "first",
            "architectures": ["arm64"],
            "tags": {"a": "1", "b": "2"},
        },
        {
            "runtime": "python3.12",
            "timeout": 3,
            "memory": 256,
            "variables": {"BB": "2"},
            "description": "",
            "architectures": ["arm64"],
            "tags": {"b": "3"},
        },
        attributes={"Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:made"},
    ),
    Case(
        "AWS::Lambda::Permission",
        {
            "FunctionName": FUNCTION,
            "Action": "lambda:InvokeFunction",
            "Principal": "config.amazonaws.com",
            "SourceAccount": ACCOUNT,
        },
        {
            "FunctionName": "standing",
            "Action": "lambda:InvokeFunction",
            "Principal": "events.amazonaws.com",
        },
        permission,
        {
            "principal": "config.amazonaws.com",
            "when": {"StringEquals": {"AWS:SourceAccount": ACCOUNT}},
        },
        {"principal": "events.amazonaws.com", "when": None},
        same=False,
    ),
    Case(
        "AWS::Lambda::EventInvokeConfig",
        {
            "FunctionName": "standing",
            "Qualifier": "$LATEST",
            "MaximumRetryAttempts": 1,
            "MaximumEventAgeInSeconds": 600,
        },
        {
            "FunctionName": "standing",
            "Qualifier": "$LATEST",
            "MaximumRetryAttempts": 0,
            "MaximumEventAgeInSeconds": 60,
        },
        invoke_config,
        {"retries": 1, "age": 600},
        {"retries": 0, "age": 60},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_it_is_made_changed_and_deleted(sandbox: Sandbox, case: Case) -> None:
    for found, expected in follow(sandbox, case):
        assert found == expected
