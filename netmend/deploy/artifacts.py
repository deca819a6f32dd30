"""Zip and templates lie in a bucket of this account, each under the hash of what it holds."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from botocore.exceptions import ClientError

from netmend.deploy.kept import owned
from netmend.deploy.site import Site, read
from netmend.deploy.writes import Write
from netmend.errors import UserError

BATCH: Final = 1_000
"""Objects that one DeleteObjects takes."""

BLOCK: Final = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
ENCRYPTION: Final = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}


@dataclass(frozen=True)
class Artifact:
    """An object to be: its name holds the hash of its bytes."""

    name: str
    ending: str
    body: bytes
    what: str

    @property
    def short(self) -> str:
        """The key as a person reads it."""
        return f"{self.key[: len(self.name) + 13]}...{self.ending}"

    @property
    def key(self) -> str:
        return f"{self.name}-{hashlib.sha256(self.body).hexdigest()}.{self.ending}"

    @property
    def checksum(self) -> str:
        """SHA-256 in base64, as S3 keeps and compares it."""
        return base64.b64encode(hashlib.sha256(self.body).digest()).decode()


def policy(site: Site) -> str:
    """The bucket policy: nothing without TLS."""
    arn = f"arn:{site.partition}:s3:::{site.artifacts}"
    statement = {
        "Sid": "DenyWithoutTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@dataclass(frozen=True)
class Setting:
    """One setting of the bucket: how it is read, what AWS says when it is unset, how it is put."""

    getter: str
    unset: str
    key: str
    putter: str
    argument: str
    wanted: Callable[[Site], Any]
    satisfied: Callable[[Any, Any], bool]
    why: str


def _same(found: Any, wanted: Any) -> bool:
    return bool(found == wanted)


def _encrypted(found: Any, _: Any) -> bool:
    return bool(found and found.get("Rules"))  # a key of the account's own is as good


def _same_policy(found: Any, wanted: Any) -> bool:
    return bool(found and json.loads(found) == json.loads(wanted))


SETTINGS: Final = (
    Setting(
        "get_public_access_block",
        "NoSuchPublicAccessBlockConfiguration",
        "PublicAccessBlockConfiguration",
        "put_public_access_block",
        "PublicAccessBlockConfiguration",
        lambda _: BLOCK,
        _same,
        "nothing in it is public",
    ),
    Setting(
        "get_bucket_encryption",
        "ServerSideEncryptionConfigurationNotFoundError",
        "ServerSideEncryptionConfiguration",
        "put_bucket_encryption",
        "ServerSideEncryptionConfiguration",
        lambda _: ENCRYPTION,
        _encrypted,
        "encrypted by default",
    ),
    Setting(
        "get_bucket_policy",
        "NoSuchBucketPolicy",
        "Policy",
        "put_bucket_policy",
        "Policy",
        policy,
        _same_policy,
        "TLS only",
    ),
)


def uploads(site: Site, artifacts: Iterable[Artifact]) -> Iterator[Write]:
    """The calls after which the bucket stands, is set as it should be, and holds the artifacts."""
    stands = owned(site, site.artifacts)
    if not stands:
        yield _creation(site)
    for setting in SETTINGS:
        if not stands or not _is_set(site, setting):
            yield _put(site, setting)
    for artifact in artifacts:
        if not stands or not _holds(site, artifact):
            yield _upload(site, artifact)


def _creation(site: Site) -> Write:
    # us-east-1 is the place that S3 does not want to be told.
    place = {} if site.region == "us-east-1" else {"LocationConstraint": site.region}
    arguments: dict[str, Any] = {"Bucket": site.artifacts}
    if place:
        arguments["CreateBucketConfiguration"] = place
    why = "for the code and the templates"
    s3 = site.clients("s3")

    def wait() -> None:  # S3 may not know it everywhere at once
        s3.get_waiter("bucket_exists").wait(**_ours(site))

    return Write(
        s3, "create_bucket", site.artifacts, arguments, why, after=wait, translate=_untaken
    )


def _untaken(error: ClientError) -> Exception:
    # The name of a bucket stays taken for a while after its deletion.
    if error.response["Error"]["Code"] != "OperationAborted":
        return cast("Exception", error)
    return UserError(error.response["Error"]["Message"].rstrip("."), "run it again in an hour")


def _ours(site: Site) -> dict[str, str]:
    return {"Bucket": site.artifacts, "ExpectedBucketOwner": site.account}


def _is_set(site: Site, setting: Setting) -> bool:
    getter = getattr(site.clients("s3"), setting.getter)
    answer = read(lambda: getter(**_ours(site)), (setting.unset,)) or {}
    return setting.satisfied(answer.get(setting.key), setting.wanted(site))


def _put(site: Site, setting: Setting) -> Write:
    arguments = {**_ours(site), setting.argument: setting.wanted(site)}
    return Write(site.clients("s3"), setting.putter, site.artifacts, arguments, setting.why)


def _holds(site: Site, artifact: Artifact) -> bool:
    """By the checksum that S3 keeps: a name alone could have been given to other bytes."""
    asked = {**_ours(site), "Key": artifact.key, "ChecksumMode": "ENABLED"}
    head = read(lambda: site.clients("s3").head_object(**asked), ("404", "NoSuchKey"))
    return head is not None and head.get("ChecksumSHA256") == artifact.checksum


def _upload(site: Site, artifact: Artifact) -> Write:
    arguments = {
        **_ours(site),
        "Key": artifact.key,
        "Body": artifact.body,
        "ChecksumAlgorithm": "SHA256",
        "ChecksumSHA256": artifact.checksum,
    }
    why = f"{artifact.what}, {len(artifact.body)} bytes"
    return Write(site.clients("s3"), "put_object", artifact.short, arguments, why)


def removal(site: Site) -> Iterator[Write]:
    """The calls after which neither the bucket nor anything in it stands."""
    if not owned(site, site.artifacts):
        return
    s3, found = site.clients("s3"), list(_versions(site))
    for start in range(0, len(found), BATCH):
        batch = found[start : start + BATCH]
        arguments = {**_ours(site), "Delete": {"Objects": batch, "Quiet": True}}
        why = f"{len(batch)} of zips and templates"
        yield Write(s3, "delete_objects", site.artifacts, arguments, why)
    yield Write(s3, "delete_bucket", site.artifacts, _ours(site), "empty by then")


def _versions(site: Site) -> Iterator[Mapping[str, str]]:
    pages = site.clients("s3").get_paginator("list_object_versions").paginate(**_ours(site))
    for page in pages:
        for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            yield {"Key": entry["Key"], "VersionId": entry["VersionId"]}
