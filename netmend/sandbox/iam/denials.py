"""A refusal has its service's own code, status and words."""

from __future__ import annotations

from typing import Final

from netmend.sandbox.api import ApiError

CODES: Final = {
    "autoscaling": "AccessDenied",
    "cloudformation": "AccessDenied",
    "cloudfront": "AccessDenied",
    "cloudwatch": "AccessDenied",
    "ec2": "UnauthorizedOperation",
    "elasticache": "AccessDenied",
    "elb": "AccessDenied",
    "elbv2": "AccessDenied",
    "iam": "AccessDenied",
    "rds": "AccessDenied",
    "redshift": "AccessDenied",
    "route53": "AccessDenied",
    "s3": "AccessDenied",
    "s3control": "AccessDenied",
    "ses": "AccessDenied",
    "sns": "AuthorizationError",
    "sqs": "AccessDenied",
    "sts": "AccessDenied",
}
"""boto3 service -> its word for a refusal; AccessDeniedException elsewhere."""


def denied(service: str, who: str, action: str, resource: str, reason: str) -> ApiError:
    """The refusal of an action on a resource; who: the caller's ARN, reason: as in `Verdict`."""
    shown = f'"{resource}"' if service == "s3" else resource
    message = f"User: {who} is not authorized to perform: {action} on resource: {shown} {reason}"
    if service == "ec2":
        message = f"You are not authorized to perform this operation. {message}"
    if service in CODES:
        return ApiError(CODES[service], message, 403)
    return ApiError("AccessDeniedException", message, 400 if _speaks_json(service) else 403)


def _speaks_json(service: str) -> bool:
    from moto.core.utils import get_service_model

    return bool(get_service_model(service).metadata["protocol"] == "json")
