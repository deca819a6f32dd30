"""Parameters as people write them become what StartAutomationExecution takes: lists of texts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from netmend.errors import UsageError, UserError, did_you_mean
from netmend.plain_json import loads

EXAMPLE: Final = (
    """write '{"GroupId": "sg-0123456789abcdef0"}', @FILE, or -p GroupId=sg-0123456789abcdef0"""
)
JSON_TYPES: Final = frozenset({"StringMap", "MapList"})
MARK: Final = "@"
FILE: Final = "file://"
"""How users of the AWS CLI name a file with parameters."""

ID: Final = re.compile(r"[a-z]+(-[a-z]+)*-[0-9a-f]{8,17}")

Declared = Mapping[str, Mapping[str, Any]]


def is_list(declaration: Mapping[str, Any]) -> bool:
    """Whether a parameter of this declaration takes several values."""
    kind = str(declaration.get("type", "String"))
    return kind.endswith("List") or kind.startswith("List<")


def whole(text: str) -> dict[str, Any]:
    """--parameters: a JSON object, or @FILE with one."""
    for mark in (FILE, MARK):
        if text.startswith(mark):
            text = read(text.removeprefix(mark))
            break
    try:
        found = loads(text)
    except ValueError as error:
        raise UsageError(f"--parameters is not JSON: {error}", EXAMPLE) from error
    if not isinstance(found, dict):
        raise UsageError("--parameters is not a JSON object", EXAMPLE)
    return found


def read(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}", "name a readable JSON file") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{file}: it is not UTF-8", "name a readable JSON file") from error


def collected(declared: Declared, text: str, singles: Iterable[str]) -> dict[str, Any]:
    """All given values by name, typed; raises UsageError for a name that is not declared."""
    found = whole(text)
    repeated: dict[str, Any] = {}
    for single in singles:
        name, sign, value = single.partition("=")
        if not sign or not name:
            raise UsageError(f"-p {single} names no value", "write -p NAME=VALUE")
        known(declared, name)
        value_of = one(declared[name], name, value)
        if name in repeated:
            if not is_list(declared[name]):
                raise UsageError(f"-p {name} stands twice", "give it once: it is not a list")
            value_of = [*repeated[name], *value_of]
        repeated[name] = value_of
    for name in found:
        known(declared, name)
    return found | repeated


def known(declared: Declared, name: str) -> None:
    if name not in declared:
        hint = did_you_mean(name, declared) or "it declares none: leave them out"
        raise UsageError(f"the document declares no parameter {name!r}", hint)


def one(declaration: Mapping[str, Any], name: str, value: str) -> Any:
    """The value of -p NAME=VALUE: JSON for maps, commas or JSON for lists, else the text."""
    kind = str(declaration.get("type", "String"))
    if kind in JSON_TYPES or (is_list(declaration) and value.startswith("[")):
        try:
            return loads(value)
        except ValueError as error:
            raise UsageError(f"-p {name} is not JSON: {error}", f"{name} is a {kind}") from error
    return value.split(",") if is_list(declaration) else value


def require(declared: Declared, values: Mapping[str, Any], role: str) -> None:
    """Raises UsageError that names every parameter that has to be given and is not."""
    missing = [
        name
        for name, one in declared.items()
        if one.get("default") is None and name not in values and name != role
    ]
    if missing:
        told = ", ".join(f"{name} ({declared[name].get('type')})" for name in missing)
        shown = " ".join(f"-p {name}=..." for name in missing)
        raise UsageError(f"the document needs {told}", f"add {shown}")


def resolved(value: Any, names: Mapping[str, str]) -> Any:
    """The same with ids in the place of `@name`, and of ids that a described network had."""
    if isinstance(value, list):
        return [resolved(item, names) for item in value]
    if isinstance(value, dict):
        return {key: resolved(item, names) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    if value.startswith(MARK * 2):  # what begins with one @ and is no name
        return value.removeprefix(MARK)
    if value.startswith(MARK):
        name = value.removeprefix(MARK)
        if name not in names:
            hint = did_you_mean(name, names) or "describe it in a file, and give --network FILE"
            raise UsageError(f"the network has nothing named {name!r}", hint)
        return names[name]
    return names.get(value, value) if ID.fullmatch(value) else value


def wired(declared: Declared, values: Mapping[str, Any]) -> dict[str, list[str]]:
    """AWS's form of each value: a list of texts, JSON where it is a map."""
    return {name: texts(value, is_list(declared[name])) for name, value in values.items()}


def texts(value: Any, listed: bool) -> list[str]:
    if isinstance(value, list) and (listed or all(isinstance(v, str) for v in value)):
        return [text(item) for item in value]
    return [text(value)]


def text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def forms(document: str, parameters: Mapping[str, list[str]]) -> dict[str, Any]:
    """The same values as StartAutomationExecution takes them, and as a Config remediation does."""
    return {
        "StartAutomationExecution": {"DocumentName": document, "Parameters": dict(parameters)},
        "RemediationConfiguration": {
            "TargetType": "SSM_DOCUMENT",
            "TargetId": document,
            "Parameters": {
                name: {"StaticValue": {"Values": listed}} for name, listed in parameters.items()
            },
        },
    }
