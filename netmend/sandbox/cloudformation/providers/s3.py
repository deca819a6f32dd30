"""AWS::S3::Bucket and AWS::S3::BucketPolicy."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar, Final

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.errors import Failure
from netmend.sandbox.cloudformation.providers.base import (
    Attributes,
    Properties,
    Provider,
    Shapes,
    by_name,
    read,
    same,
    tag_list,
)
from netmend.sandbox.cloudformation.shapes import (
    BOOLEAN,
    INTEGER,
    JSON,
    STRING,
    TAGS,
    Shape,
    json_text,
)

TRANSITION: Final[Shape] = {
    "StorageClass": STRING,
    "TransitionDate": STRING,
    "TransitionInDays": INTEGER,
}
LIFECYCLE_RULE: Final[Shape] = {
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": INTEGER},
    "ExpirationInDays": INTEGER,
    "ExpiredObjectDeleteMarker": BOOLEAN,
    "Id": STRING,
    "NoncurrentVersionExpiration": {
        "NewerNoncurrentVersions": INTEGER,
        "NoncurrentDays": INTEGER,
    },
    "Prefix": STRING,
    "Status": STRING,
    "Transitions": [TRANSITION],
}


class Bucket(Provider):
    """Ref is the name. Only an empty bucket can be deleted."""

    type = "AWS::S3::Bucket"
    name_property = "BucketName"
    shape: ClassVar[Shapes] = {
        "AccessControl": STRING,
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {
                    "BucketKeyEnabled": BOOLEAN,
                    "ServerSideEncryptionByDefault": {
                        "KMSMasterKeyID": STRING,
                        "SSEAlgorithm": STRING,
                    },
                }
            ]
        },
        "BucketName": STRING,
        "LifecycleConfiguration": {"Rules": [LIFECYCLE_RULE]},
        "LoggingConfiguration": {"DestinationBucketName": STRING, "LogFilePrefix": STRING},
        "ObjectLockConfiguration": {
            "ObjectLockEnabled": STRING,
            "Rule": {"DefaultRetention": {"Days": INTEGER, "Mode": STRING, "Years": INTEGER}},
        },
        "ObjectLockEnabled": BOOLEAN,
        "OwnershipControls": {"Rules": [{"ObjectOwnership": STRING}]},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": BOOLEAN,
            "BlockPublicPolicy": BOOLEAN,
            "IgnorePublicAcls": BOOLEAN,
            "RestrictPublicBuckets": BOOLEAN,
        },
        "Tags": TAGS,
        "VersioningConfiguration": {"Status": STRING},
        "WebsiteConfiguration": {"ErrorDocument": STRING, "IndexDocument": STRING},
    }
    create_only = ("BucketName",)
    attributes: ClassVar[Attributes] = {
        "Arn": lambda site, name: site.access.arn("s3", name, region=False, account=False),
        "DomainName": lambda site, name: f"{name}.s3.{site.access.suffix}",
        "WebsiteURL": lambda site, name: (
            f"http://{name}.s3-website-{site.access.region}.{site.access.suffix}"
        ),
        "RegionalDomainName": lambda site, name: (
            f"{name}.s3.{site.access.region}.{site.access.suffix}"
        ),
    }

    def create(self, site: Site, wanted: Properties) -> str:
        name = str(read(wanted, "BucketName") or site.name(63).lower())
        region = site.access.region
        place = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        site.client("s3").create_bucket(
            Bucket=name,
            ObjectLockEnabledForBucket=read(wanted, "ObjectLockEnabled", False),
            **({} if region == "us-east-1" else place),
        )
        return name

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if old and not same(old, new, "ObjectLockEnabled"):
            raise Failure("the sandbox cannot change ObjectLockEnabled of a bucket: make a new one")
        client = site.client("s3")
        for name, put, drop in PARTS:
            if same(old, new, name):
                continue
            value = read(new, name)
            if value:
                put(client, physical_id, value)
            else:
                drop(client, physical_id)
        if not same(old, new, "Tags"):
            if tags := tag_list(new):
                client.put_bucket_tagging(Bucket=physical_id, Tagging={"TagSet": tags})
            else:
                client.delete_bucket_tagging(Bucket=physical_id)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("s3").delete_bucket(Bucket=physical_id)


Put = Callable[[Any, str, Any], Any]
Drop = Callable[[Any, str], Any]


def _encrypt(client: Any, bucket: str, value: Any) -> None:
    rules = [
        {
            {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"}.get(k, k): v
            for k, v in rule.items()
        }
        for rule in value["ServerSideEncryptionConfiguration"]
    ]
    client.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})


def _expire(client: Any, bucket: str, value: Any) -> None:
    client.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": lifecycle_rules(value)}
    )


def lifecycle_rules(value: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules of a LifecycleConfiguration as the API has them."""
    return [_lifecycle_rule(dict(rule)) for rule in value.get("Rules", [])]


