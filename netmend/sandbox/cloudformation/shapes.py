"""The shape of a type's properties: what may stand where, and what CloudFormation turns it into.

A shape is a `Kind`, a dict of shapes by key, a list with the shape of its items, or `MapOf`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import Any

from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.scope import Pending


class Kind(Enum):
    """A scalar, or JSON: any object, or a text."""

    STRING = "String"
    INTEGER = "Integer"
    NUMBER = "Number"
    BOOLEAN = "Boolean"
    JSON = "Json"


STRING = Kind.STRING
INTEGER = Kind.INTEGER
NUMBER = Kind.NUMBER
BOOLEAN = Kind.BOOLEAN
JSON = Kind.JSON


@dataclass(frozen=True)
class MapOf:
    """An object with any keys and values of one shape."""

    item: Any


Shape = Kind | MapOf | dict[str, Any] | list[Any]

TAGS: Shape = [{"Key": STRING, "Value": STRING}]
TAG_MAP: Shape = MapOf(STRING)


def coerce(shape: Any, value: Any, resource: str, path: str = "#") -> Any:
    """The value with its scalars turned into what the shape wants.

    Values that wait for a resource pass as they are. Raises ValidationError naming resource and
    property, as CloudFormation does when it validates a model against its schema.
    """
    if isinstance(value, Pending):
        return value
    if isinstance(shape, dict):
        return _object(shape, value, resource, path)
    if isinstance(shape, MapOf):
        if not isinstance(value, dict):
            raise _wrong(resource, path, "JSONObject", value)
        return {k: coerce(shape.item, v, resource, f"{path}/{k}") for k, v in value.items()}
    if isinstance(shape, list):
        if not isinstance(value, list):
            raise _wrong(resource, path, "JSONArray", value)
        return [coerce(shape[0], v, resource, f"{path}/{i}") for i, v in enumerate(value)]
    return _scalar(shape, value, resource, path)


def _object(shape: dict[str, Any], value: Any, resource: str, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(resource, path, "JSONObject", value)
    if unknown := [key for key in value if key not in shape]:
        raise ValidationError(
            f"Properties validation failed for resource {resource} with message: {path}: "
            f"extraneous key [{unknown[0]}] is not permitted: the sandbox knows "
            f"{', '.join(sorted(shape))}"
        )
    return {k: coerce(shape[k], v, resource, f"{path}/{k}") for k, v in value.items()}


def _scalar(kind: Kind, value: Any, resource: str, path: str) -> Any:
    if kind is Kind.JSON:
        if isinstance(value, dict | str | list):
            return value
        raise _wrong(resource, path, kind.value, value)
    if isinstance(value, dict | list):
        raise _wrong(resource, path, kind.value, value)
    try:
        return _CONVERT[kind](value)
    except (KeyError, ValueError):
        raise _wrong(resource, path, kind.value, value) from None


def _string(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _integer(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError(value)
    return int(value)


def _number(value: Any) -> float:
    number = float(value)
    return int(number) if number.is_integer() else number


def _boolean(value: Any) -> bool:
    return {"true": True, "false": False}[_string(value).lower()]


_CONVERT = {
    Kind.STRING: _string,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.BOOLEAN: _boolean,
}


def _wrong(resource: str, path: str, expected: str, value: Any) -> ValidationError:
    found = {dict: "JSONObject", list: "JSONArray", bool: "Boolean", str: "String"}.get(
        type(value), "Number"
    )
    return ValidationError(
        f"Properties validation failed for resource {resource} with message: {path}: "
        f"expected type: {expected}, found: {found} {value!r}"
    )


def json_text(value: Any) -> str:
    """A JSON property as the text that an API takes."""
    return value if isinstance(value, str) else json.dumps(value)
