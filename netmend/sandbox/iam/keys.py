"""Condition keys as tables: which the sandbox fills in, and which its calls never have."""

from __future__ import annotations

from typing import Final

ABSENT: Final = frozenset(
    (
        "aws:assumedroot",
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:chatbotsourcearn",
        "aws:ec2instancesourceprivateipv4",
        "aws:ec2instancesourcevpc",
        "aws:federatedprovider",
        "aws:multifactorauthage",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:referer",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceidentity",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpcarn",
        "aws:sourcevpce",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "aws:vpcsourceip",
        "kms:encryptioncontextkeys",
        "kms:grantisforawsresource",
        "sts:sourceidentity",
    )
)
"""Keys that no call to the sandbox has, unless an AWS service says them of itself."""

GLOBAL: Final = frozenset(
    (
        "aws:currenttime",
        "aws:epochtime",
        "aws:multifactorauthpresent",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principaltype",
        "aws:requestedregion",
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:resourceorgpaths",
        "aws:securetransport",
        "aws:sourceip",
        "aws:tagkeys",
        "aws:userid",
        "aws:username",
        "aws:viaawsservice",
    )
)

PREFIXES: Final = ("aws:principaltag/", "aws:requesttag/")
"""Beginnings of keys whose tags are all known."""

PRINCIPAL_TYPES: Final = {"root": "User", "user": "User", "role": "AssumedRole"}

S3_PARAMETERS: Final = {
    "ACL": "s3:x-amz-acl",
    "CopySource": "s3:x-amz-copy-source",
    "Delimiter": "s3:delimiter",
    "IfMatch": "s3:if-match",
    "IfNoneMatch": "s3:if-none-match",
    "MaxKeys": "s3:max-keys",
    "ObjectLockLegalHoldStatus": "s3:object-lock-legal-hold",
    "ObjectLockMode": "s3:object-lock-mode",
    "ObjectLockRetainUntilDate": "s3:object-lock-retain-until-date",
    "Prefix": "s3:prefix",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "StorageClass": "s3:x-amz-storage-class",
    "VersionId": "s3:versionid",
}

PARAMETERS: Final[dict[str, dict[str, str]]] = {
    "ec2": {"InstanceType": "ec2:InstanceType"},
    "iam": {
        "AWSServiceName": "iam:AWSServiceName",
        "PermissionsBoundary": "iam:PermissionsBoundary",
        "PolicyArn": "iam:PolicyARN",
    },
    "s3": S3_PARAMETERS,
    "sns": {"Endpoint": "sns:Endpoint", "Protocol": "sns:Protocol"},
    "ssm": {"DocumentVersion": "ssm:DocumentVersion"},
    "sts": {
        "ExternalId": "sts:ExternalId",
        "RoleSessionName": "sts:RoleSessionName",
        "TransitiveTagKeys": "sts:TransitiveTagKeys",
    },
}
"""boto3 service -> parameters of a call that are condition keys by themselves."""

FILLED: Final = GLOBAL | {
    "ec2:createaction",
    "ec2:region",
    "iam:passedtoservice",
    "kms:calleraccount",
    "kms:resourcealiases",
    "kms:viaservice",
    "s3:objectcreationoperation",
    *(key.lower() for named in PARAMETERS.values() for key in named.values()),
} - {"ec2:instancetype", "ssm:documentversion"}
"""Keys that are filled in wherever a call has them, so that it truly lacks those that are not."""

OBJECT_CREATIONS: Final = frozenset({"PutObject", "CopyObject", "CompleteMultipartUpload"})
