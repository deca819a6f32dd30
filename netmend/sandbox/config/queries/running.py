"""A query runs over rows and gives the JSON texts that Config answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from itertools import product
from typing import Any, Final

from netmend.sandbox.config.queries import values
from netmend.sandbox.config.queries.grammar import Column, Query, Sorting
from netmend.sandbox.config.queries.values import Row

Sortable = tuple[bool, bool, float, str]


def run(query: Query, rows: Iterable[Row]) -> list[str]:
    """The results in order, each compact JSON."""
    kept = [row for row in rows if query.condition(row)]
    if any(column.function for column in query.columns):
        found = _grouped(query, kept)
    else:
        found = [(row, _selected(query.columns, row)) for row in kept]
    for sorting in reversed(query.order):
        found.sort(key=_key(sorting), reverse=sorting.descending)
    return [json.dumps(shown, ensure_ascii=False, separators=(",", ":")) for _, shown in found]


def _selected(columns: Sequence[Column], row: Row) -> Row:
    if Column(()) in columns:
        return row
    parts = [values.projected(row, column.path) for column in columns]
    return dict(reduce(values.merged, [part for part in parts if part is not None], {}))


def _grouped(query: Query, rows: list[Row]) -> list[tuple[Row, Row]]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    keys: dict[tuple[str, ...], tuple[Any, ...]] = {}
    for row in rows:
        # A list counts its resource once for each value that it holds.
        for key in product(*(list(values.at(row, path)) for path in query.groups)):
            name = tuple(json.dumps(part) for part in key)
            keys[name] = key
            group = groups.setdefault(name, [])
            if not group or group[-1] is not row:
                group.append(row)
    if not query.groups:
        groups, keys = {(): rows}, {(): ()}
    found = []
    for name in sorted(groups):
        shown = _group(query, keys[name], groups[name])
        found.append((shown, shown))
    return found


def _group(query: Query, key: tuple[Any, ...], rows: list[Row]) -> Row:
    shown: Row = {}
    by_path = dict(zip(query.groups, key, strict=True))
    for column in query.columns:
        if column.function:
            shown[column.name] = _aggregate(column, rows)
        else:
            shown = dict(values.merged(shown, values.nested(column.path, by_path[column.path])))
    return shown


def _aggregate(column: Column, rows: list[Row]) -> Any:
    if not column.path:
        return len(rows)
    found = [value for row in rows for value in values.at(row, column.path)]
    if column.function == "COUNT":
        return len(found)
    numbers = [one for one in found if isinstance(one, int | float) and not isinstance(one, bool)]
    return AGGREGATE[column.function](numbers) if numbers else None


AGGREGATE: Final[dict[str, Callable[[list[float]], float]]] = {
    "AVG": lambda numbers: sum(numbers) / len(numbers),
    "MAX": max,
    "MIN": min,
    "SUM": sum,
}


def _key(sorting: Sorting) -> Callable[[tuple[Row, Row]], Sortable]:
    column = sorting.column

    def key(pair: tuple[Row, Row]) -> Sortable:
        path = (column.name,) if column.function else column.path
        value = next(iter(values.at(pair[0], path)), None)
        number = isinstance(value, int | float)
        # What has no value comes last, whichever way the rest is turned.
        absent = (value is None) != sorting.descending
        return absent, not number, float(value) if number else 0.0, str(value)  # type: ignore[arg-type]

    return key
