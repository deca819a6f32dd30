"""An event pattern is moto's, but an operator that EventBridge does not know is refused."""

from __future__ import annotations

import json
from typing import Any, Final

from moto.events.models import EventPattern

from netmend.sandbox.api import ApiError

OPERATORS: Final = frozenset(
    {
        "anything-but",
        "cidr",
        "equals-ignore-case",
        "exists",
        "numeric",
        "prefix",
        "suffix",
        "wildcard",
    }
)


def matches(pattern: EventPattern, event: dict[str, Any]) -> bool:
    """Whether a rule's pattern matches; a rule without one (a schedule) matches nothing."""
    return bool(pattern.get_pattern()) and bool(pattern.matches_event(event))  # type: ignore[arg-type]


def check(text: str) -> EventPattern:
    """The parsed pattern, or `ApiError` InvalidEventPatternException."""
    try:
        pattern = json.loads(text)
    except ValueError as error:
        raise _invalid(f"Reason: {error}") from None
    if not isinstance(pattern, dict) or not pattern:
        raise _invalid("Reason: it must be an object that is not empty")
    _check_fields(pattern)
    return EventPattern.load(text)


def _check_fields(node: dict[str, Any]) -> None:
    for name, value in node.items():
        if name == "$or":
            for branch in value:
                _check_fields(branch)
        elif isinstance(value, dict):
            _check_fields(value)
        elif isinstance(value, list) and value:
            _check_filters(value)
        else:
            raise _invalid(f'Reason: "{name}" must be an object or an array that is not empty')


def _check_filters(filters: list[Any]) -> None:
    for item in filters:
        if not isinstance(item, dict):
            continue
        unknown = [name for name in item if name not in OPERATORS]
        if unknown or len(item) != 1:  # moto takes an unknown operator for a match
            name = unknown[0] if unknown else ", ".join(item)
            raise _invalid(f"Reason: Unrecognized match type {name}")


def _invalid(reason: str) -> ApiError:
    return ApiError("InvalidEventPatternException", f"Event pattern is not valid. {reason}")
