"""Live buckets and their policies."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.live.base import Properties, Reader, chosen, tags, unless_gone
from netmend.sandbox.cloudformation.providers.s3 import lifecycle_rules


def bucket(site: Site, name: str, expected: Properties) -> Properties:
    client = site.client("s3")
    client.head_bucket(Bucket=name)
    live: Properties = {"BucketName": name}
    for part, (operation, read) in PARTS.items():
        answer = unless_gone(partial(getattr(client, operation), Bucket=name))
        value = read(answer or {}, expected.get(part, {}))
        if value:
            live[part] = value
    return live


def _encryption(answer: Any, _: Any) -> Any:
    rules = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    default = "ApplyServerSideEncryptionByDefault"
    renamed = [
        {"ServerSideEncryptionByDefault" if k == default else k: v for k, v in rule.items()}
        for rule in rules
    ]
    return {"ServerSideEncryptionConfiguration": renamed} if renamed else None


def _lifecycle(answer: Any, expected: Any) -> Any:
    """In the template's words where it is what the template says, else in the API's."""
    rules = answer.get("Rules", [])
    return expected if rules == lifecycle_rules(expected) else {"Rules": rules}


def _lock(answer: Any, expected: Any) -> Any:
    found = answer.get("ObjectLockConfiguration")
    if found and (retention := found.get("Rule", {}).get("DefaultRetention")):
        found = {**found, "Rule": {"DefaultRetention": {k: v for k, v in retention.items() if v}}}
    return found


PARTS: Final[dict[str, tuple[str, Callable[[Any, Any], Any]]]] = {
    "BucketEncryption": ("get_bucket_encryption", _encryption),
    "LifecycleConfiguration": ("get_bucket_lifecycle_configuration", _lifecycle),
    "ObjectLockConfiguration": ("get_object_lock_configuration", _lock),
    "OwnershipControls": (
        "get_bucket_ownership_controls",
        lambda answer, _: answer.get("OwnershipControls"),
    ),
    "PublicAccessBlockConfiguration": (
        "get_public_access_block",
        lambda answer, _: answer.get("PublicAccessBlockConfiguration"),
    ),
    "Tags": ("get_bucket_tagging", lambda answer, _: tags(answer.get("TagSet", ()))),
    "VersioningConfiguration": (
        "get_bucket_versioning",
        lambda answer, _: chosen(answer, "Status"),
    ),
}
"""How each part of a bucket is read, and turned into the template's words."""


def bucket_policy(site: Site, name: str, expected: Properties) -> Properties:
    found = site.client("s3").get_bucket_policy(Bucket=name)
    return {"Bucket": name, "PolicyDocument": found["Policy"]}


READERS: Final[dict[str, Reader]] = {
    "AWS::S3::Bucket": bucket,
    "AWS::S3::BucketPolicy": bucket_policy,
}
