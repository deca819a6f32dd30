"""All that our templates' types hold in an account, to compare before and after."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox

Things = dict[str, Any]


def snapshot(sandbox: Sandbox) -> str:
    """The account's roles, functions, buckets and the rest as one text, without times and ids."""
    parts = (_identity, _functions, _storage, _messages, _watching, _documents)
    found = {key: value for part in parts for key, value in part(sandbox).items()}
    return json.dumps(found, indent=1, sort_keys=True, default=str)


def _or_none(call: Any, *path: str, **arguments: Any) -> Any:
    try:
        answer = call(**arguments)
    except ClientError:
        return None
    for part in path:
        answer = answer.get(part)
    return answer


def _identity(sandbox: Sandbox) -> Things:
    iam, kms = sandbox.client("iam"), sandbox.client("kms")
    roles = {}
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
        roles[name] = {
            "trust": role["AssumeRolePolicyDocument"],
            "tags": iam.list_role_tags(RoleName=name)["Tags"],
            "attached": iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"],
            "inline": {
                one: iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"]
                for one in policies
            },
        }
    keys = {}
    for key in kms.list_keys()["Keys"]:
        found = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        if found["KeyState"] != "PendingDeletion":
            policy = kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]
            tags = kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
            keys[key["KeyId"]] = [found["Description"], found["KeyState"], policy, tags]
    aliases = [a["AliasName"] for a in kms.list_aliases()["Aliases"] if "aws/" not in str(a)]
    return {"roles": roles, "keys": keys, "aliases": aliases}


def _functions(sandbox: Sandbox) -> Things:
    client, functions = sandbox.client("lambda"), {}
    for one in client.list_functions()["Functions"]:
        arn, name = one["FunctionArn"], one["FunctionName"]
        varying = ("LastModified", "RevisionId", "Version")
        functions[name] = {
            **{key: value for key, value in one.items() if key not in varying},
            "policy": _or_none(client.get_policy, "Policy", FunctionName=name),
            "tags": client.list_tags(Resource=arn)["Tags"],
        }
    events = sandbox.client("events")
    rules = {
        rule["Name"]: [
            rule.get("EventPattern"),
            rule["State"],
            events.list_targets_by_rule(Rule=rule["Name"])["Targets"],
            events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"],
        ]
        for rule in events.list_rules()["Rules"]
    }
    return {"functions": functions, "rules": rules}


def _storage(sandbox: Sandbox) -> Things:
    s3, dynamodb = sandbox.client("s3"), sandbox.client("dynamodb")
    reads = {
        "encryption": (s3.get_bucket_encryption, "ServerSideEncryptionConfiguration"),
        "lifecycle": (s3.get_bucket_lifecycle_configuration, "Rules"),
        "lock": (s3.get_object_lock_configuration, "ObjectLockConfiguration"),
        "policy": (s3.get_bucket_policy, "Policy"),
        "tags": (s3.get_bucket_tagging, "TagSet"),
        "versioning": (s3.get_bucket_versioning, "Status"),
    }
    buckets = {
        one["Name"]: {
            what: _or_none(call, key, Bucket=one["Name"]) for what, (call, key) in reads.items()
        }
        for one in s3.list_buckets()["Buckets"]
    }
    tables = {}
    for name in dynamodb.list_tables()["TableNames"]:
        table = dynamodb.describe_table(TableName=name)["Table"]
        tags = dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
        expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        tables[name] = [table["KeySchema"], table["DeletionProtectionEnabled"], tags, expiry]
    return {"buckets": buckets, "tables": tables}


def _messages(sandbox: Sandbox) -> Things:
    sns, sqs = sandbox.client("sns"), sandbox.client("sqs")
    topics = {
        one["TopicArn"]: [
            sns.get_topic_attributes(TopicArn=one["TopicArn"])["Attributes"],
            sns.list_tags_for_resource(ResourceArn=one["TopicArn"])["Tags"],
        ]
        for one in sns.list_topics()["Topics"]
    }
    queues = {}
    for url in sqs.list_queues().get("QueueUrls", []):
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        times = ("CreatedTimestamp", "LastModifiedTimestamp")
        kept = {key: value for key, value in found.items() if key not in times}
        queues[url] = [kept, sqs.list_queue_tags(QueueUrl=url).get("Tags", {})]
    return {"topics": topics, "queues": queues}


def _watching(sandbox: Sandbox) -> Things:
    config, logs = sandbox.client("config"), sandbox.client("logs")
    cloudwatch = sandbox.client("cloudwatch")
    groups = {
        one["logGroupName"]: [
            one.get("retentionInDays"),
            logs.list_tags_for_resource(resourceArn=one["arn"].removesuffix(":*"))["tags"],
        ]
        for one in logs.describe_log_groups()["logGroups"]
    }
    alarms = {
        one["AlarmName"]: [
            one["MetricName"],
            one["Threshold"],
            cloudwatch.list_tags_for_resource(ResourceARN=one["AlarmArn"])["Tags"],
        ]
        for one in cloudwatch.describe_alarms()["MetricAlarms"]
    }
    packs = config.describe_conformance_packs()["ConformancePackDetails"]
    rules = config.describe_config_rules()["ConfigRules"]
    return {
        "groups": groups,
        "alarms": alarms,
        "packs": [one["ConformancePackName"] for one in packs],
        "config rules": [(one["ConfigRuleName"], one.get("InputParameters")) for one in rules],
    }


def _documents(sandbox: Sandbox) -> Things:
    ssm = sandbox.client("ssm")
    own = [{"Key": "Owner", "Values": ["Self"]}]
    documents = {
        one["Name"]: [
            ssm.get_document(Name=one["Name"], DocumentFormat="JSON")["Content"],
            ssm.list_tags_for_resource(ResourceType="Document", ResourceId=one["Name"])["TagList"],
        ]
        for one in ssm.list_documents(Filters=own)["DocumentIdentifiers"]
    }
    parameters = {
        one["Name"]: [
            ssm.get_parameter(Name=one["Name"])["Parameter"]["Value"],
            ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=one["Name"])["TagList"],
        ]
        for one in ssm.describe_parameters()["Parameters"]
    }
    return {"documents": documents, "parameters": parameters}
