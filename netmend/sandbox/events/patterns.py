"""An event pattern matches as EventBridge's does, arrays of objects and `$or` included."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from netmend.sandbox.api import ApiError
from netmend.sandbox.events.filters import PatternError, Test, content, equals

LONGEST: Final = 4096
_MISSING: Final = object()


@dataclass(frozen=True)
class _Leaf:
    """What may stand at one path; `absent`: that nothing stands there will do too."""

    path: tuple[str, ...]
    tests: tuple[Test, ...]
    absent: bool


@dataclass(frozen=True)
class Pattern:
    """Every field must match, and of each `$or` at least one alternative."""

    fields: tuple[tuple[str, Pattern | _Leaf], ...]
    alternatives: tuple[tuple[Pattern, ...], ...]


def matches(text: str | None, event: Mapping[str, Any]) -> bool:
    """Whether a rule's pattern matches; a rule without one (a schedule) matches nothing."""
    return bool(text) and _all(compiled(str(text)), event, event)


def may_match(text: str | None, known: Mapping[str, Any]) -> bool:
    """Whether a pattern could match an event of which only these fields are known."""
    return bool(text) and _possible(compiled(str(text)), known)


def check(text: str) -> Pattern:
    """The parsed pattern, or `ApiError` InvalidEventPatternException."""
    if len(text) > LONGEST:
        raise _invalid(f"it has {len(text)} characters, at most {LONGEST} are taken")
    try:
        return compiled(text)
    except PatternError as error:
        raise _invalid(str(error)) from None


@lru_cache(maxsize=1 << 10)
def compiled(text: str) -> Pattern:
    """The parsed pattern; `PatternError` for one that EventBridge would not take."""
    try:
        pattern = json.loads(text)
    except ValueError as error:
        raise PatternError(f"Invalid JSON: {error}") from None
    if not isinstance(pattern, dict):
        raise PatternError("Filter is not an object")
    return _node(pattern, ())


def _node(pattern: dict[str, Any], path: tuple[str, ...]) -> Pattern:
    if not pattern:
        raise PatternError("Empty objects are not allowed")
    fields: list[tuple[str, Pattern | _Leaf]] = []
    alternatives: list[tuple[Pattern, ...]] = []
    for name, value in pattern.items():
        if name == "$or":
            alternatives.append(_either(value, path))
        elif isinstance(value, dict):
            fields.append((name, _node(value, (*path, name))))
        elif isinstance(value, list):
            fields.append((name, _leaf(value, (*path, name))))
        else:
            raise PatternError(f'"{name}" must be an object or an array')
    return Pattern(tuple(fields), tuple(alternatives))


def _either(value: Any, path: tuple[str, ...]) -> tuple[Pattern, ...]:
    if not isinstance(value, list) or len(value) < 2:
        raise PatternError("$or must be an array of at least 2 objects")
    if not all(isinstance(branch, dict) for branch in value):
        raise PatternError("$or must be an array of at least 2 objects")
    return tuple(_node(branch, path) for branch in value)


def _leaf(filters: list[Any], path: tuple[str, ...]) -> _Leaf:
    if not filters:
        raise PatternError("Empty arrays are not allowed")
    tests: list[Test] = []
    absent = False
    for item in filters:
        if isinstance(item, list):
            raise PatternError("Match value must be String, number, true, false, or null")
        if isinstance(item, dict) and "exists" in item:
            absent = _exists(item, tests) or absent
        elif isinstance(item, dict):
            tests.append(content(item) if item else _empty())
        else:
            tests.append(equals(item))
    return _Leaf(path, tuple(tests), absent)


def _empty() -> Test:
    raise PatternError("Empty objects are not allowed")


def _exists(item: dict[str, Any], tests: list[Test]) -> bool:
    if len(item) != 1:
        raise PatternError("Only one key allowed in match expression")
    if not isinstance(item["exists"], bool):
        raise PatternError("exists match pattern must be either true or false.")
    if item["exists"]:
        tests.append(lambda value: True)
    return not item["exists"]


def _all(pattern: Pattern, node: Any, event: Mapping[str, Any]) -> bool:
    # Of an array of objects one and the same element must have all the fields.
    if isinstance(node, list):
        return any(_all(pattern, element, event) for element in node or [_MISSING])
    for name, part in pattern.fields:
        value = node.get(name, _MISSING) if isinstance(node, Mapping) else _MISSING
        if isinstance(part, Pattern):
            if not _all(part, value, event):
                return False
        elif not _any(part, value, event):
            return False
    return all(
        any(_all(branch, node, event) for branch in branches) for branches in pattern.alternatives
    )


def _any(leaf: _Leaf, value: Any, event: Mapping[str, Any]) -> bool:
    if leaf.absent and not _stands(event, leaf.path):
        return True
    return any(test(scalar) for scalar in _scalars(value) for test in leaf.tests)


def _scalars(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [scalar for element in value for scalar in _scalars(element)]
    return [] if value is _MISSING or isinstance(value, Mapping) else [value]


def _stands(node: Any, path: tuple[str, ...]) -> bool:
    if isinstance(node, list):
        return any(_stands(element, path) for element in node)
    if not path:
        return not isinstance(node, Mapping)
    return isinstance(node, Mapping) and path[0] in node and _stands(node[path[0]], path[1:])


def _possible(pattern: Pattern, known: Mapping[str, Any]) -> bool:
    for name, part in pattern.fields:
        if name not in known:
            continue
        value = known[name]
        if isinstance(part, _Leaf):
            if not any(test(value) for test in part.tests):
                return False
        elif isinstance(value, Mapping) and not _possible(part, value):
            return False
    return all(any(_possible(b, known) for b in branches) for branches in pattern.alternatives)


def _invalid(reason: str) -> ApiError:
    return ApiError("InvalidEventPatternException", f"Event pattern is not valid. Reason: {reason}")
