"""Why a target did not take an event, in the codes that a dead-letter queue shows."""

from __future__ import annotations

from typing import Any, Final

from botocore.exceptions import ClientError

from netmend.sandbox.api import ApiError

THROTTLED: Final = frozenset(
    {
        "AutomationExecutionLimitExceededException",
        "EC2ThrottledException",
        "RequestLimitExceeded",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)

FAULTS: Final = frozenset(
    {
        "InternalException",
        "InternalFailure",
        "InternalServerError",
        "ServiceException",
        "ServiceUnavailable",
    }
)

_ENDINGS: Final = (
    ("NO_PERMISSIONS", ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")),
    ("NO_RESOURCE", ("NotFound", "NotFoundException", "NonExistentQueue")),
    ("INVALID_PARAMETER", ("ParametersException", "ValidationException", "ParameterException")),
)


class DeliveryError(Exception):
    """The target did not take the event; `retry` says whether another attempt may help."""

    def __init__(self, code: str, message: str, *, retry: bool = False) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retry = retry


def from_error(error: ApiError | ClientError) -> DeliveryError:
    """The failure that a target's error answer means."""
    code, message, status = _parts(error)
    if code in THROTTLED:
        return DeliveryError("THROTTLING", message, retry=True)
    if status >= 500 or code in FAULTS:
        return DeliveryError("INTERNAL_ERROR", message, retry=True)
    for meaning, endings in _ENDINGS:
        if code.endswith(endings):
            return DeliveryError(meaning, message)
    return DeliveryError("ERROR_FROM_TARGET", f"{code}: {message}")


def _parts(error: ApiError | ClientError) -> tuple[str, str, int]:
    if isinstance(error, ApiError):
        return error.code, error.message, error.status_code
    response: Any = error.response
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    return response["Error"]["Code"], response["Error"]["Message"], int(status)
