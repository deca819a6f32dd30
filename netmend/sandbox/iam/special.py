"""Operations of which the parameters alone do not say what they act on, or all that they need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from moto.ec2.models import ec2_backends
from moto.utilities.utils import get_partition

from netmend.sandbox.api import ApiCall
from netmend.sandbox.iam import directory, owned
from netmend.sandbox.iam.actions import known
from netmend.sandbox.iam.arns import ANY, Need, action, general, own, renamed
from netmend.sandbox.iam.context import Keys
from netmend.sandbox.iam.resources import (
    PASSES,
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


def alongside(call: ApiCall) -> list[Need]:
    """What a call needs besides its own action: to tag what it makes, to hand over a role."""
    return [*_tagging(call), *_passing(call)]


def _tagging(call: ApiCall) -> Iterator[Need]:
    if call.service != "ec2" or not call.params.get("TagSpecifications"):
        return
    kinds = {kind.name: kind for kind in known("ec2:CreateTags").kinds}
    for specification in call.params["TagSpecifications"]:
        kind = kinds.get(str(specification.get("ResourceType")))
        if kind is not None and specification.get("Tags"):
            keys: Keys = {"ec2:CreateAction": call.operation}
            arn = own(call, f"{kind.name}/*")
            yield Need("ec2:CreateTags", arn, keys, kind.name, kind.keys)


def _passing(call: ApiCall) -> Iterator[Need]:
    path, service = PASSES.get(call.name, ("", ""))
    found: Any = call.params
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    if isinstance(found, str):
        yield Need("iam:PassRole", found, {"iam:PassedToService": service}, "role")


def security_group(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """The group and rules that are changed; with tags the rules to be made."""
    wanted = [need for need in general(call) if need.kind == "security-group"]
    if changed := [one["SecurityGroupRuleId"] for one in call.params.get("SecurityGroupRules", [])]:
        wanted += [Need(action(call), own(call, f"security-group-rule/{one}")) for one in changed]
    if call.params.get("TagSpecifications"):
        wanted.append(Need(action(call), own(call, "security-group-rule/*")))
    return wanted


def prefix_list(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """A list of AWS's own is of the account `aws`, a shared one of its owner's."""
    list_id = str(call.params.get("PrefixListId", ANY))
    found = ec2_backends[call.account][call.region].managed_prefix_lists.get(list_id)
    owner = str(found.owner_id).lower() if found is not None else call.account
    mine, his = f":{call.account}:prefix-list/", f":{owner}:prefix-list/"
    return [replace(n, resource=n.resource.replace(mine, his)) for n in general(call)]


def start_automation(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """The definition of a document in the version asked for; AWS's own are of no account."""
    name = str(call.params.get("DocumentName", ANY)).split(":document/")[-1]
    version = call.params.get("DocumentVersion") or "$DEFAULT"
    owner = "" if name.startswith(AWS_DOCUMENTS) else call.account
    head = f"arn:{get_partition(call.region)}:ssm:{call.region}:{owner}"
    return [Need(action(call), f"{head}:automation-definition/{name}:{version}")]


