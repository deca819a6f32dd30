"""What moto takes for another request to a bucket, or does not look at, is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, Never

from moto.core.utils import get_service_model
from moto.s3.models import s3_backends

from netmend.sandbox.api import ApiCall, ApiError, guard

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

EXPECTED: Final = "ExpectedBucketOwner"

MISTAKEN: Final = (
    "CreateBucketMetadataConfiguration",
    "CreateBucketMetadataTableConfiguration",
    "CreateSession",
    "DeleteBucketAnalyticsConfiguration",
    "DeleteBucketIntelligentTieringConfiguration",
    "DeleteBucketInventoryConfiguration",
    "DeleteBucketMetadataConfiguration",
    "DeleteBucketMetadataTableConfiguration",
    "DeleteBucketMetricsConfiguration",
    "DeleteObjectAnnotation",
    "GetBucketAbac",
    "GetBucketAnalyticsConfiguration",
    "GetBucketIntelligentTieringConfiguration",
    "GetBucketMetadataConfiguration",
    "GetBucketMetadataTableConfiguration",
    "GetBucketMetricsConfiguration",
    "GetBucketRequestPayment",
    "GetObjectAnnotation",
    "GetObjectRetention",
    "GetObjectTorrent",
    "ListBucketAnalyticsConfigurations",
    "ListBucketIntelligentTieringConfigurations",
    "ListBucketMetricsConfigurations",
    "ListObjectAnnotations",
    "PutBucketAbac",
    "PutBucketAnalyticsConfiguration",
    "PutBucketIntelligentTieringConfiguration",
    "PutBucketMetricsConfiguration",
    "PutBucketRequestPayment",
    "PutObjectAnnotation",
    "RenameObject",
    "UpdateBucketMetadataAnnotationTableConfiguration",
    "UpdateBucketMetadataInventoryTableConfiguration",
    "UpdateBucketMetadataJournalTableConfiguration",
    "UpdateObjectEncryption",
    "WriteGetObjectResponse",
)
"""moto knows none of the words in their addresses and does what the bare address means: to delete
a bucket's metrics it deletes the bucket."""


@guard("s3", *MISTAKEN)
def refuse_mistaken(sandbox: Sandbox, call: ApiCall) -> Never:
    """Refused before moto does another thing, and says that all is well."""
    raise NotImplementedError(f"the sandbox does not do {call.name}")


@guard("s3", "PutBucketVersioning")
def missing_bucket(sandbox: Sandbox, call: ApiCall) -> None:
    """moto answers this one with no error code."""
    if call.params["Bucket"] not in s3_backends.bucket_accounts:
        raise ApiError("NoSuchBucket", "The specified bucket does not exist", 404)


@guard("s3", "PutBucketPolicy")
def malformed_policy(sandbox: Sandbox, call: ApiCall) -> None:
    """moto keeps any text, at which every later call would fail."""
    try:
        found = json.loads(call.params["Policy"])
    except ValueError:
        found = None
    if not isinstance(found, dict):
        message = "Policies must be valid JSON and the first byte must be '{'"
        raise ApiError("MalformedPolicy", message)


def _names() -> tuple[str, ...]:
    model = get_service_model("s3")
    shapes = ((name, model.operation_model(name).input_shape) for name in model.operation_names)
    return tuple(name for name, shape in shapes if shape and EXPECTED in shape.members)


@guard("s3", *_names())
def refuse_strangers_bucket(sandbox: Sandbox, call: ApiCall) -> None:
    """A bucket that is not the expected account's is refused; one that does not stand is not."""
    expected, owner = (
        call.params.get(EXPECTED),
        s3_backends.bucket_accounts.get(call.params["Bucket"]),
    )
    if expected and owner and owner[1] != expected:
        raise ApiError("AccessDenied", "Access Denied", 403)
