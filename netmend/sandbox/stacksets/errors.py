"""What StackSets refuses: the codes and statuses of its model, in the words that it uses.

ApiError
├── not_found, no_operation, no_instance     404
├── in_progress, stale, taken, not_empty     409
└── invalid                                  400
"""

from __future__ import annotations

from netmend.sandbox.api import ApiError


def not_found(name: str) -> ApiError:
    """There is no such stack set."""
    return ApiError("StackSetNotFoundException", f"StackSet {name} not found", 404)


def no_operation(name: str) -> ApiError:
    """The stack set has had no such operation."""
    return ApiError("OperationNotFoundException", f"Operation {name} not found", 404)


def no_instance(stack_set: str, account: str, region: str) -> ApiError:
    """The stack set has no instance there."""
    message = f"Stack instance not found for stack set {stack_set}, account {account}, {region}"
    return ApiError("StackInstanceNotFoundException", message, 404)


def in_progress(arn: str, operation: str) -> ApiError:
    """One operation at a time."""
    message = f"Another Operation on StackSet {arn} is in progress: {operation}"
    return ApiError("OperationInProgressException", message, 409)


def repeated(operation: str, *, latest: bool) -> ApiError:
    """An operation id was used before: by the last operation, or by an older one."""
    if latest:
        message = f"Operation {operation} already exists"
        return ApiError("OperationIdAlreadyExistsException", message, 409)
    message = f"Another operation has been performed on this StackSet since {operation}"
    return ApiError("StaleRequestException", message, 409)


def not_empty(name: str) -> ApiError:
    """Instances go first."""
    message = f"StackSet {name} is not empty: delete its stack instances first"
    return ApiError("StackSetNotEmptyException", message, 409)


def invalid(message: str) -> ApiError:
    """The operation makes no sense as things are."""
    return ApiError("InvalidOperationException", message)


class TaskError(Exception):
    """One stack instance failed; the text is its status reason."""