def key(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """Policies speak of the key, however the call names it."""
    if "KeyId" not in call.params:
        return general(call)
    found = owned.key(call.params["KeyId"], call.account, call.region)
    if found is None:
        return [need for need in general(call) if need.kind != "alias"] or general(call)
    name = action(call)
    kind = next((kind for kind in known(name).kinds if kind.name == "key"), None)
    keys = kind.keys if kind is not None else frozenset()
    return [Need(name, found.arn, _key_keys(call, found), "key", keys)]


def _key_keys(call: ApiCall, found: Any) -> Keys:
    aliases: Keys = {"kms:ResourceAliases": tuple(found.aliases)} if found.aliases else {}
    return {"kms:CallerAccount": call.account, **aliases}


def event_bus(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """The bus of each entry, by name or ARN."""
    entries = call.params.get("Entries", [])
    buses = dict.fromkeys(str(entry.get("EventBusName") or "default") for entry in entries)
    arns = [bus if bus.startswith("arn:") else own(call, f"event-bus/{bus}") for bus in buses]
    return [Need(action(call), arn, {}, "event-bus") for arn in arns]


def transaction(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """A transaction needs what its parts need."""
    parts = [
        (TRANSACTIONS[kind], str(body["TableName"]))
        for item in call.params.get("TransactItems", [])
        for kind, body in item.items()
    ]
    return [Need(name, _table(call, table), {}, "table") for name, table in dict.fromkeys(parts)]


def batch(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """A DynamoDB batch acts on each table that it names."""
    tables = call.params.get("RequestItems", {})
    return [Need(action(call), _table(call, table), {}, "table") for table in tables]


def _table(call: ApiCall, name: str) -> str:
    return name if name.startswith("arn:") else own(call, f"table/{name}")


def config_rule(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """A Config rule's ARN holds an id, so it has to be looked up."""
    named = call.params.get("ConfigRule", {}).get("ConfigRuleName")
    given = named or call.params.get("ConfigRuleNames") or call.params.get("ConfigRuleName")
    if not given:
        return [Need(action(call), ANY)]
    names = given if isinstance(given, list) else [given]
    return [Need(action(call), _rule_arn(sandbox, call, name), {}, "ConfigRule") for name in names]


def _rule_arn(sandbox: Sandbox, call: ApiCall, name: str) -> str:
    found = (find(sandbox, call.account, call.region, name) for find in RULE_ARNS)
    return next((arn for arn in found if arn is not None), own(call, "config-rule/*"))


def iam(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """Names stand in ARNs with their paths; who names no user means himself."""
    params = dict(call.params)
    for member, find in directory.PATHS.items():
        name = params.get(member)
        if isinstance(name, str):
            path = params.get("Path") or find(call.account, get_partition(call.region), name)
            params[member] = f"{path.lstrip('/')}{name}"
    if call.caller.kind == "user":
        params.setdefault("UserName", call.caller.arn.split(":user/")[-1])
    return general(call, params)


def assume_role(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """The role, and to tag the session where it gets tags."""
    wanted = general(call)
    return wanted + (renamed(wanted, "sts:TagSession") if call.params.get("Tags") else [])


def s3(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """The bucket or object, what PutObject's headers need besides, and the key under it."""
    name = action(call).removeprefix("s3:")
    if call.params.get("VersionId"):
        name = S3_VERSION_ACTIONS.get(name, name)
    names = [name, *(extra for p, extra in S3_ALONGSIDE.items() if _puts(call, p))]
    for one in names:
        known(f"s3:{one}")
    wanted = [Need(f"s3:{one}", arn) for one in names for arn in _s3_arns(call)]
    return wanted + _copied(call) + _missing_needs(call) + _key_needs(call)


def _copied(call: ApiCall) -> list[Need]:
    """What is copied is read."""
    source = call.params.get("CopySource")
    if not source:
        return []
    bare = source if isinstance(source, str) else f"{source['Bucket']}/{source['Key']}"
    path, _, version = unquote(bare).lstrip("/").partition("?versionId=")
    name = "s3:GetObjectVersion" if version else "s3:GetObject"
    return [Need(name, f"arn:{get_partition(call.region)}:s3:::{path}", {}, "object")]


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
    "config:DeleteConfigRule": config_rule,
    "config:DescribeComplianceByConfigRule": config_rule,
    "config:DescribeConfigRuleEvaluationStatus": config_rule,
    "config:DescribeConfigRules": config_rule,
    "config:GetComplianceDetailsByConfigRule": config_rule,
    "config:PutConfigRule": config_rule,
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
    "iam": iam,
    "kms": key,
    "s3": s3,
    "ssm:StartAutomationExecution": start_automation,
    "sts:AssumeRole": assume_role,
}
"""service:Operation, or a service all of whose operations are alike -> its function."""
