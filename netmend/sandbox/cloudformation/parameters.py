"""Each parameter has a value that its type and constraints allow, in CloudFormation's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import regex

from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.intrinsics import text
from netmend.sandbox.cloudformation.template import Template

MAX_VALUE_BYTES: Final = 4_096

Reader = Callable[[str], str]
"""Gives the value of an SSM parameter by its name."""

AWS_TYPES: Final = frozenset(
    {
        "AWS::EC2::AvailabilityZone::Name",
        "AWS::EC2::Image::Id",
        "AWS::EC2::Instance::Id",
        "AWS::EC2::KeyPair::KeyName",
        "AWS::EC2::SecurityGroup::GroupName",
        "AWS::EC2::SecurityGroup::Id",
        "AWS::EC2::Subnet::Id",
        "AWS::EC2::VPC::Id",
        "AWS::EC2::Volume::Id",
        "AWS::Route53::HostedZone::Id",
    }
)
"""Types whose values are names of what stands in the account."""

NUMBERS: Final = frozenset({"Number", "List<Number>"})
LISTS: Final = frozenset(
    {"CommaDelimitedList", "List<Number>", "List<String>", *(f"List<{t}>" for t in AWS_TYPES)}
)
PLAIN: Final = frozenset({"String", "Number", "AWS::SSM::Parameter::Name"}) | AWS_TYPES | LISTS
STORED: Final = frozenset(
    f"AWS::SSM::Parameter::Value<{kind}>"
    for kind in PLAIN - {*NUMBERS, "AWS::SSM::Parameter::Name"}
)
"""Types whose value is the name of a parameter of Systems Manager, which holds the real one."""

TYPES: Final = PLAIN | STORED

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
        if kind in STORED:
            value = read(value)
        result[name] = _items(value) if inner(kind) in LISTS else value
    return result


def is_hidden(parameter: Mapping[str, Any]) -> bool:
    """Whether NoEcho is set, as a boolean or as a text."""
    return str(parameter.get("NoEcho", "")).lower() == "true"


def inner(kind: str) -> str:
    """The type of what Ref gives: that in the brackets where Systems Manager holds the value."""
    return kind[kind.index("<") + 1 : -1] if kind in STORED else kind


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
    each = _items(value) if kind in LISTS else [value]
    if kind in NUMBERS and not all(map(NUMBER.fullmatch, each)):
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
        lambda limit, value: regex.fullmatch(str(limit), value) is not None,
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
