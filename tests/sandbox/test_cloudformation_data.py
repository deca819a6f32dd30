"""Documents, parameters, tables, buckets and keys are made, changed and deleted by stacks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from netmend.sandbox.core import Sandbox
from tests.sandbox.cloudformation_cases import (
    ACCOUNT,
    REGION,
    Case,
    follow,
    pairs,
    policy,
    prepare,
    tags,
)
from tests.sandbox.cloudformation_readers import bucket, key, runbook


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Sandbox:
    started.reset()
    prepare(started)
    return started


def document(sandbox: Sandbox, name: str) -> dict[str, Any]:
    ssm = sandbox.client("ssm")
    described = ssm.describe_document(Name=name)["Document"]
    found = ssm.get_document(Name=name, DocumentVersion=described["DefaultVersion"])
    return {
        "version": described["DefaultVersion"],
        "type": described["DocumentType"],
        "format": found["DocumentFormat"],
        "description": json.loads(found["Content"])["description"],
        "tags": pairs(described.get("Tags", [])),
    }


def parameter(sandbox: Sandbox, name: str) -> dict[str, Any]:
    ssm = sandbox.client("ssm")
    found = ssm.get_parameter(Name=name)["Parameter"]
    kept = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    return {"value": found["Value"], "type": found["Type"], "tags": pairs(kept)}


def table(sandbox: Sandbox, name: str) -> dict[str, Any]:
    dynamodb = sandbox.client("dynamodb")
    found = dynamodb.describe_table(TableName=name)["Table"]
    backups = dynamodb.describe_continuous_backups(TableName=name)
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    live = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    kept = dynamodb.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"]
    return {
        "billing": found["BillingModeSummary"]["BillingMode"],
        "keys": found["KeySchema"],
        "protected": found["DeletionProtectionEnabled"],
        "encrypted": found.get("SSEDescription", {}).get("SSEType"),
        "recovery": recovery["PointInTimeRecoveryStatus"],
        "expires": live.get("AttributeName") if "ENAB" in live["TimeToLiveStatus"] else None,
        "tags": pairs(kept),
    }


def bucket_policy(sandbox: Sandbox, name: str) -> dict[str, Any]:
    text = sandbox.client("s3").get_bucket_policy(Bucket=name)["Policy"]
    return {"effect": json.loads(text)["Statement"][0]["Action"]}


PRIVATE = dict.fromkeys(
    ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
)


ENCRYPTED = {
    "ServerSideEncryptionConfiguration": [
        {"BucketKeyEnabled": True, "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    ]
}


HELD = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 365}}


LOCKED = {"DefaultRetention": {**HELD["DefaultRetention"], "Years": 0}}  # moto tells the unset one


KEYS = [{"AttributeName": "pk", "KeyType": "HASH"}]


TABLE = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": KEYS,
}


CASES = [
    Case(
        "AWS::SSM::Document",
        {
            "Name": "Netmend-Made",
            "DocumentType": "Automation",
            "Content": runbook("first"),
            "UpdateMethod": "NewVersion",
            "Tags": tags(a="1"),
        },
        {
            "Name": "Netmend-Made",
            "DocumentType": "Automation",
            "Content": json.dumps(runbook("later")),
            "UpdateMethod": "NewVersion",
            "Tags": tags(a="2"),
        },
        document,
        {
            "version": "1",
            "type": "Automation",
            "format": "JSON",
            "description": "first",
            "tags": {"a": "1"},
        },
        {
            "version": "2",
            "type": "Automation",
            "format": "JSON",
            "description": "later",
            "tags": {"a": "2"},
        },
    ),
    Case(
        "AWS::SSM::Parameter",
        {"Name": "/made", "Type": "String", "Value": "observe", "Tags": {"a": "1"}},
        {"Name": "/made", "Type": "String", "Value": "enforce", "Tags": {"b": "2"}},
        parameter,
        {"value": "observe", "type": "String", "tags": {"a": "1"}},
        {"value": "enforce", "type": "String", "tags": {"b": "2"}},
        attributes={"Value": "observe", "Type": "String"},
    ),
    Case(
        "AWS::DynamoDB::Table",
        {
            **TABLE,
            "TableName": "made",
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "SSESpecification": {"SSEEnabled": True},
            "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
            "DeletionProtectionEnabled": True,
            "Tags": tags(a="1"),
        },
        {**TABLE, "TableName": "made", "SSESpecification": {"SSEEnabled": True}},
        table,
        {
            "billing": "PAY_PER_REQUEST",
            "keys": KEYS,
            "protected": True,
            "encrypted": "KMS",
            "recovery": "ENABLED",
            "expires": "ttl",
            "tags": {"a": "1"},
        },
        {
            "billing": "PAY_PER_REQUEST",
            "keys": KEYS,
            "protected": False,
            "encrypted": "KMS",
            "recovery": "DISABLED",
            "expires": None,
            "tags": {},
        },
        attributes={"Arn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/made"},
    ),
    Case(
        "AWS::S3::Bucket",
        {
            "BucketName": "made",
            "ObjectLockEnabled": True,
            "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": HELD},
            "VersioningConfiguration": {"Status": "Enabled"},
            "BucketEncryption": ENCRYPTED,
            "PublicAccessBlockConfiguration": PRIVATE,
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "LifecycleConfiguration": {
                "Rules": [{"Id": "old", "Status": "Enabled", "ExpirationInDays": 30}]
            },
            "Tags": tags(a="1"),
        },
        {
            "BucketName": "made",
            "ObjectLockEnabled": True,
            "VersioningConfiguration": {"Status": "Enabled"},
            "BucketEncryption": ENCRYPTED,
        },
        bucket,
        {
            "versioning": "Enabled",
            "encryption": "aws:kms",
            "private": True,
            "owner": "BucketOwnerEnforced",
            "lock": LOCKED,
            "expires": {"Days": 30},
            "tags": {"a": "1"},
        },
        {
            "versioning": "Enabled",
            "encryption": "aws:kms",
            "private": None,
            "owner": None,
            "lock": None,
            "expires": None,
            "tags": {},
        },
        attributes={"Arn": "arn:aws:s3:::made", "DomainName": "made.s3.amazonaws.com"},
    ),
    Case(
        "AWS::S3::BucketPolicy",
        {
            "Bucket": "code",
            "PolicyDocument": policy("s3:GetObject", "arn:aws:s3:::code/*", AWS="*"),
        },
        {
            "Bucket": "code",
            "PolicyDocument": policy("s3:PutObject", "arn:aws:s3:::code/*", AWS="*"),
        },
        bucket_policy,
        {"effect": "s3:GetObject"},
        {"effect": "s3:PutObject"},
    ),
    Case(
        "AWS::KMS::Key",
        {
            "Description": "first",
            "EnableKeyRotation": True,
            "KeyPolicy": policy("kms:*", AWS=f"arn:aws:iam::{ACCOUNT}:root"),
            "PendingWindowInDays": 7,
            "Tags": tags(a="1"),
        },
        {
            "Description": "later",
            "Enabled": False,
            "KeyPolicy": policy("kms:*", AWS=f"arn:aws:iam::{ACCOUNT}:root"),
            "PendingWindowInDays": 7,
            "Tags": tags(b="2"),
        },
        key,
        {"description": "first", "rotates": True, "enabled": True, "tags": {"a": "1"}},
        {"description": "later", "rotates": False, "enabled": False, "tags": {"b": "2"}},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_it_is_made_changed_and_deleted(sandbox: Sandbox, case: Case) -> None:
    for found, expected in follow(sandbox, case):
        assert found == expected
