"""Operations whose resources a template cannot say, each with the function that can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from moto.ec2.models import ec2_backends
from moto.utilities.utils import get_partition

from netmend.sandbox.api import ApiCall
from netmend.sandbox.iam import context, owned
from netmend.sandbox.iam.arns import ANY, Need, action, arns, needed, renamed, unknown
from netmend.sandbox.iam.context import Keys
from netmend.sandbox.iam.resources import (
    S3_ACTIONS,
    S3_ALONGSIDE,
    S3_VERSION_ACTIONS,
    TRANSACTIONS,
)

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

Special = Callable[["Sandbox", ApiCall], list[Need]]
RuleArn = Callable[["Sandbox", str, str, str], str | None]
"""(sandbox, account, region, name of a Config rule) -> its ARN, None where there is none."""

RULE_ARNS: Final[list[RuleArn]] = []
"""Whoever keeps Config rules appends the function that finds their ARNs."""


AWS_DOCUMENTS: Final = ("AWS-", "AWSConfigRemediation-", "AWSSupport-")


def security_group(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """The group and rules that are changed; with tags the rules to be made, and tagging them."""
    group_id = str(call.params.get("GroupId", ANY))
    keys = context.of_security_group(call.account, call.region, group_id)
    wanted = [replace(need, keys=keys) for need in needed(call, "security-group/{GroupId}")]
    if changed := [one["SecurityGroupRuleId"] for one in call.params.get("SecurityGroupRules", [])]:
        wanted += needed(call, "security-group-rule/{changed}", changed=changed)
    if call.params.get("TagSpecifications"):
        rules = needed(call, "security-group-rule/*")
        creating: Keys = {"ec2:CreateAction": call.operation}
        tagging = [replace(n, keys=creating) for n in renamed(rules, "ec2:CreateTags")]
        wanted += rules + tagging
    return wanted


def prefix_list(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """A list of AWS's own is of the account `aws`, a shared one of its owner's."""
    list_id = str(call.params.get("PrefixListId", ANY))
    found = ec2_backends[call.account][call.region].managed_prefix_lists.get(list_id)
    owner = str(found.owner_id).lower() if found is not None else call.account
    head = f"arn:{get_partition(call.region)}:ec2:{call.region}:{owner}"
    return [Need(action(call), f"{head}:prefix-list/{list_id}")]


def parameter(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """A parameter's ARN has no second slash and no version or label."""
    given = call.params.get("Names") or [call.params.get("Name") or call.params.get("Path", ANY)]
    bare = [n if n.startswith("arn:") else n.split(":")[0].lstrip("/") for n in given]
    return needed(call, "parameter/{Names}", Names=bare)


