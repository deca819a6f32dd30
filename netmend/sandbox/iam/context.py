"""The condition keys that a call really has, and the list of those the sandbox can answer for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from moto.ec2.models import ec2_backends

from netmend.sandbox.api import ApiCall, Caller
from netmend.sandbox.iam import directory
from netmend.sandbox.iam.patterns import Context, Values

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

Keys = dict[str, str | Values]

KNOWN: Final = frozenset(
    (
        "aws:currenttime",
        "aws:epochtime",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principalservicename",
        "aws:principaltype",
        "aws:requestedregion",
        "aws:resourceaccount",
        "aws:securetransport",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:tagkeys",
        "aws:username",
        "aws:viaawsservice",
        "ec2:createaction",
        "ec2:region",
        "ec2:securitygroupid",
        "ec2:vpc",
        "iam:passedtoservice",
        "kms:calleraccount",
        "kms:resourcealiases",
        "kms:resourcealiases",
        "kms:viaservice",
        "s3:delimiter",
        "s3:if-match",
        "s3:if-none-match",
        "s3:object-lock-legal-hold",
        "s3:object-lock-mode",
        "s3:object-lock-retain-until-date",
        "s3:objectcreationoperation",
        "s3:prefix",
        "s3:versionid",
        "s3:x-amz-acl",
        "s3:x-amz-server-side-encryption",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "sts:externalid",
        "sts:rolesessionname",
    )
)
"""Keys whose absence means that AWS would not send them either."""

KNOWN_PREFIXES: Final = ("aws:principaltag/", "aws:requesttag/")
TAG_PREFIXES: Final = ("aws:resourcetag/", "ec2:resourcetag/")

PRINCIPAL_TYPES: Final = {"root": "User", "user": "User", "role": "AssumedRole"}

S3_PARAMETERS: Final = {
    "ACL": "s3:x-amz-acl",
    "Delimiter": "s3:delimiter",
    "IfMatch": "s3:if-match",
    "IfNoneMatch": "s3:if-none-match",
    "ObjectLockLegalHoldStatus": "s3:object-lock-legal-hold",
    "ObjectLockMode": "s3:object-lock-mode",
    "Prefix": "s3:prefix",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "VersionId": "s3:versionid",
}
STS_PARAMETERS: Final = {
    "ExternalId": "sts:ExternalId",
    "RoleSessionName": "sts:RoleSessionName",
}
PARAMETERS: Final = {"s3": S3_PARAMETERS, "sts": STS_PARAMETERS}
"""Parameters of a call that are condition keys by themselves."""

OBJECT_CREATIONS: Final = frozenset({"PutObject", "CopyObject", "CompleteMultipartUpload"})


def knows(key: str) -> bool:
    """Whether the sandbox can tell that a lower-case condition key is absent."""
    return key in KNOWN or key.startswith(KNOWN_PREFIXES)


def knows_tags(key: str) -> bool:
    """The same for security groups, the resources whose tags are read."""
    return knows(key) or key.startswith(TAG_PREFIXES)


def of_need(keys: Keys, resource: str) -> Context:
    """The context of one action on one resource."""
    tagged = resource == "*" or ":security-group" in resource
    return Context(keys, knows_tags if tagged else knows)


def of_service(values: Mapping[str, str | Values]) -> Context:
    """The context of an act of an AWS service, from what it says about itself."""
    always = {"aws:SecureTransport": "true", "aws:PrincipalIsAWSService": "true"}
    return Context({**always, **values}, knows)


def of_call(sandbox: Sandbox, call: ApiCall) -> Keys:
    """The keys that every need of this call shares."""
    keys = of_caller(sandbox, call.caller)
    keys["aws:RequestedRegion"] = call.region
    named = PARAMETERS.get(call.service, {})
    keys |= {key: str(call.params[p]) for p, key in named.items() if p in call.params}
    if call.service == "ec2":
        keys["ec2:Region"] = call.region
        keys |= request_tags(call.params)
    if call.service == "s3":
        keys["s3:ObjectCreationOperation"] = str(call.operation in OBJECT_CREATIONS).lower()
    return keys


def of_caller(sandbox: Sandbox, who: Caller) -> Keys:
    """Who calls, when and how."""
    now = sandbox.clock.now()
    keys: Keys = {
        "aws:CurrentTime": now.isoformat(),
        "aws:EpochTime": str(int(now.timestamp())),
        "aws:SecureTransport": "true",
        "aws:SourceIp": "127.0.0.1",
        "aws:ViaAWSService": "false",
        "aws:PrincipalIsAWSService": "false",
        "aws:PrincipalAccount": who.account,
        "aws:PrincipalArn": who.role_arn or who.arn,
        "aws:PrincipalType": PRINCIPAL_TYPES[who.kind],
    }
    if who.kind == "user":
        keys["aws:username"] = who.arn.split("/")[-1]
    tags = directory.principal_tags(who)
    return keys | {f"aws:PrincipalTag/{key}": value for key, value in tags.items()}


def request_tags(params: Mapping[str, Any]) -> Keys:
    """aws:RequestTag and aws:TagKeys of a call that tags what it makes."""
    specifications = params.get("TagSpecifications") or []
    tags = {t["Key"]: t["Value"] for s in specifications for t in s.get("Tags", [])}
    if not tags:
        return {}
    return {f"aws:RequestTag/{k}": v for k, v in tags.items()} | {"aws:TagKeys": tuple(tags)}


def of_security_group(account: str, region: str, group_id: str) -> Keys:
    """Tags and VPC of a security group; none where there is no such group."""
    backend = ec2_backends[account][region]
    group = backend.get_security_group_from_id(group_id)
    if group is None:
        return {}
    tags = backend.tags.get(group_id, {})
    vpc = f"arn:{backend.partition}:ec2:{region}:{account}:vpc/{group.vpc_id}"
    return {
        "ec2:SecurityGroupID": group_id,
        "ec2:Vpc": vpc,
        **{f"{prefix}:ResourceTag/{k}": v for prefix in ("aws", "ec2") for k, v in tags.items()},
    }
