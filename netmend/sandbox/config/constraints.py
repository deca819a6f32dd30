"""Lengths, ranges, patterns and value sets of parameters hold as Config's model declares them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import regex
from moto.core.utils import get_service_model

from netmend.sandbox.api import ApiCall, ApiError
from netmend.sandbox.core import Sandbox

MEASURES: Final[Mapping[str, Callable[[Any], int]]] = {
    "string": len,
    "list": len,
    "map": len,
    "integer": int,
    "long": int,
}

LONGEST_SHOWN: Final = 100
"""Characters of a refused value that the message repeats; AWS repeats all of them."""

WORDS: Final = {
    "string": "Member must have length",
    "list": "Member must have length",
    "map": "Member must have length",
    "integer": "Member must have value",
    "long": "Member must have value",
}


SHORT_NAMES: Final = "StringWithCharLimit64"
LONGEST_NAME: Final = 128
"""Some operations declare rule names of 64 characters at most, though packs make longer ones and
the same service names rules of 128 elsewhere; which of them AWS enforces is not known, so the
sandbox takes 128 everywhere and Netmend itself does not call those operations."""


def check(sandbox: Sandbox, call: ApiCall) -> None:
    """Refuse a call whose parameters the model forbids."""
    verify(call.operation, call.params)


def verify(operation: str, params: dict[str, Any]) -> None:
    """Refuse parameters that the model of an operation forbids, in the words that AWS uses."""
    shape = get_service_model("config").operation_model(operation).input_shape
    found = list(_violations(shape, params, "")) if shape else []
    if found:
        noun = "error" if len(found) == 1 else "errors"
        raise ApiError(
            "ValidationException",
            f"{len(found)} validation {noun} detected: {'; '.join(found)}",
        )


def _violations(shape: Any, value: Any, path: str) -> Iterator[str]:
    for complaint in _own(shape, value):
        yield f"Value '{_shown(value)}' at '{path}' failed to satisfy constraint: {complaint}"
    if shape.type_name == "structure":
        yield from _members(shape, value, path)
    elif shape.type_name == "list":
        for number, member in enumerate(value, start=1):
            yield from _violations(shape.member, member, f"{path}.{number}.member")


def _shown(value: Any) -> str:
    if isinstance(value, list | dict):
        return f"<{len(value)} members>"
    text = str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def _members(shape: Any, value: dict[str, Any], path: str) -> Iterator[str]:
    for name, member in shape.members.items():
        place = f"{path}.{name[:1].lower()}{name[1:]}".lstrip(".")
        if value.get(name) is not None:
            yield from _violations(member, value[name], place)
        elif name in shape.required_members:
            yield f"Value null at '{place}' failed to satisfy constraint: Member must not be null"


def _own(shape: Any, value: Any) -> Iterator[str]:
    rules, measure = shape.metadata, MEASURES.get(shape.type_name)
    if measure is not None:
        size, words = measure(value), WORDS[shape.type_name]
        if "min" in rules and size < rules["min"]:
            yield f"{words} greater than or equal to {rules['min']}"
        most = LONGEST_NAME if shape.name == SHORT_NAMES else rules.get("max")
        if most is not None and size > most:
            yield f"{words} less than or equal to {most}"
    if rules.get("enum") and value not in rules["enum"]:
        yield f"Member must satisfy enum value set: [{', '.join(rules['enum'])}]"
    if "pattern" in rules and not regex.fullmatch(rules["pattern"], value):
        yield f"Member must satisfy regular expression pattern: {rules['pattern']}"