def start_automation(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """The definition of a document in the version asked for; AWS's own are of no account."""
    name = str(call.params.get("DocumentName", ANY)).split(":document/")[-1]
    version = call.params.get("DocumentVersion") or "$DEFAULT"
    owner = "" if name.startswith(AWS_DOCUMENTS) else call.account
    head = f"arn:{get_partition(call.region)}:ssm:{call.region}:{owner}"
    return [Need(action(call), f"{head}:automation-definition/{name}:{version}")]


def queue(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """A queue's URL ends in its account and name."""
    url = str(call.params.get("QueueUrl", "")).split("/")
    if len(url) < 2:
        return [Need(action(call), ANY)]
    head = f"arn:{get_partition(call.region)}:sqs:{call.region}"
    return [Need(action(call), f"{head}:{url[-2]}:{url[-1]}")]


def key(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """Policies speak of the key, however the call names it."""
    if "KeyId" not in call.params:
        return [Need(action(call), ANY)]
    found = owned.key(call.params["KeyId"], call.account, call.region)
    if found is None:
        return needed(call, "key/{KeyId}")
    return [Need(action(call), found.arn, _key_keys(call, found))]


def _key_keys(call: ApiCall, found: Any) -> Keys:
    aliases: Keys = {"kms:ResourceAliases": tuple(found.aliases)} if found.aliases else {}
    return {"kms:CallerAccount": call.account, **aliases}


def event_bus(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """The bus of each entry, by name or ARN."""
    entries = call.params.get("Entries", [])
    buses = dict.fromkeys(entry.get("EventBusName") or "default" for entry in entries)
    return needed(call, "event-bus/{buses}", buses=list(buses))


def transaction(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """A transaction needs what its parts need."""
    parts = [
        (TRANSACTIONS[kind], body["TableName"])
        for item in call.params.get("TransactItems", [])
        for kind, body in item.items()
    ]
    return [
        Need(name, arns(call, "table/{TableName}", TableName=table)[0])
        for name, table in dict.fromkeys(parts)
    ]


def batch(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """A DynamoDB batch acts on each table that it names."""
    return needed(call, "table/{tables}", tables=list(call.params.get("RequestItems", {})))


def config_rule(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """A Config rule's ARN holds an id, so it has to be looked up."""
    given = call.params.get("ConfigRuleNames") or call.params.get("ConfigRuleName")
    if not given:
        return [Need(action(call), ANY)]
    names = given if isinstance(given, list) else [given]
    return needed(call, "config-rule/{arns}", arns=[_rule_arn(sandbox, call, n) for n in names])


def _rule_arn(sandbox: Sandbox, call: ApiCall, name: str) -> str:
    found = (find(sandbox, call.account, call.region, name) for find in RULE_ARNS)
    return next((arn for arn in found if arn is not None), ANY)


def s3(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """The bucket or object, what PutObject's headers need besides, and the key under it."""
    name = S3_ACTIONS.get(call.operation)
    if name is None:
        raise unknown(action(call))
    if call.params.get("VersionId"):
        name = S3_VERSION_ACTIONS.get(name, name)
    names = [name, *(extra for p, extra in S3_ALONGSIDE.items() if _puts(call, p))]
    wanted = [Need(f"s3:{one}", arn) for one in names for arn in _s3_arns(call)]
    return wanted + _missing_needs(call) + _key_needs(call)


def _missing_needs(call: ApiCall) -> list[Need]:
    """S3 says that an object is missing only to those who may list; others are denied."""
    if call.operation not in ("GetObject", "HeadObject"):
        return []
    bucket = owned.bucket(call.params["Bucket"])
    if bucket is None or call.params["Key"] in bucket.keys:
        return []
    return [Need("s3:ListBucket", f"arn:{get_partition(call.region)}:s3:::{bucket.name}")]


def _s3_arns(call: ApiCall) -> list[str]:
    if not call.params.get("Bucket"):
        return [ANY]
    bucket = f"arn:{get_partition(call.region)}:s3:::{call.params['Bucket']}"
    listed = call.params.get("Delete", {}).get("Objects", [])
    items = [one["Key"] for one in listed] or [call.params.get("Key")]
    return [f"{bucket}/{item}" if item else bucket for item in items]


def _puts(call: ApiCall, parameter: str) -> bool:
    return call.operation == "PutObject" and bool(call.params.get(parameter))


def _key_needs(call: ApiCall) -> list[Need]:
    if call.operation not in _KEY_ACTIONS:
        return []
    bucket = owned.bucket(call.params["Bucket"])
    name, find = _KEY_ACTIONS[call.operation]
    key_id = find(call, bucket) if bucket is not None else None
    found = owned.key(key_id, bucket.account_id, call.region) if bucket and key_id else None
    if found is None:  # not under KMS, or under the key that S3 manages for everybody
        return []
    keys: Keys = {
        "kms:ViaService": f"s3.{call.region}.amazonaws.com",
        "kms:ResourceAliases": tuple(found.aliases),
    }
    return [Need(name, found.arn, {**keys, "kms:CallerAccount": call.account})]


def _key_to_write(call: ApiCall, bucket: Any) -> str | None:
    if call.params.get("ServerSideEncryption", "aws:kms") != "aws:kms":
        return None
    rule = (bucket.encryption or {}).get("Rule", {})
    default = rule.get("ApplyServerSideEncryptionByDefault", {})
    named = default.get("KMSMasterKeyID") if default.get("SSEAlgorithm") == "aws:kms" else None
    return call.params.get("SSEKMSKeyId") or named


def _key_to_read(call: ApiCall, bucket: Any) -> str | None:
    found = bucket.keys.get(call.params.get("Key"))
    return found.kms_key_id if found is not None and found.encryption == "aws:kms" else None


_KEY_ACTIONS: Final[dict[str, tuple[str, Callable[[ApiCall, Any], str | None]]]] = {
    "GetObject": ("kms:Decrypt", _key_to_read),
    "PutObject": ("kms:GenerateDataKey", _key_to_write),
}

SPECIAL: Final[dict[str, Special]] = {
    "config:DescribeComplianceByConfigRule": config_rule,
    "config:DescribeConfigRuleEvaluationStatus": config_rule,
    "config:GetComplianceDetailsByConfigRule": config_rule,
    "config:StartConfigRulesEvaluation": config_rule,
    "dynamodb:BatchGetItem": batch,
    "dynamodb:BatchWriteItem": batch,
    "dynamodb:TransactGetItems": transaction,
    "dynamodb:TransactWriteItems": transaction,
    "ec2:AuthorizeSecurityGroupEgress": security_group,
    "ec2:AuthorizeSecurityGroupIngress": security_group,
    "ec2:GetManagedPrefixListEntries": prefix_list,
    "ec2:ModifyManagedPrefixList": prefix_list,
    "ec2:ModifySecurityGroupRules": security_group,
    "ec2:RevokeSecurityGroupEgress": security_group,
    "ec2:RevokeSecurityGroupIngress": security_group,
    "ec2:UpdateSecurityGroupRuleDescriptionsEgress": security_group,
    "ec2:UpdateSecurityGroupRuleDescriptionsIngress": security_group,
    "events:PutEvents": event_bus,
    "kms": key,
    "s3": s3,
    "sqs": queue,
    "ssm:GetParameter": parameter,
    "ssm:GetParameters": parameter,
    "ssm:GetParametersByPath": parameter,
    "ssm:PutParameter": parameter,
    "ssm:StartAutomationExecution": start_automation,
}
"""service:Operation, or a service all of whose operations are alike -> its function."""
