"""A property's path leads to values, through every element of the lists on its way."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

Value = str | int | float | bool
Row = dict[str, Any]
Range = tuple[int, int, int]
"""(IP version, first address, last address)"""


def at(row: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """The values at a path: none where it is absent, several where lists lie on it."""
    if isinstance(row, list):
        for element in row:
            yield from at(element, path)
    elif not path:
        if row is not None:
            yield row
    elif isinstance(row, dict) and path[0] in row:
        yield from at(row[path[0]], path[1:])


def projected(row: Any, path: tuple[str, ...]) -> Any:
    """The part of a row at a path, its lists and objects kept; None where there is nothing."""
    if isinstance(row, list):
        parts = [projected(element, path) for element in row]
        return [part for part in parts if part is not None] or None
    if not path:
        return row
    inner = projected(row.get(path[0]), path[1:]) if isinstance(row, dict) else None
    return None if inner is None else {path[0]: inner}


def merged(one: Any, other: Any) -> Any:
    """Two parts of the same row in one."""
    if isinstance(one, dict) and isinstance(other, dict):
        both = {key: merged(one[key], other[key]) for key in one if key in other}
        return {**one, **other, **both}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [merged(*pair) for pair in zip(one, other, strict=True)]
    return other


def nested(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """A row that has nothing but this value at this path."""
    return {path[0]: nested(path[1:], value) if len(path) > 1 else value}


def equal(stored: Any, wanted: Any) -> bool:
    """Whether a value matches; a stored CIDR block matches what lies in it."""
    mine, theirs = _ranges(stored, wanted)
    if mine and theirs:
        return mine[0] == theirs[0] and mine[1] <= theirs[1] and theirs[2] <= mine[2]
    one = _comparable(stored, wanted)
    return type(one) is type(wanted) and bool(one == wanted)


def below(stored: Any, wanted: Any) -> bool:
    """Whether a value, or the beginning of a CIDR block, is less."""
    mine, theirs = _ranges(stored, wanted)
    if mine and theirs:
        return mine[0] == theirs[0] and mine[1] < theirs[1]
    one = _comparable(stored, wanted)
    return type(one) is type(wanted) and bool(one < wanted)


def above(stored: Any, wanted: Any) -> bool:
    """Whether a value, or the end of a CIDR block, is greater."""
    mine, theirs = _ranges(stored, wanted)
    if mine and theirs:
        return mine[0] == theirs[0] and mine[2] > theirs[2]
    one = _comparable(stored, wanted)
    return type(one) is type(wanted) and bool(one > wanted)


def between(stored: Any, low: Value, high: Value) -> bool:
    """Whether a value lies in a closed range; of a CIDR block, whether any of its addresses."""
    (mine, first), (_, last) = _ranges(stored, low), _ranges(stored, high)
    if mine and first and last:
        return mine[0] == first[0] == last[0] and mine[1] <= last[2] and first[1] <= mine[2]
    return not below(stored, low) and not above(stored, high) and _same_kind(stored, low)


def _same_kind(stored: Any, wanted: Value) -> bool:
    return type(_comparable(stored, wanted)) is type(wanted)


def _comparable(stored: Any, wanted: Value) -> Any:
    """A stored value as a literal of the query's kind, for numbers are quoted as often as not."""
    if isinstance(stored, bool):
        return str(stored).lower() if isinstance(wanted, str) else stored
    if isinstance(stored, int | float):
        return str(stored) if isinstance(wanted, str) else float(stored)
    return stored


def _ranges(stored: Any, wanted: Value) -> tuple[Range | None, Range | None]:
    if not (isinstance(stored, str) and "/" in stored and isinstance(wanted, str)):
        return None, None
    return _range(stored), _range(wanted)


def _range(text: str) -> Range | None:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return network.version, int(network.network_address), int(network.broadcast_address)
