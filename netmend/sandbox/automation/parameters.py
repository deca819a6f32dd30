"""Parameters come in as lists of texts, are checked where supplied, and go on with their types."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import regex
from botocore.exceptions import ClientError

from netmend.sandbox.automation.errors import DocumentError, ParametersError, placed
from netmend.sandbox.automation.references import REFERENCE
from netmend.sandbox.automation.selectors import MISSING
from netmend.sandbox.automation.values import TYPES, ConversionError, convert, text

# Types that are texts of a given form; a default need not have it.
TEXTS: Final = {
    "AWS::EC2::Instance::Id": r"^m?i-([a-z0-9]{8}|[a-z0-9]{17})$",
    "AWS::S3::Bucket::Name": r"^[0-9a-z][a-z0-9\-\.]{3,63}$",
    "AWS::IAM::Role::Arn": r"^arn:aws(|-cn|-us-gov|-iso|-iso-b):iam::[0-9]{12}:role/.*$",
}
ATTRIBUTES: Final = frozenset(
    {
        "type",
        "description",
        "default",
        "allowedValues",
        "allowedPattern",
        "minItems",
        "maxItems",
        "minChars",
        "maxChars",
        "displayType",
    }
)
LIMITS: Final = {"allowedValues": list, "allowedPattern": str} | dict.fromkeys(
    ("minItems", "maxItems", "minChars", "maxChars"), int
)
# What the API's model lets through: 200 keys, 50 texts each. Its 512 characters a text do not
# hold: findings of Security Hub, several thousand characters long, are handed over as StringMap.
MAX_PARAMETERS: Final = 200
MAX_TEXTS: Final = 50
MATCH_SECONDS: Final = 1.0
SURROGATES: Final = re.compile(
    r"(?<!\\)\\u(D[89AB][0-9A-F]{2})\\u(D[C-F][0-9A-F]{2})", re.IGNORECASE
)

GetParameter = Callable[[str], str | list[str]]


@dataclass(frozen=True)
class Parameter:
    """One entry of a document's `parameters`. type: one of the six; pattern: the type's own."""

    name: str
    type: str
    pattern: str
    default: Any
    limits: Mapping[str, Any]

    @classmethod
    def parse(cls, name: str, entry: Any) -> Parameter:
        """Raises DocumentError as CreateDocument does."""
        with placed(f"parameters.{name}"):
            return cls._parse(name, entry)

    @classmethod
    def _parse(cls, name: str, entry: Any) -> Parameter:
        if not (name.isascii() and name.isalnum()):
            raise DocumentError(f'Parameter name "{name}" is not alpha-numeric.')
        if not isinstance(entry, dict) or "type" not in entry:
            raise DocumentError('Missing "type" in parameter definition.')
        for key in entry:
            if key not in ATTRIBUTES:
                raise DocumentError(f'Unknown property "{key}" in parameter "{name}".')
        _check_limits(name, entry)
        base, pattern = _base(entry["type"])
        default = _default(entry.get("default"), base)
        return cls(name, base, pattern, default, entry)


def _check_limits(name: str, entry: Mapping[str, Any]) -> None:
    for key, kind in LIMITS.items():
        if entry.get(key) is not None and not isinstance(entry[key], kind):
            raise DocumentError(f'Parameter "{name}" has a wrong {key}: {text(entry[key])}.')


def _base(written: Any) -> tuple[str, str]:
    name = str(written)
    if name in TYPES:
        return name, ""
    if name in TEXTS:
        return "String", TEXTS[name]
    item = name.removeprefix("List<").removesuffix(">")
    if item in TEXTS and name == f"List<{item}>":
        return "StringList", TEXTS[item]
    raise DocumentError(f"Parameter type: {name} is invalid.")


def _default(value: Any, base: str) -> Any:
    if value is None:
        return MISSING
    if isinstance(value, str) and REFERENCE.search(value):
        return value
    listed = isinstance(value, list) == base.endswith("List")
    try:
        if listed:
            return convert(value, base)
    except ConversionError:
        listed = False
    raise DocumentError(f'Wrong default value for a "{base}" parameters')


def values(
    declared: Iterable[Parameter], supplied: Mapping[str, Any], get_parameter: GetParameter
) -> dict[str, Any]:
    """Every declared parameter's typed value; raises ParametersError.

    supplied: lists of texts by name, as StartAutomationExecution takes them.
    """
    by_name = {parameter.name: parameter for parameter in declared}
    if len(supplied) > MAX_PARAMETERS:
        raise ParametersError(f"More than {MAX_PARAMETERS} parameters are given.")
    for name in supplied:
        if name not in by_name:
            known = ", ".join(by_name) or "none"
            raise ParametersError(f'Unknown parameter "{name}": the document declares {known}.')
    return {
        name: _supplied(parameter, supplied[name])
        if name in supplied
        else _defaulted(parameter, get_parameter)
        for name, parameter in by_name.items()
    }


def _defaulted(parameter: Parameter, get_parameter: GetParameter) -> Any:
    default = parameter.default
    if default is MISSING:
        raise ParametersError(f'Parameter "{parameter.name}" has no default and must be given.')
    name = REFERENCE.fullmatch(default) if isinstance(default, str) else None
    if name is None or not name[1].startswith("ssm:"):
        return default
    try:
        stored = get_parameter(name[1].removeprefix("ssm:"))
    except ClientError as problem:
        raise ParametersError(
            f'Parameter "{parameter.name}" has the default {default} that cannot be read: {problem}'
        ) from problem
    if parameter.type == "StringList" and isinstance(stored, str):
        stored = stored.split(",")
    return _converted(parameter, stored)


def _supplied(parameter: Parameter, texts: Any) -> Any:
    name = parameter.name
    if not isinstance(texts, list) or not all(isinstance(item, str) for item in texts):
        raise ParametersError(f'Parameter "{name}" must be given as a list of texts.')
    if len(texts) > MAX_TEXTS:
        raise ParametersError(f'Parameter "{name}" must have at most {MAX_TEXTS} texts.')
    value = _typed(parameter, texts)
    # A runbook hands its own empty default, such as that of AutomationAssumeRole, to its children.
    if value != "" or parameter.default != "":
        _check(parameter, value)
    return value


def _typed(parameter: Parameter, texts: list[str]) -> Any:
    if parameter.type == "StringList":
        return list(texts)
    if parameter.type == "MapList":
        return _maps(parameter, texts)
    if len(texts) != 1:
        raise ParametersError(f'Parameter "{parameter.name}" must have exactly one value.')
    value = _json(texts[0]) if parameter.type == "StringMap" else texts[0]
    return _converted(parameter, value)


def _maps(parameter: Parameter, texts: list[str]) -> Any:
    """Each text may be one map or a list of maps."""
    found = [_json(item) for item in texts]
    flat = [part for item in found for part in (item if isinstance(item, list) else [item])]
    return _converted(parameter, flat)


def _json(content: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return MISSING


def _converted(parameter: Parameter, value: Any) -> Any:
    try:
        return convert(value, parameter.type)
    except (ConversionError, TypeError):
        raise ParametersError(
            f'Parameter "{parameter.name}" has a value that is not of type {parameter.type}.'
        ) from None


def _check(parameter: Parameter, value: Any) -> None:
    items = value if isinstance(value, list) else [value]
    for item in items:
        _check_allowed(parameter, text(item))
        _check_length(parameter, "Chars", len(text(item)))
        if not isinstance(item, dict):
            _check_pattern(parameter, text(item))
    if isinstance(value, list):
        _check_length(parameter, "Items", len(value))


def _check_allowed(parameter: Parameter, item: str) -> None:
    allowed = [text(value) for value in parameter.limits.get("allowedValues") or []]
    if allowed and item not in allowed:
        raise ParametersError(
            f'Parameter "{parameter.name}" has value "{item}" not found in [{", ".join(allowed)}].'
        )


def _check_length(parameter: Parameter, unit: str, length: int) -> None:
    low = parameter.limits.get(f"min{unit}") or 0
    high = parameter.limits.get(f"max{unit}")
    high = length if high is None else high
    if not low <= length <= high:
        raise ParametersError(
            f'Parameter "{parameter.name}" has {length} {unit.lower()}, not {low} to {high}.'
        )


def _check_pattern(parameter: Parameter, item: str) -> None:
    # Java finds nested sets and && in brackets, as `regex` does in its version 1 syntax.
    for pattern in filter(None, (parameter.pattern, parameter.limits.get("allowedPattern"))):
        try:
            joined = SURROGATES.sub(_joined, pattern)
            found = regex.search(joined, item, flags=regex.VERSION1, timeout=MATCH_SECONDS)
        except (regex.error, TimeoutError, RecursionError) as problem:
            raise ParametersError(
                f'Parameter "{parameter.name}" has an allowedPattern that cannot be matched:'
                f" {problem}."
            ) from None
        if not found:
            raise ParametersError(
                f'Parameter "{parameter.name}" has value "{item}" that does not match {pattern}.'
            )


def _joined(pair: re.Match[str]) -> str:
    """Java reads two escaped halves of a character as the one that they make."""
    high, low = (int(half, 16) for half in pair.groups())
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + low - 0xDC00:08X}"
