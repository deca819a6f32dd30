"""The refusals of AWS Config, each written once."""

from __future__ import annotations

from netmend.sandbox.api import ApiError


def no_such_rule(name: str) -> ApiError:
    """The answer to any call that names a rule that is not there."""
    return ApiError(
        "NoSuchConfigRuleException",
        f"The ConfigRule '{name}' provided in the request is invalid. "
        "Please check the configRule name",
    )


def no_such_pack(name: str) -> ApiError:
    """The answer to any call that names a conformance pack that is not there."""
    return ApiError(
        "NoSuchConformancePackException",
        f"No conformance pack with the name '{name}' exists in this account and Region",
    )


def service_linked() -> ApiError:
    """Rules of a pack belong to Config itself; nobody else may touch them."""
    return ApiError(
        "AccessDeniedException",
        "An AWS service owns ServiceLinkedConfigRule. "
        "You do not have permissions to take action on this rule.",
    )


def invalid(message: str) -> ApiError:
    """A parameter that is well formed and still makes no sense."""
    return ApiError("InvalidParameterValueException", message)


def in_use(message: str) -> ApiError:
    """Something else is being done with the rule or the pack."""
    return ApiError("ResourceInUseException", message)
