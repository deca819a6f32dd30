"""What CloudTrail calls a service and an operation, and which calls it takes for management."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from moto.core.utils import get_service_model

READS: Final = (
    "BatchGet",
    "Describe",
    "Estimate",
    "Filter",
    "Get",
    "Head",
    "List",
    "Lookup",
    "Search",
    "Select",
    "Simulate",
    "Test",
    "Validate",
)

KMS_READS: Final = ("Decrypt", "Encrypt", "GenerateDataKey", "GenerateMac", "ReEncrypt", "Verify")
MARKED_READ: Final = frozenset({"AssumeRole"})
"""Recorded as reading, yet with its answer, and told to every rule."""

GLOBAL: Final = frozenset({"cloudfront", "iam", "organizations", "route53", "route53domains"})
HOMES: Final = {"cn": "cn-northwest-1", "us-gov": "us-gov-west-1"}

DATA: Final[dict[str, frozenset[str] | None]] = {
    "cloudwatch": frozenset({"PutMetricData"}),
    "dynamodb": frozenset(
        {
            "BatchExecuteStatement",
            "BatchGetItem",
            "BatchWriteItem",
            "DeleteItem",
            "ExecuteStatement",
            "ExecuteTransaction",
            "GetItem",
            "PutItem",
            "Query",
            "Scan",
            "TransactGetItems",
            "TransactWriteItems",
            "UpdateItem",
        }
    ),
    "events": frozenset({"PutEvents"}),
    "lambda": frozenset({"Invoke", "InvokeAsync", "InvokeWithResponseStream"}),
    "logs": frozenset({"FilterLogEvents", "GetLogEvents", "PutLogEvents"}),
    "sns": frozenset({"Publish", "PublishBatch"}),
    "sqs": frozenset(
        {
            "ChangeMessageVisibility",
            "ChangeMessageVisibilityBatch",
            "DeleteMessage",
            "DeleteMessageBatch",
            "ReceiveMessage",
            "SendMessage",
            "SendMessageBatch",
        }
    ),
}
"""service -> operations that are data events, or no events at all."""

S3_OBJECTS: Final = ("Object", "Part", "MultipartUpload")

VERSIONED: Final = {
    "AddPermission": "AddPermission20150331v2",
    "CreateEventSourceMapping": "CreateEventSourceMapping20150331",
    "CreateFunction": "CreateFunction20150331",
    "DeleteEventSourceMapping": "DeleteEventSourceMapping20150331",
    "DeleteFunction": "DeleteFunction20150331",
    "GetFunction": "GetFunction20150331v2",
    "ListFunctions": "ListFunctions20150331",
    "PublishVersion": "PublishVersion20150331",
    "RemovePermission": "RemovePermission20150331v2",
    "UpdateFunctionCode": "UpdateFunctionCode20150331v2",
    "UpdateFunctionConfiguration": "UpdateFunctionConfiguration20150331v2",
}
"""Lambda's operations, whose names carry a date."""


def is_management(service: str, operation: str) -> bool:
    """Whether CloudTrail records the call without being asked for data events."""
    if service == "s3":
        whole_bucket = operation.startswith(("PutObjectLock", "GetObjectLock"))
        return whole_bucket or not any(word in operation for word in S3_OBJECTS)
    return operation not in (DATA.get(service) or ())


def is_read(service: str, operation: str) -> bool:
    """Whether the call changes nothing."""
    return operation.startswith(READS) or (service == "kms" and operation.startswith(KMS_READS))


def event_name(service: str, operation: str) -> str:
    """The name that events carry."""
    return VERSIONED.get(operation, operation) if service == "lambda" else operation


def prefix(service: str) -> str:
    """`ec2` of ec2.amazonaws.com and of aws.ec2."""
    return _endpoint(service).split(".")[-1]


def recorded_in(service: str, region: str) -> str:
    """The Region whose trail and bus see the call."""
    if service not in GLOBAL:
        return region
    return next((home for start, home in HOMES.items() if region.startswith(start)), "us-east-1")


def output(service: str, operation: str) -> Any:
    """botocore's shape of the answer; None where there is none."""
    return model(service, operation).output_shape


@cache
def model(service: str, operation: str) -> Any:
    """botocore's model of an operation."""
    return get_service_model(service).operation_model(operation)


@cache
def _endpoint(service: str) -> str:
    known = {"cloudwatch": "monitoring", "sesv2": "ses", "ses": "ses"}
    return known.get(service) or str(get_service_model(service).endpoint_prefix)
