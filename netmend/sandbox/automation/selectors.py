"""A selector is JSONPath: a definite path gives one value, any other a list, and both may miss."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from jsonpath_ng import Child, Fields, Index, JSONPath, Root
from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.ext.parser import parse

MISSING: Final = object()
"""What stands where a selector or a reference found nothing."""


class SelectorError(ValueError):
    """The text is no JSONPath that the engine understands."""


@lru_cache(maxsize=4096)
def compiled(selector: str) -> JSONPath:
    """The parsed selector; raises SelectorError."""
    try:
        return parse(selector)
    except JSONPathError as problem:
        raise SelectorError(f"{selector!r} is not a JSONPath selector: {problem}") from None


def select(selector: str, value: Any) -> Any:
    """What `selector` finds in `value`, or MISSING; null counts as not found.

    A deep scan, a slice, `[*]` or a filter gives a list, empty when nothing matches, unless the
    plain path before it is absent (as in Jayway's JsonPath, which AWS uses).
    """
    path = compiled(selector)
    if _definite(path):
        return _first(path, value)
    if _first(_definite_part(path), value) is MISSING:
        return MISSING
    return [match.value for match in path.find(value)]


def _first(path: JSONPath, value: Any) -> Any:
    matches = path.find(value)
    return MISSING if not matches or matches[0].value is None else matches[0].value


def _definite(path: JSONPath) -> bool:
    if isinstance(path, Child):
        return _definite(path.left) and _definite(path.right)
    if isinstance(path, Fields):
        return len(path.fields) == 1
    if isinstance(path, Index):
        return len(path.indices) == 1
    return isinstance(path, Root)


def _definite_part(path: JSONPath) -> JSONPath:
    """The longest plain path at the left of an indefinite one."""
    while not _definite(path):
        path = getattr(path, "left", Root())
    return path
