"""Documents, parameters, tables, buckets and keys are made, changed and deleted by stacks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

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


def bucket_policy(sandbox: Sandbox, name: str) -> dict[str, Any]:
    text = sandbox.client("s3").get_bucket_policy(Bucket=name)["Policy"]
    return {"effect": json.loads(text)["Statement"][0]["Action"]}


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


def runbook(description: str) -> dict[str, Any]:
    step = {"name": "Sleep", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}}
    return {"schemaVersion": "0.3", "description": description, "mainSteps": [step]}


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
