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
    pairs,
    policy,
    prepare,
    tags,
)


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Sandbox:
    started.reset()
    prepare(started)
    return started


def role(sandbox: Sandbox, name: str) -> dict[str, Any]:
    iam = sandbox.client("iam")
    found = iam.get_role(RoleName=name)["Role"]
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    inline = {
        p: iam.get_role_policy(RoleName=name, PolicyName=p)["PolicyDocument"]
        for p in iam.list_role_policies(RoleName=name)["PolicyNames"]
    }
    return {
        "path": found["Path"],
        "description": found.get("Description", ""),
        "session": found["MaxSessionDuration"],
        "boundary": found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "tags": pairs(found.get("Tags", [])),
        "attached": [p["PolicyArn"] for p in attached],
        "inline": inline,
        "trust": found["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"],
    }


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


def function(sandbox: Sandbox, name: str) -> dict[str, Any]:
    found = sandbox.client("lambda").get_function(FunctionName=name)
    kept = found["Configuration"]
    return {
        "runtime": kept["Runtime"],
        "timeout": kept["Timeout"],
        "memory": kept["MemorySize"],
        "variables": kept.get("Environment", {}).get("Variables"),
        "description": kept["Description"],
        "architectures": kept["Architectures"],
        "code": kept["CodeSha256"],
        "tags": found.get("Tags", {}),
    }


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


def queue(sandbox: Sandbox, url: str) -> dict[str, Any]:
    sqs = sandbox.client("sqs")
    kept = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {
        "retention": kept["MessageRetentionPeriod"],
        "visible": kept["VisibilityTimeout"],
        "redrive": json.loads(kept.get("RedrivePolicy") or "{}"),
        "tags": sqs.list_queue_tags(QueueUrl=url).get("Tags", {}),
    }


def topic(sandbox: Sandbox, arn: str) -> dict[str, Any]:
    sns = sandbox.client("sns")
    kept = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    found = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    return {
        "display": kept.get("DisplayName", ""),
        "tags": pairs(sns.list_tags_for_resource(ResourceArn=arn)["Tags"]),
        "subscribers": [s["Endpoint"] for s in found],
    }


def bucket(sandbox: Sandbox, name: str) -> dict[str, Any]:
    s3 = sandbox.client("s3")

    def part(operation: str, *keys: str) -> Any:
        try:
            found: Any = getattr(s3, operation)(Bucket=name)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchBucket":
                raise
            return None
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else found[0].get(key)
        return found

    return {
        "versioning": part("get_bucket_versioning", "Status"),
        "encryption": part(
            "get_bucket_encryption",
            "ServerSideEncryptionConfiguration",
            "Rules",
            "ApplyServerSideEncryptionByDefault",
            "SSEAlgorithm",
        ),
        "private": part(
            "get_public_access_block", "PublicAccessBlockConfiguration", "BlockPublicPolicy"
        ),
        "owner": part(
            "get_bucket_ownership_controls", "OwnershipControls", "Rules", "ObjectOwnership"
        ),
        "lock": part("get_object_lock_configuration", "ObjectLockConfiguration", "Rule"),
        "expires": part("get_bucket_lifecycle_configuration", "Rules", "Expiration"),
        "tags": pairs(part("get_bucket_tagging", "TagSet") or []),
    }


def key(sandbox: Sandbox, name: str) -> dict[str, Any]:
    kms = sandbox.client("kms")
    found = kms.describe_key(KeyId=name)["KeyMetadata"]
    if found["KeyState"] == "PendingDeletion":
        raise ClientError({"Error": {"Code": "NotFound", "Message": ""}}, "DescribeKey")
    return {
        "description": found["Description"],
        "rotates": kms.get_key_rotation_status(KeyId=name)["KeyRotationEnabled"],
        "enabled": found["Enabled"],
        "tags": pairs(kms.list_resource_tags(KeyId=name)["Tags"]),
    }


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
