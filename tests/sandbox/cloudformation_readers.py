"""What stands in the sandbox, read by its own API and put into few words for comparing."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox
from tests.sandbox.cloudformation_cases import pairs


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


def recorder(sandbox: Sandbox, name: str) -> dict[str, Any]:
    config = sandbox.client("config")
    asked = {"ConfigurationRecorderNames": [name]}
    found = config.describe_configuration_recorders(**asked)["ConfigurationRecorders"][0]
    status = config.describe_configuration_recorder_status(**asked)
    return {
        "all": found["recordingGroup"]["allSupported"],
        "types": found["recordingGroup"].get("resourceTypes", []),
        "recording": status["ConfigurationRecordersStatus"][0]["recording"],
    }


def runbook(description: str) -> dict[str, Any]:
    step = {"name": "Sleep", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}}
    return {"schemaVersion": "0.3", "description": description, "mainSteps": [step]}
