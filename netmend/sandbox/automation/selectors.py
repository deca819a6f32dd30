"""A selector is JSONPath: a definite path gives one value, any other a list, and both may miss."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from jsonpath_ng import Child, Descendants, Fields, Index, JSONPath, Root, Slice, This, Wildcard
from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.ext.filter import Filter
from jsonpath_ng.ext.parser import parse

MISSING: Final = object()
"""What stands where a selector or a reference found nothing."""


class SelectorError(ValueError):
    """The text is no JSONPath that the engine understands."""


# AWS reads selectors with Jayway's JsonPath, which takes three forms that jsonpath-ng does not.
LENGTH: Final = ".length()"
NAMES: Final = re.compile(r"""'[^']*'|"[^"]*"|\[[^\]]*\]|(?<=\.)[^\s.'"*$@()\[\]]+""")
PATTERNS: Final = re.compile(r"=~\s*/((?:[^/\\]|\\.)*)/(i?)")
PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
KNOWN: Final = (Fields, Filter, Index, Root, Slice, This, Wildcard)


@lru_cache(maxsize=4096)
def compiled(selector: str) -> JSONPath:
    """The parsed selector, without a length() at its end; raises SelectorError."""
    path = PATTERNS.sub(_pattern, selector.strip().removesuffix(LENGTH))
    try:
        parsed = parse(NAMES.sub(_quoted, path))
    except (JSONPathError, DeprecationWarning) as problem:
        raise SelectorError(f"{selector!r} is not a JSONPath selector: {problem}") from None
    if not _known(parsed):
        raise SelectorError(f"{selector!r} is not a JSONPath selector that AWS reads")
    return parsed


def _known(path: JSONPath) -> bool:
    """jsonpath-ng has operators of its own: sums, unions, parents, sorting and more."""
    if isinstance(path, Child | Descendants):
        return _known(path.left) and _known(path.right)
    return isinstance(path, KNOWN)


def select(selector: str, value: Any) -> Any:
    """What `selector` finds in `value`, or MISSING; null counts as not found.

    A deep scan, a slice, `[*]` or a filter gives a list, empty when nothing matches, unless the
    plain path before it is absent (as in Jayway's JsonPath, which AWS uses).
    """
    found = _found(compiled(selector), value)
    if not selector.strip().endswith(LENGTH):
        return found
    return len(found) if isinstance(found, list | dict | str) else MISSING


def _quoted(match: re.Match[str]) -> str:
    """A name such as my-key or aws:stack, which needs quotes."""
    name = match[0]
    plain = name[0] in "'\"[" or PLAIN.fullmatch(name)
    return name if plain else f"'{name}'"


def _pattern(match: re.Match[str]) -> str:
    flags = "(?i)" if match[2] else ""
    return f'=~ "{flags}{match[1]}"'


def _found(path: JSONPath, value: Any) -> Any:
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