RENAMED: Final = {"Id": "ID"}
EXPIRATION: Final = {
    "ExpirationInDays": "Days",
    "ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker",
}
TRANSITIONS: Final = {"TransitionInDays": "Days", "TransitionDate": "Date"}


def _lifecycle_rule(rule: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"Filter": {"Prefix": rule.pop("Prefix", "")}}
    expiration = {EXPIRATION[name]: rule.pop(name) for name in list(rule) if name in EXPIRATION}
    if expiration:
        made["Expiration"] = expiration
    for name, value in rule.items():
        made[RENAMED.get(name, name)] = value
    if "Transitions" in made:
        made["Transitions"] = [
            {TRANSITIONS.get(k, k): v for k, v in step.items()} for step in made["Transitions"]
        ]
    return made


def _simple(operation: str, argument: str) -> Put:
    def put(client: Any, bucket: str, value: Any) -> None:
        getattr(client, operation)(Bucket=bucket, **{argument: value})

    return put


def _call(operation: str, **arguments: Any) -> Drop:
    def drop(client: Any, bucket: str) -> None:
        getattr(client, operation)(Bucket=bucket, **arguments)

    return drop


ACL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Where the words of a canned list join: PublicRead is public-read in the API."""


def _permit(client: Any, bucket: str, value: Any) -> None:
    client.put_bucket_acl(Bucket=bucket, ACL=ACL.sub("-", value).lower())


def _log(client: Any, bucket: str, value: Any) -> None:
    enabled = {
        "TargetBucket": value.get("DestinationBucketName", bucket),
        "TargetPrefix": value.get("LogFilePrefix", ""),
    }
    client.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": enabled})


def _publish(client: Any, bucket: str, value: Any) -> None:
    keys = {"ErrorDocument": "Key", "IndexDocument": "Suffix"}
    website = {name: {keys[name]: key} for name, key in value.items()}
    client.put_bucket_website(Bucket=bucket, WebsiteConfiguration=website)


PARTS: Final[tuple[tuple[str, Put, Drop], ...]] = (
    (
        "VersioningConfiguration",
        _simple("put_bucket_versioning", "VersioningConfiguration"),
        _call("put_bucket_versioning", VersioningConfiguration={"Status": "Suspended"}),
    ),
    ("BucketEncryption", _encrypt, _call("delete_bucket_encryption")),
    (
        "PublicAccessBlockConfiguration",
        _simple("put_public_access_block", "PublicAccessBlockConfiguration"),
        _call("delete_public_access_block"),
    ),
    (
        "OwnershipControls",
        _simple("put_bucket_ownership_controls", "OwnershipControls"),
        _call("delete_bucket_ownership_controls"),
    ),
    (
        "ObjectLockConfiguration",
        _simple("put_object_lock_configuration", "ObjectLockConfiguration"),
        _call(
            "put_object_lock_configuration",
            ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"},
        ),
    ),
    ("LifecycleConfiguration", _expire, _call("delete_bucket_lifecycle")),
    ("AccessControl", _permit, _call("put_bucket_acl", ACL="private")),
    ("LoggingConfiguration", _log, _call("put_bucket_logging", BucketLoggingStatus={})),
    ("WebsiteConfiguration", _publish, _call("delete_bucket_website")),
)
"""Each part of a bucket: how it is put, and how it is taken away again."""


class BucketPolicy(Provider):
    """Ref is the bucket."""

    type = "AWS::S3::BucketPolicy"
    shape: ClassVar[Shapes] = {"Bucket": STRING, "PolicyDocument": JSON}
    required = ("Bucket", "PolicyDocument")
    create_only = ("Bucket",)

    def create(self, site: Site, wanted: Properties) -> str:
        self._put(site, wanted)
        return str(read(wanted, "Bucket"))

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if old and not same(old, new, "PolicyDocument"):
            self._put(site, new)

    def _put(self, site: Site, wanted: Properties) -> None:
        document = json_text(read(wanted, "PolicyDocument"))
        site.client("s3").put_bucket_policy(Bucket=read(wanted, "Bucket"), Policy=document)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("s3").delete_bucket_policy(Bucket=physical_id)


PROVIDERS = by_name((Bucket, BucketPolicy))
