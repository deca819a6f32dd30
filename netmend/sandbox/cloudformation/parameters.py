"""Each parameter has a value that its type and constraints allow, in CloudFormation's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.intrinsics import text
from netmend.sandbox.cloudformation.template import Template

MAX_VALUE_BYTES: Final = 4_096

Reader = Callable[[str], str]
"""Gives the value of an SSM parameter by its name."""

TEXT_TYPES: Final = frozenset({"String", "Number"})
LIST_TYPES: Final = frozenset({"CommaDelimitedList", "List<Number>", "List<String>"})
SSM_TEXT: Final = "AWS::SSM::Parameter::Value<String>"
SSM_LISTS: Final = frozenset(
    {"AWS::SSM::Parameter::Value<List<String>>", "AWS::SSM::Parameter::Value<CommaDelimitedList>"}
)
TYPES: Final = TEXT_TYPES | LIST_TYPES | SSM_LISTS | {SSM_TEXT}

NUMBER: Final = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")


def given(request: Iterable[Mapping[str, Any]], previous: Mapping[str, str]) -> dict[str, str]:
    """The values of a request's `Parameters`, `UsePreviousValue` looked up in `previous`."""
    values: dict[str, str] = {}
    for entry in request:
        name = entry["ParameterKey"]
        if entry.get("UsePreviousValue"):
            if entry.get("ParameterValue"):
                raise ValidationError(
                    f"Invalid input for parameter key {name}. Cannot specify usePreviousValue "
                    "as true and non empty value for a parameter"
                )
            if name not in previous:
                raise ValidationError(
                    f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as "
                    "true for a parameter key not in the previous template"
                )
            values[name] = previous[name]
        elif "ParameterValue" in entry:
            values[name] = entry["ParameterValue"]
    return values


def complete(template: Template, values: Mapping[str, str]) -> dict[str, str]:
    """Every parameter's text: what was given, else its default; refuses what is not allowed."""
    declared = template.section("Parameters")
    if unknown := [name for name in values if name not in declared]:
        raise ValidationError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    missing = [n for n, p in declared.items() if n not in values and "Default" not in p]
    if missing:
        raise ValidationError(f"Parameters: [{', '.join(missing)}] must have values")
    full = {n: str(values[n]) if n in values else _default(n, p) for n, p in declared.items()}
    for name, parameter in declared.items():
        _check(name, parameter, full[name])
    return full


def references(template: Template, full: Mapping[str, str], read: Reader) -> dict[str, Any]:
    """What Ref gives for each parameter: a text, or a list of texts for the list types."""
    result: dict[str, Any] = {}
    for name, parameter in template.section("Parameters").items():
        kind, value = parameter["Type"], full[name]
        if kind in SSM_LISTS or kind == SSM_TEXT:
            value = read(value)
        result[name] = _items(value) if kind in LIST_TYPES | SSM_LISTS else value
    return result


def _default(name: str, parameter: Mapping[str, Any]) -> str:
    value = parameter["Default"]
    if isinstance(value, dict | list):
        raise ValidationError(
            "Template format error: Every Default member must be a string: "
            f"parameter {name} has {value!r}"
        )
    return text(value, "Default")


def _items(value: str) -> list[str]:
    return [item.strip() for item in value.split(",")]


def _check(name: str, parameter: Mapping[str, Any], value: str) -> None:
    kind = parameter["Type"]
    if kind not in TYPES:
        raise ValidationError(
            f"Template format error: the sandbox knows no type {kind} of parameter {name}: "
            f"use one of {', '.join(sorted(TYPES))}"
        )
    if len(value.encode()) > MAX_VALUE_BYTES:
        raise ValidationError(f"Parameter '{name}' must contain at most {MAX_VALUE_BYTES} bytes")
    each = _items(value) if kind in LIST_TYPES else [value]
    if kind in ("Number", "List<Number>") and not all(map(NUMBER.fullmatch, each)):
        raise ValidationError(f"Parameter '{name}' must be a number")
    for key, allows, message in CONSTRAINTS:
        if key in parameter and not all(allows(parameter[key], item) for item in each):
            said = message.format(name=name, limit=parameter[key])
            described = parameter.get("ConstraintDescription")
            raise ValidationError(
                f"Parameter {name} failed to satisfy constraint: {described}" if described else said
            )


def _number(value: str) -> float:
    return float(value) if NUMBER.fullmatch(value) else float("nan")


CONSTRAINTS: Final[tuple[tuple[str, Callable[[Any, str], bool], str], ...]] = (
    (
        "AllowedValues",
        lambda limit, value: value in [text(item, "AllowedValues") for item in limit],
        "Parameter '{name}' must be one of AllowedValues",
    ),
    (
        "AllowedPattern",
        lambda limit, value: re.fullmatch(str(limit), value) is not None,
        "Parameter '{name}' must match pattern {limit}",
    ),
    (
        "MinLength",
        lambda limit, value: len(value) >= int(limit),
        "Parameter '{name}' must contain at least {limit} characters",
    ),
    (
        "MaxLength",
        lambda limit, value: len(value) <= int(limit),
        "Parameter '{name}' must contain at most {limit} characters",
    ),
    (
        "MinValue",
        lambda limit, value: _number(value) >= float(limit),
        "Parameter '{name}' must be a number not less than {limit}",
    ),
    (
        "MaxValue",
        lambda limit, value: _number(value) <= float(limit),
        "Parameter '{name}' must be a number not greater than {limit}",
    ),
)
"""Attribute, whether a text satisfies it, and CloudFormation's message."""
