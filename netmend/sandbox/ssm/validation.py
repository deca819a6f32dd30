"""What the model says of texts holds here too: patterns, enumerations, lengths and counts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import regex
from moto.core.utils import get_service_model

from netmend.sandbox.api import ApiCall, ApiError, guard
from netmend.sandbox.core import Sandbox

CHECKED: Final = (
    "StartAutomationExecution",
    "GetAutomationExecution",
    "DescribeAutomationExecutions",
    "DescribeAutomationStepExecutions",
    "StopAutomationExecution",
    "SendAutomationSignal",
    "CreateDocument",
    "UpdateDocument",
    "GetDocument",
    "DescribeDocument",
    "DeleteDocument",
    "UpdateDocumentDefaultVersion",
    "ListDocumentVersions",
    "ListDocuments",
    "ModifyDocumentPermission",
    "DescribeDocumentPermission",
)

LONGER: Final = ("AutomationParameterValue",)
"""Of these AWS takes more than its model says: runs are handed whole findings of Security Hub."""


@guard("ssm", *CHECKED)
def check(sandbox: Sandbox, call: ApiCall) -> None:
    """Refuse what does not fit the model; boto3 itself checks only types and least lengths."""
    shape = get_service_model("ssm").operation_model(call.operation).input_shape
    errors = list(_errors(call.params, shape, ""))
    if errors:
        noun = "error" if len(errors) == 1 else "errors"
        found = "; ".join(errors)
        raise ApiError("ValidationException", f"{len(errors)} validation {noun} detected: {found}")


def _errors(value: Any, shape: Any, path: str) -> Iterator[str]:
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if value.get(name) is not None:
                inner = f"{path}.{_lower(name)}" if path else _lower(name)
                yield from _errors(value[name], member, inner)
        return
    yield from _own(value, shape, path)
    if shape.type_name == "list":
        for place, item in enumerate(value, 1):
            yield from _errors(item, shape.member, f"{path}.{place}.member")
    elif shape.type_name == "map":
        for key, item in value.items():
            yield from _errors(key, shape.key, f"{path}.{key}.key")
            yield from _errors(item, shape.value, f"{path}.{key}.member")


def _own(value: Any, shape: Any, path: str) -> Iterator[str]:
    """What the value itself breaks, in AWS's words."""
    shown = f"Value '{value}' at '{path}' failed to satisfy constraint: Member must"
    rules = shape.metadata
    size = value if isinstance(value, int) else len(value)
    unit = "value" if isinstance(value, int) else "length"
    if isinstance(value, bool):
        return
    if "enum" in rules and value not in rules["enum"]:
        yield f"{shown} satisfy enum value set: [{', '.join(rules['enum'])}]"
    if "pattern" in rules and not _pattern(rules["pattern"]).fullmatch(value):
        yield f"{shown} satisfy regular expression pattern: {rules['pattern']}"
    if shape.name not in LONGER and size > rules.get("max", size):
        yield f"{shown} have {unit} less than or equal to {rules['max']}"
    if size < rules.get("min", size) and value != {}:  # boto3 too lets Parameters={} through
        yield f"{shown} have {unit} greater than or equal to {rules['min']}"


@cache
def _pattern(text: str) -> Any:
    return regex.compile(text)  # Java's \p{L}, which `re` does not know


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]
