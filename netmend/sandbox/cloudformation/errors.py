"""What CloudFormation refuses, in the words that it uses.

ApiError
└── ValidationError        the request or its template is refused, and nothing is made
Failure                    one resource could not be made, changed or deleted
"""

from __future__ import annotations

from typing import Final

from botocore.exceptions import ClientError

from netmend.sandbox.api import ApiError

HANDLER_CODES: Final = (
    ("AccessDenied", ("AccessDenied", "Unauthorized", "Forbidden")),
    ("AlreadyExists", ("AlreadyExists", "AlreadyOwned", "Duplicate", "InUse", "EntityExists")),
    ("NotFound", ("NotFound", "NoSuch", "NotExist", "NonExistent")),
    ("Throttling", ("Throttl", "TooManyRequests", "LimitExceeded")),
    ("InvalidRequest", ("Invalid", "Validation", "Malformed")),
)
"""CloudFormation's word for an error, by what the service's own code contains."""


GONE: Final = frozenset({"404", "InvalidDocument"})
"""What S3's HEAD and Systems Manager say of a thing that is not there."""


class ValidationError(ApiError):
    """ValidationError with CloudFormation's message; raised before anything is made."""

    def __init__(self, message: str) -> None:
        super().__init__("ValidationError", message)


class Failure(Exception):
    """A resource failed; the text is the status reason that the stack's events show."""


def handler_code(code: str) -> str:
    """The HandlerErrorCode under which CloudFormation reports a service's error code."""
    for name, parts in HANDLER_CODES:
        if any(part in code for part in parts):
            return name
    return "GeneralServiceException"


def is_gone(error: ClientError) -> bool:
    """Whether the service said that the thing is not there."""
    code = str(error.response["Error"]["Code"])
    return code in GONE or handler_code(code) == "NotFound"


def plain(error: Exception) -> str:
    """The message of an error of ours, without its code."""
    return error.message if isinstance(error, ApiError) else str(error)


def reason(error: Exception, kind: str, token: str) -> str:
    """The status reason of a failed resource of a type, as resource handlers give it."""
    if isinstance(error, Failure | ValidationError):
        return plain(error)
    if isinstance(error, ClientError):
        answer = error.response
        code, message = str(answer["Error"]["Code"]), answer["Error"].get("Message", "")
        meta = answer.get("ResponseMetadata", {})
        status, request = meta.get("HTTPStatusCode", 400), meta.get("RequestId", token)
    elif isinstance(error, ApiError):
        code, message, status, request = error.code, error.message, error.status_code, token
    else:
        return f"{type(error).__name__}: {' '.join(str(error).split())}"
    service = kind.split("::")[1]
    return (
        f'Resource handler returned message: "{code}: {message} (Service: {service}, '
        f'Status Code: {status}, Request ID: {request})" '
        f"(RequestToken: {token}, HandlerErrorCode: {handler_code(code)})"
    )
