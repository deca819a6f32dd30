"""What a template says of a resource beside what really stands, as drift detection tells it.

As in AWS only what the template sets is compared: a default that a service adds is no drift.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import yaml

from netmend.sandbox.cloudformation.shapes import Kind, MapOf

Difference = dict[str, str]

ADDED: Final = "ADD"
REMOVED: Final = "REMOVE"
CHANGED: Final = "NOT_EQUAL"


def between(shape: Any, expected: Any, actual: Any, path: str = "") -> list[Difference]:
    """The differences, by property path. shape: what the type's provider declares."""
    return list(_differences(shape, expected, actual, path))


def _differences(shape: Any, expected: Any, actual: Any, path: str) -> Iterator[Difference]:
    if shape is Kind.JSON:
        expected, actual = _parsed(expected), _parsed(actual)
    if isinstance(expected, dict) and isinstance(actual, dict):
        yield from _objects(shape, expected, actual, path)
    elif isinstance(expected, list) and isinstance(actual, list):
        yield from _lists(shape, expected, actual, path)
    elif _text(expected) != _text(actual):
        yield _told(path, CHANGED, expected, actual)


def _objects(
    shape: Any, expected: dict[str, Any], actual: dict[str, Any], path: str
) -> Iterator[Difference]:
    for name, value in expected.items():
        if name in actual:
            yield from _differences(_inner(shape, name), value, actual[name], f"{path}/{name}")
        elif value not in (None, [], {}, ""):
            yield _told(f"{path}/{name}", REMOVED, value, None)
    if shape is Kind.JSON or isinstance(shape, MapOf):
        for name in actual:
            if name not in expected:
                yield _told(f"{path}/{name}", ADDED, None, actual[name])


def _lists(shape: Any, expected: list[Any], actual: list[Any], path: str) -> Iterator[Difference]:
    item = _inner(shape, 0)
    left = list(enumerate(actual))
    missing: list[tuple[int, Any]] = []
    for index, value in enumerate(expected):
        same = next((one for one in left if not between(item, value, one[1])), None)
        if same is None:
            missing.append((index, value))
        else:
            left.remove(same)
    for (index, value), (_, other) in zip(missing, left, strict=False):
        yield from _differences(item, value, other, f"{path}/{index}")
    for index, value in missing[len(left) :]:
        yield _told(f"{path}/{index}", REMOVED, value, None)
    for index, value in left[len(missing) :]:
        yield _told(f"{path}/{index}", ADDED, None, value)


def _inner(shape: Any, name: Any) -> Any:
    if isinstance(shape, dict):
        return shape.get(name)
    if isinstance(shape, list):
        return shape[0]
    return shape.item if isinstance(shape, MapOf) else shape


def _parsed(value: Any) -> Any:
    """JSON that may be text, or YAML, as documents of Systems Manager are."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        pass
    try:
        return yaml.safe_load(value)
    except yaml.YAMLError:
        return value


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)


def _told(path: str, kind: str, expected: Any, actual: Any) -> Difference:
    return {
        "PropertyPath": path,
        "ExpectedValue": _text(expected),
        "ActualValue": _text(actual),
        "DifferenceType": kind,
    }
