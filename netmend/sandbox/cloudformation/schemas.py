"""The values that a stack really gets are those that AWS's schema of the type allows.

cfn-lint judges a template with its defaults; this judges what parameters, mappings and other
resources made of it. The schemas are those that cfn-lint brings along, of the stack's Region.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.intrinsics import text
from netmend.sandbox.cloudformation.scope import Pending

Problem = tuple[str, str]
"""(path, what is wrong there)."""


def check(kind: str, region: str, resource: str, properties: dict[str, Any]) -> None:
    """Raises ValidationError in CloudFormation's words; values that are pending pass."""
    schema = _schema(kind, region)
    for path, problem in _problems(schema, schema, properties, "#"):
        raise ValidationError(
            f"Properties validation failed for resource {resource} with message: {path}: {problem}"
        )


def _schema(kind: str, region: str) -> dict[str, Any]:
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER, ResourceNotFoundError

    try:
        found: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, kind).schema
    except ResourceNotFoundError:
        return {}  # a type that the Region lacks, or that is the sandbox's alone
    return found


def _problems(whole: dict[str, Any], schema: Any, value: Any, path: str) -> Iterator[Problem]:
    schema = _referred(whole, schema)
    if isinstance(value, Pending) or not isinstance(schema, dict):
        return
    if isinstance(value, dict):
        yield from _object(whole, schema, value, path)
    elif isinstance(value, list):
        if len(value) > schema.get("maxItems", len(value)):
            yield path, f"expected maximum item count: {schema['maxItems']}, found: {len(value)}"
        for index, item in enumerate(value):
            yield from _problems(whole, schema.get("items"), item, f"{path}/{index}")
    else:
        for key, allows, message in SCALARS:
            if key in schema and not allows(schema[key], value):
                yield path, message.format(value=value, limit=schema[key])


def _object(
    whole: dict[str, Any], schema: dict[str, Any], value: dict[str, Any], path: str
) -> Iterator[Problem]:
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield path, f"required key [{name}] not found"
    if known and schema.get("additionalProperties") is False and "patternProperties" not in schema:
        for name in value:
            if name not in known:
                yield path, f"extraneous key [{name}] is not permitted"
    for name, item in value.items():
        yield from _problems(whole, known.get(name), item, f"{path}/{name}")


def _referred(whole: dict[str, Any], schema: Any) -> Any:
    if not isinstance(schema, dict) or "$ref" not in schema:
        return schema
    found: Any = whole
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found.get(part, {})
    return found


def _matches(pattern: str, value: Any) -> bool:
    try:
        return re.search(pattern, text(value, "a pattern")) is not None
    except re.error:  # written in a dialect that Python does not have
        return True


def _number(value: Any) -> float:
    try:
        return float(value)
    except ValueError:
        return float("nan")  # compares false with every limit, and so passes


SCALARS: Final[tuple[tuple[str, Callable[[Any, Any], bool], str], ...]] = (
    (
        "enum",
        lambda allowed, value: text(value, "enum") in [text(one, "enum") for one in allowed],
        "{value} is not a valid enum value: use one of {limit}",
    ),
    ("pattern", _matches, "failed validation constraint for keyword [pattern]: {limit}"),
    (
        "minLength",
        lambda limit, value: len(text(value, "")) >= limit,
        "expected minLength: {limit}, found: {value!r}",
    ),
    (
        "maxLength",
        lambda limit, value: len(text(value, "")) <= limit,
        "expected maxLength: {limit}, found: {value!r}",
    ),
    (
        "minimum",
        lambda limit, value: not _number(value) < limit,
        "{value} is not greater or equal to {limit}",
    ),
    (
        "maximum",
        lambda limit, value: not _number(value) > limit,
        "{value} is not less or equal to {limit}",
    ),
)
"""Keyword of JSON schema, whether a value satisfies it, and CloudFormation's message."""
