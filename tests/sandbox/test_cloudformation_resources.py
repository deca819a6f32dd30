"""Each type is really made, changed and deleted, and its own service says so."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox
from netmend.stacks import StackError, deploy

ACCOUNT = "123456789012"
REGION = "us-east-1"
NAMED = ["CAPABILITY_NAMED_IAM"]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
BOUNDARY = "arn:aws:iam::aws:policy/PowerUserAccess"
READING = f"arn:aws:iam::{ACCOUNT}:policy/reading"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/for-functions"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:standing"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:standing"
QUEUE_URL = f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/standing"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:standing"


def policy(action: str, resource: str = "*", **principal: str) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": action, "Resource": resource}
    if principal:
        statement["Principal"] = principal
    return {"Version": "2012-10-17", "Statement": [statement]}


def packed(text: str) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("index.py", text)
    return body.getvalue()


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Sandbox:
    started.reset()
    prepare(started)
    return started


def prepare(sandbox: Sandbox) -> None:
    """What stands before any stack: a role, code in a bucket, a function, a topic, a queue."""
    sandbox.client("iam").create_role(
        RoleName="for-functions", AssumeRolePolicyDocument=json.dumps(TRUST)
    )
    sandbox.client("iam").create_policy(
        PolicyName="reading", PolicyDocument=json.dumps(policy("ec2:Describe*"))
    )
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="code")
    for key in ("one.zip", "two.zip"):
        s3.put_object(Bucket="code", Key=key, Body=packed(f"# {key}\ndef h(e, c): return 1"))
    sandbox.client("lambda").create_function(
        FunctionName="standing",
        Role=ROLE,
        Runtime="python3.13",
        Handler="index.h",
        Code={"S3Bucket": "code", "S3Key": "one.zip"},
    )
    sandbox.client("lambda").add_permission(
        FunctionName="standing",
        StatementId="config",
        Action="lambda:InvokeFunction",
        Principal="config.amazonaws.com",
    )
    sandbox.client("sns").create_topic(Name="standing")
    sandbox.client("sqs").create_queue(QueueName="standing")


Read = Callable[[Sandbox, str], dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """Properties at first and later, and what the service then tells; same: one id throughout."""

    kind: str
    first: dict[str, Any]
    later: dict[str, Any]
    read: Read
    told_first: dict[str, Any]
    told_later: dict[str, Any]
    same: bool = True
    attributes: dict[str, Any] = field(default_factory=dict)


def tags(**pairs: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def pairs(tag_list: list[dict[str, str]]) -> dict[str, str]:
    return {t.get("Key") or t["TagKey"]: t.get("Value", t.get("TagValue", "")) for t in tag_list}


# what each service tells ------------------------------------------------------------------------


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


def rule(sandbox: Sandbox, name: str) -> dict[str, Any]:
    events = sandbox.client("events")
    found = events.describe_rule(Name=name)
    return {
        "pattern": json.loads(found["EventPattern"]),
        "state": found["State"],
        "description": found.get("Description"),
        "targets": events.list_targets_by_rule(Rule=name)["Targets"],
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


def queue_policy(sandbox: Sandbox, _: str) -> dict[str, Any]:
    sqs = sandbox.client("sqs")
    kept = sqs.get_queue_attributes(QueueUrl=QUEUE_URL, AttributeNames=["Policy"])
    text = kept.get("Attributes", {}).get("Policy")
    if not text:
        raise ClientError({"Error": {"Code": "NotFound", "Message": ""}}, "GetQueueAttributes")
    return {"action": json.loads(text)["Statement"][0]["Action"]}


def topic(sandbox: Sandbox, arn: str) -> dict[str, Any]:
    sns = sandbox.client("sns")
    kept = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    found = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    return {
        "display": kept.get("DisplayName", ""),
        "tags": pairs(sns.list_tags_for_resource(ResourceArn=arn)["Tags"]),
        "subscribers": [s["Endpoint"] for s in found],
    }


def topic_policy(sandbox: Sandbox, _: str) -> dict[str, Any]:
    kept = sandbox.client("sns").get_topic_attributes(TopicArn=TOPIC)["Attributes"]
    statement = json.loads(kept["Policy"])["Statement"]
    statement = statement[0] if isinstance(statement, list) else statement
    if statement.get("Sid") == "__default_statement_ID":
        raise ClientError({"Error": {"Code": "NotFound", "Message": ""}}, "GetTopicAttributes")
    return {"principal": statement["Principal"]["Service"]}


def subscription(sandbox: Sandbox, arn: str) -> dict[str, Any]:
    kept = sandbox.client("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    return {"endpoint": kept["Endpoint"], "raw": kept.get("RawMessageDelivery", "false")}


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


def alias(sandbox: Sandbox, name: str) -> dict[str, Any]:
    for found in sandbox.client("kms").list_aliases()["Aliases"]:
        if found["AliasName"] == name:
            return {"points": "TargetKeyId" in found}
    raise ClientError({"Error": {"Code": "NotFound", "Message": ""}}, "ListAliases")


def log_group(sandbox: Sandbox, name: str) -> dict[str, Any]:
    logs = sandbox.client("logs")
    for found in logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]:
        arn = found["arn"].removesuffix(":*")
        kept = logs.list_tags_for_resource(resourceArn=arn)["tags"]
        return {"days": found.get("retentionInDays"), "tags": kept}
    raise ClientError({"Error": {"Code": "NotFound", "Message": ""}}, "DescribeLogGroups")


def alarm(sandbox: Sandbox, name: str) -> dict[str, Any]:
    client = sandbox.client("cloudwatch")
    for found in client.describe_alarms(AlarmNames=[name])["MetricAlarms"]:
        return {
            "threshold": found["Threshold"],
            "actions": found["AlarmActions"],
            "missing": found.get("TreatMissingData"),
            "tags": pairs(client.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"]),
        }
    raise ClientError({"Error": {"Code": "NotFound", "Message": ""}}, "DescribeAlarms")


def config_rule(sandbox: Sandbox, name: str) -> dict[str, Any]:
    config = sandbox.client("config")
    found = config.describe_config_rules(ConfigRuleNames=[name])["ConfigRules"][0]
    return {
        "parameters": json.loads(found["InputParameters"]),
        "types": found["Scope"]["ComplianceResourceTypes"],
        "function": found["Source"]["SourceIdentifier"],
    }


def pack(sandbox: Sandbox, name: str) -> dict[str, Any]:
    config = sandbox.client("config")
    found = config.describe_conformance_packs(ConformancePackNames=[name])
    rules = config.describe_config_rules()["ConfigRules"]
    return {
        "input": found["ConformancePackDetails"][0].get("ConformancePackInputParameters"),
        "rules": {
            re.sub("-conformance-pack-[a-z0-9]{9}$", " of a pack", r["ConfigRuleName"]): json.loads(
                r["InputParameters"]
            )
            for r in rules
        },
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


def channel(sandbox: Sandbox, name: str) -> dict[str, Any]:
    config = sandbox.client("config")
    found = config.describe_delivery_channels(DeliveryChannelNames=[name])["DeliveryChannels"][0]
    return {"bucket": found["s3BucketName"], "prefix": found.get("s3KeyPrefix")}


# the cases ----------------------------------------------------------------------------------------

TARGET = {
    "Arn": f"arn:aws:ssm:{REGION}:{ACCOUNT}:automation-definition/Netmend-X:$DEFAULT",
    "Id": "runbook",
    "RoleArn": ROLE,
    "InputTransformer": {
        "InputPathsMap": {"id": "$.detail.resourceId"},
        "InputTemplate": '{"ResourceId": [<id>]}',
    },
    "DeadLetterConfig": {"Arn": QUEUE},
    "RetryPolicy": {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 5},
}
PATTERN = {"source": ["aws.config"], "detail": {"messageType": ["ComplianceChangeNotification"]}}


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
ALARM = {
    "Namespace": "AWS/SQS",
    "MetricName": "ApproximateNumberOfMessagesVisible",
    "Dimensions": [{"Name": "QueueName", "Value": "standing"}],
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": "1",
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "TreatMissingData": "notBreaching",
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
            "Environment": {"Variables": {"A": "1"}},
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
            "Environment": {"Variables": {"B": "2"}},
            "Tags": tags(b="3"),
        },
        function,
        {
            "runtime": "python3.13",
            "timeout": 60,
            "memory": 512,
            "variables": {"A": "1"},
            "description": "first",
            "architectures": ["arm64"],
            "tags": {"a": "1", "b": "2"},
        },
        {
            "runtime": "python3.12",
            "timeout": 3,
            "memory": 256,
            "variables": {"B": "2"},
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
    Case(
        "AWS::Events::Rule",
        {
            "Name": "netmend-made",
            "Description": "first",
            "EventPattern": PATTERN,
            "State": "ENABLED",
            "Targets": [TARGET, {"Arn": QUEUE, "Id": "queue"}],
        },
        {
            "Name": "netmend-made",
            "Description": "later",
            "EventPattern": {"source": ["aws.ec2"]},
            "State": "DISABLED",
            "Targets": [{**TARGET, "RetryPolicy": {"MaximumRetryAttempts": 2}}],
        },
        rule,
        {
            "pattern": PATTERN,
            "state": "ENABLED",
            "description": "first",
            "targets": [TARGET, {"Arn": QUEUE, "Id": "queue"}],
        },
        {
            "pattern": {"source": ["aws.ec2"]},
            "state": "DISABLED",
            "description": "later",
            "targets": [{**TARGET, "RetryPolicy": {"MaximumRetryAttempts": 2}}],
        },
        attributes={"Arn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/netmend-made"},
    ),
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
        "AWS::SQS::Queue",
        {
            "QueueName": "made",
            "MessageRetentionPeriod": 1209600,
            "SqsManagedSseEnabled": True,
            "RedrivePolicy": {"deadLetterTargetArn": QUEUE, "maxReceiveCount": 3},
            "Tags": tags(a="1"),
        },
        {"QueueName": "made", "VisibilityTimeout": 60, "Tags": tags(b="2")},
        queue,
        {
            "retention": "1209600",
            "visible": "30",
            "redrive": {"deadLetterTargetArn": QUEUE, "maxReceiveCount": 3},
            "tags": {"a": "1"},
        },
        {"retention": "345600", "visible": "60", "redrive": {}, "tags": {"b": "2"}},
        attributes={"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:made", "QueueName": "made"},
    ),
    Case(
        "AWS::SQS::QueuePolicy",
        {"Queues": [QUEUE_URL], "PolicyDocument": policy("sqs:SendMessage", QUEUE, AWS="*")},
        {"Queues": [QUEUE_URL], "PolicyDocument": policy("sqs:ReceiveMessage", QUEUE, AWS="*")},
        queue_policy,
        {"action": "sqs:SendMessage"},
        {"action": "sqs:ReceiveMessage"},
    ),
    Case(
        "AWS::SNS::Topic",
        {
            "TopicName": "made",
            "DisplayName": "Made",
            "Subscription": [{"Protocol": "sqs", "Endpoint": QUEUE}],
            "Tags": tags(a="1"),
        },
        {"TopicName": "made", "DisplayName": "Later", "Tags": tags(b="2")},
        topic,
        {"display": "Made", "tags": {"a": "1"}, "subscribers": [QUEUE]},
        {"display": "Later", "tags": {"b": "2"}, "subscribers": []},
        attributes={"TopicName": "made", "TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:made"},
    ),
    Case(
        "AWS::SNS::TopicPolicy",
        {
            "Topics": [TOPIC],
            "PolicyDocument": policy("sns:Publish", TOPIC, Service="events.amazonaws.com"),
        },
        {
            "Topics": [TOPIC],
            "PolicyDocument": policy("sns:Publish", TOPIC, Service="config.amazonaws.com"),
        },
        topic_policy,
        {"principal": "events.amazonaws.com"},
        {"principal": "config.amazonaws.com"},
    ),
    Case(
        "AWS::SNS::Subscription",
        {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": QUEUE, "RawMessageDelivery": True},
        {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": QUEUE, "RawMessageDelivery": False},
        subscription,
        {"endpoint": QUEUE, "raw": "true"},
        {"endpoint": QUEUE, "raw": "false"},
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
    Case(
        "AWS::Logs::LogGroup",
        {"LogGroupName": "/made", "RetentionInDays": 90, "Tags": tags(a="1")},
        {"LogGroupName": "/made", "Tags": tags(b="2")},
        log_group,
        {"days": 90, "tags": {"a": "1"}},
        {"days": None, "tags": {"b": "2"}},
        attributes={"Arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/made:*"},
    ),
    Case(
        "AWS::CloudWatch::Alarm",
        {
            **ALARM,
            "AlarmName": "made",
            "Threshold": 1,
            "AlarmActions": [TOPIC],
            "Tags": tags(a="1"),
        },
        {**ALARM, "AlarmName": "made", "Threshold": 2.5, "Tags": tags(b="2")},
        alarm,
        {
            "threshold": 1.0,
            "actions": [TOPIC],
            "missing": "notBreaching",
            "tags": {"a": "1"},
        },
        {"threshold": 2.5, "actions": [], "missing": "notBreaching", "tags": {"b": "2"}},
        attributes={"Arn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:made"},
    ),
]


RULE = {
    "ConfigRuleName": "no-ssh",
    "InputParameters": {"Ports": "22", "Wide": 10},
    "Scope": {"ComplianceResourceTypes": ["AWS::EC2::SecurityGroup"]},
    "Source": {
        "Owner": "CUSTOM_LAMBDA",
        "SourceIdentifier": FUNCTION,
        "SourceDetails": [
            {"EventSource": "aws.config", "MessageType": "ConfigurationItemChangeNotification"}
        ],
    },
}
PACK = json.dumps(
    {
        "Parameters": {"Ports": {"Type": "String", "Default": "22"}},
        "Resources": {
            "NoSsh": {
                "Type": "AWS::Config::ConfigRule",
                "Properties": {**RULE, "InputParameters": {"Ports": {"Ref": "Ports"}}},
            }
        },
    }
)
LINKED = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
)
CASES += [
    Case(
        "AWS::Config::ConfigRule",
        RULE,
        {**RULE, "InputParameters": {"Ports": "22,3389"}},
        config_rule,
        {
            "parameters": {"Ports": "22", "Wide": "10"},
            "types": ["AWS::EC2::SecurityGroup"],
            "function": FUNCTION,
        },
        {
            "parameters": {"Ports": "22,3389"},
            "types": ["AWS::EC2::SecurityGroup"],
            "function": FUNCTION,
        },
    ),
    Case(
        "AWS::Config::ConformancePack",
        {"ConformancePackName": "made", "TemplateBody": PACK},
        {
            "ConformancePackName": "made",
            "TemplateBody": PACK,
            "ConformancePackInputParameters": [
                {"ParameterName": "Ports", "ParameterValue": "3389"}
            ],
        },
        pack,
        {"input": None, "rules": {"no-ssh of a pack": {"Ports": "22"}}},
        {
            "input": [{"ParameterName": "Ports", "ParameterValue": "3389"}],
            "rules": {"no-ssh of a pack": {"Ports": "3389"}},
        },
    ),
    Case(
        "AWS::Config::ConfigurationRecorder",
        {
            "Name": "made",
            "RoleARN": LINKED,
            "RecordingGroup": {"AllSupported": False, "ResourceTypes": ["AWS::EC2::RouteTable"]},
        },
        {"Name": "made", "RoleARN": LINKED, "RecordingGroup": {"AllSupported": True}},
        recorder,
        {"all": False, "types": ["AWS::EC2::RouteTable"], "recording": True},
        {"all": True, "recording": True},
    ),
    Case(
        "AWS::Config::DeliveryChannel",
        {"Name": "made", "S3BucketName": "code"},
        {"Name": "made", "S3BucketName": "code", "S3KeyPrefix": "config"},
        channel,
        {"bucket": "code", "prefix": None},
        {"bucket": "code", "prefix": "config"},
    ),
]


def template(case: Case, properties: dict[str, Any]) -> str:
    outputs = {
        f"A{index}": {"Value": {"Fn::GetAtt": ["Made", name]}}
        for index, name in enumerate(case.attributes)
    }
    resource = {"Type": case.kind, "Properties": properties}
    return json.dumps({"Resources": {"Made": resource}, "Outputs": outputs})


def physical_id(sandbox: Sandbox, stack: str = "one") -> str:
    found = sandbox.client("cloudformation").describe_stack_resource(
        StackName=stack, LogicalResourceId="Made"
    )
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def told(case: Case, sandbox: Sandbox, name: str, expected: dict[str, Any]) -> dict[str, Any]:
    found = case.read(sandbox, name)
    return {key: found[key] for key in expected}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_a_resource_is_made_changed_and_deleted(sandbox: Sandbox, case: Case) -> None:
    stack = case.kind.replace("::", "-")
    outputs = deploy(sandbox, stack, template(case, case.first), {}, NAMED)
    made = physical_id(sandbox, stack)
    assert list(outputs.values()) == list(case.attributes.values())
    assert told(case, sandbox, made, case.told_first) == case.told_first

    deploy(sandbox, stack, template(case, case.later), {}, NAMED)
    later = physical_id(sandbox, stack)
    assert (made == later) == case.same
    assert told(case, sandbox, later, case.told_later) == case.told_later
    if not case.same:
        with pytest.raises(ClientError):
            case.read(sandbox, made)

    sandbox.client("cloudformation").delete_stack(StackName=stack)
    with pytest.raises(ClientError):
        case.read(sandbox, later)


def test_generated_names_are_of_the_stack_and_fit(sandbox: Sandbox) -> None:
    resources = {
        "AVeryLongLogicalIdThatIsLongerThanMostNamesMayEverBe": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": TRUST},
        },
        "Store": {"Type": "AWS::S3::Bucket"},
    }
    deploy(sandbox, "Named", json.dumps({"Resources": resources}), {}, NAMED)
    client = sandbox.client("cloudformation")
    names = [
        r["PhysicalResourceId"]
        for r in client.describe_stack_resources(StackName="Named")["StackResources"]
    ]
    assert all(name.lower().startswith("named-") and len(name) <= 64 for name in names)
    assert any(name.startswith("named-store-") and name == name.lower() for name in names)
    client.delete_stack(StackName="Named")


def test_a_keys_alias_points_to_it(sandbox: Sandbox) -> None:
    resources = {
        "Key": {"Type": "AWS::KMS::Key"},
        "Alias": {
            "Type": "AWS::KMS::Alias",
            "Properties": {"AliasName": "alias/made", "TargetKeyId": {"Ref": "Key"}},
        },
    }
    deploy(sandbox, "one", json.dumps({"Resources": resources}))
    assert alias(sandbox, "alias/made") == {"points": True}
    sandbox.client("cloudformation").delete_stack(StackName="one")
    with pytest.raises(ClientError):
        alias(sandbox, "alias/made")


def test_inline_code_becomes_the_index_file(sandbox: Sandbox) -> None:
    properties = {
        "Code": {"ZipFile": "def h(event, context): return 42"},
        "Runtime": "python3.13",
        "Handler": "index.h",
        "Role": ROLE,
    }
    made = {"Type": "AWS::Lambda::Function", "Properties": properties}
    deploy(sandbox, "one", json.dumps({"Resources": {"Made": made}}))
    first = function(sandbox, physical_id(sandbox))["code"]
    properties["Code"] = {"ZipFile": "def h(event, context): return 43"}
    deploy(sandbox, "one", json.dumps({"Resources": {"Made": made}}))
    assert function(sandbox, physical_id(sandbox))["code"] != first
    sandbox.client("cloudformation").delete_stack(StackName="one")


def test_the_stacks_tags_are_on_what_it_makes(sandbox: Sandbox) -> None:
    client = sandbox.client("cloudformation")
    made = {"Type": "AWS::SQS::Queue", "Properties": {"Tags": tags(b="own")}}
    body = json.dumps({"Resources": {"Made": made}})
    client.create_stack(StackName="one", TemplateBody=body, Tags=tags(a="1", b="2"))
    assert queue(sandbox, physical_id(sandbox))["tags"] == {"a": "1", "b": "own"}
    client.update_stack(StackName="one", TemplateBody=body, Tags=tags(a="3"))
    assert queue(sandbox, physical_id(sandbox))["tags"] == {"a": "3", "b": "own"}
    client.delete_stack(StackName="one")


def test_a_type_of_moto_is_made_changed_and_deleted(sandbox: Sandbox) -> None:
    properties = {"Name": "made", "ShardCount": 1}
    made = {"Type": "AWS::Kinesis::Stream", "Properties": properties}
    kinesis = sandbox.client("kinesis")
    deploy(sandbox, "one", json.dumps({"Resources": {"Made": made}}))
    assert kinesis.list_streams()["StreamNames"] == [physical_id(sandbox)] == ["made"]
    properties["ShardCount"] = 2
    deploy(sandbox, "one", json.dumps({"Resources": {"Made": made}}))
    summary = kinesis.describe_stream_summary(StreamName="made")["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 2
    sandbox.client("cloudformation").delete_stack(StackName="one")
    assert kinesis.list_streams()["StreamNames"] == []


def test_a_recorder_and_its_channel_come_in_one_template(sandbox: Sandbox) -> None:
    resources = {
        "Channel": {
            "Type": "AWS::Config::DeliveryChannel",
            "Properties": {"Name": "mine", "S3BucketName": "code"},
        },
        "Recorder": {
            "Type": "AWS::Config::ConfigurationRecorder",
            "Properties": {"Name": "mine", "RoleARN": LINKED},
        },
    }
    config = sandbox.client("config")
    deploy(sandbox, "one", json.dumps({"Resources": resources}))
    assert recorder(sandbox, "mine")["recording"] is True
    sandbox.client("cloudformation").delete_stack(StackName="one")
    assert config.describe_configuration_recorders()["ConfigurationRecorders"] == []
    assert config.describe_delivery_channels()["DeliveryChannels"] == []


def test_a_pack_that_fails_fails_the_stack_and_leaves_none(sandbox: Sandbox) -> None:
    broken = PACK.replace(FUNCTION, f"{FUNCTION}-of-nobody")
    made = {
        "Type": "AWS::Config::ConformancePack",
        "Properties": {"ConformancePackName": "broken", "TemplateBody": broken},
    }
    with pytest.raises(StackError, match=r"Made \(AWS::Config::ConformancePack\): .*NoSsh"):
        deploy(sandbox, "broken", json.dumps({"Resources": {"Made": made}}))
    assert sandbox.client("config").describe_conformance_packs()["ConformancePackDetails"] == []
