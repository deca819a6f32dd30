"""What changed between two states of a resource, as configurationItemDiff tells it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from netmend.sandbox.config.network import Description

Change = tuple[str, Any, Any]
"""(the property's path, what it was, what it is)."""

ABSENT: Final = None


def created() -> dict[str, Any]:
    """A resource that is new: Config lists no properties of it."""
    return {"changedProperties": {}, "changeType": "CREATE"}


def updated(before: Description, now: Description) -> dict[str, Any]:
    """A resource that changed."""
    return _diff("UPDATE", _changes(before, now))


def deleted(before: Description) -> dict[str, Any]:
    """A resource that is gone: all of it, and each relationship, was deleted."""
    gone = _elements("Relationships", before.relationships, [])
    return _diff("DELETE", [*gone, ("Configuration", before.configuration, ABSENT)])


def _changes(before: Description, now: Description) -> Iterator[Change]:
    yield from _elements("Relationships", before.relationships, now.relationships)
    yield from _members("Configuration", before.configuration, now.configuration)
    for path, old, new in _elements("Tags", list(before.tags.items()), list(now.tags.items())):
        yield path, old and old[1], new and new[1]  # only the tag's value is told


def _members(path: str, before: dict[str, Any], now: dict[str, Any]) -> Iterator[Change]:
    for name in [*before, *(n for n in now if n not in before)]:
        old, new = before.get(name), now.get(name)
        place = f"{path}.{name[:1].upper()}{name[1:]}"
        if isinstance(old, list) and isinstance(new, list):
            yield from _elements(place, old, new)
        elif isinstance(old, dict) and isinstance(new, dict):
            yield from _members(place, old, new)
        elif old != new:
            yield place, old, new


def _elements(path: str, before: list[Any], now: list[Any]) -> Iterator[Change]:
    # An element is changed by deleting the old and creating the new one, and the numbers count
    # these changes rather than positions: .0 deleted, .1 created is one element that changed.
    gone = [(one, ABSENT) for one in before if one not in now]
    new = [(ABSENT, one) for one in now if one not in before]
    for number, (old, fresh) in enumerate([*gone, *new]):
        yield f"{path}.{number}", old, fresh


def _diff(kind: str, changes: Any) -> dict[str, Any]:
    return {
        "changedProperties": {
            path: {"previousValue": old, "updatedValue": new, "changeType": _kind(old, new)}
            for path, old, new in changes
        },
        "changeType": kind,
    }


def _kind(old: Any, new: Any) -> str:
    if old is ABSENT:
        return "CREATE"
    return "DELETE" if new is ABSENT else "UPDATE"
