"""Whatever a user has of a resource in a file is taken: one object, a CLI's answer, or lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from netmend.errors import UserError
from netmend.evaluate import UnreadableLineError, parsed
from netmend.plain_json import loads

HISTORY: Final = "configurationItems"
ANSWERS: Final = ("SecurityGroups", "baseConfigurationItems", HISTORY)
"""Lists of resources in what Describe calls and AWS Config answer."""

SPARSE: Final = {
    "SecurityGroupRules": "give the answer of describe-security-groups, or name the group's id",
    "EvaluationResults": "name the id of the resource to have it read",
}
"""Answers that do not hold a whole resource, and what to give instead."""


class Told(NamedTuple):
    """One resource of a file: its place, `groups.json` or `groups.jsonl:3`, and its object."""

    place: str
    raw: Mapping[str, Any]


def resources(text: str, name: str) -> Iterator[Told | UserError]:
    """Every resource in the text of a file, or why a line of it holds none, in order.

    Raises UserError where the whole file is nothing that can be read.
    """
    for place, value in _values(text, name):
        try:
            raw = parsed(value) if isinstance(value, str) else value
            yield from (Told(place, one) for one in _unwrapped(raw))
        except UnreadableLineError as error:
            yield UserError(f"{place}: {' '.join(str(error).split())}")


def _values(text: str, name: str) -> Iterator[tuple[str, Any]]:
    """The one JSON value of a file, however it is laid out, or else each of its lines."""
    text = text.removeprefix("\ufeff")
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise UserError(f"{name} is empty: there is nothing to explain", "give a resource as JSON")
    try:
        text.encode()  # bytes that are no UTF-8 come as surrogates, which it refuses
        yield name, loads(text)
    except ValueError as error:
        if not _is_json(lines[0][1]):
            raise _broken(name, error) from None
        for number, line in lines:
            yield f"{name}:{number}", line


def _is_json(line: str) -> bool:
    try:
        loads(line)
    except ValueError:
        return False
    return True


def _broken(name: str, error: Exception) -> UserError:
    if isinstance(error, json.JSONDecodeError):
        place = f"{name}:{error.lineno}:{error.colno}"
        return UserError(f"{place}: {error.msg}", "give one JSON object, or one a line")
    if isinstance(error, UnicodeEncodeError):
        line = error.object.count("\n", 0, error.start) + 1
        return UserError(f"{name}:{line}: no UTF-8", "encode it so")
    return UserError(f"{name}: beyond JSON: {error}", "give one JSON object, or one a line")


def _unwrapped(raw: Any) -> Iterator[Mapping[str, Any]]:
    """The resources of a value, each with the facts that stand beside them."""
    if isinstance(raw, list):
        for one in raw:
            yield from _unwrapped(one)
        return
    if not isinstance(raw, dict):
        raise UnreadableLineError(f"{raw!r:.40} is no resource", "a JSON object is expected")
    wrapped = isinstance(raw.get("resource"), dict)
    holder = raw["resource"] if wrapped else raw
    for one in _listed(holder):
        yield {**raw, "resource": one} if wrapped else one


def _listed(holder: dict[str, Any]) -> list[Any]:
    for name, fix in SPARSE.items():
        if name in holder:
            raise UnreadableLineError(f"{name} are no whole resource", fix)
    found = next((holder[name] for name in ANSWERS if isinstance(holder.get(name), list)), None)
    if found is None:
        return [holder]
    objects = [one for one in found if isinstance(one, dict)]
    if not objects or objects != found:
        raise UnreadableLineError("the answer holds no resource", "ask for one that exists")
    if HISTORY in holder:
        return [max(objects, key=lambda item: str(item.get("configurationItemCaptureTime", "")))]
    return objects
