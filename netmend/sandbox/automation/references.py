"""A reference is replaced once, with its type: what a value holds is never read as a reference."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from netmend.sandbox.automation.selectors import MISSING
from netmend.sandbox.automation.values import text

REFERENCE: Final = re.compile(r"\{\{\s*([A-Za-z0-9_.:/-]+)\s*\}\}")

Lookup = Callable[[str], Any]
"""A name's typed value; raises Unresolved."""


class Unresolved(LookupError):
    """A reference has no value: its step did not run, or its selector found nothing."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{{{{ {name} }}}} has no value: {why}")
        self.name = name


def resolve(value: Any, lookup: Lookup) -> Any:
    """`value` with every reference replaced; raises Unresolved.

    A text that is one reference takes the typed value; a list element that is one reference to a
    list is spliced into the list; inside a longer text the value is written as text.
    """
    if isinstance(value, str):
        return _resolve_text(value, lookup)
    if isinstance(value, dict):
        return {key: resolve(item, lookup) for key, item in value.items()}
    if isinstance(value, list):
        return _resolve_list(value, lookup)
    return value


def resolve_known(value: Any, lookup: Lookup) -> Any:
    """As `resolve`, but a reference without a value stays as it is written."""

    def lenient(name: str) -> Any:
        try:
            return lookup(name)
        except Unresolved:
            return MISSING

    return resolve(value, lenient)


def names(value: Any) -> list[str]:
    """Every name that the texts in `value` refer to, in order."""
    if isinstance(value, str):
        return REFERENCE.findall(value)
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        return [name for item in value for name in names(item)]
    return []


def _resolve_text(value: str, lookup: Lookup) -> Any:
    whole = REFERENCE.fullmatch(value)
    if whole:
        found = lookup(whole[1])
        return value if found is MISSING else found

    def written(match: re.Match[str]) -> str:
        found = lookup(match[1])
        return match[0] if found is MISSING else text(found)

    return REFERENCE.sub(written, value)


def _resolve_list(value: list[Any], lookup: Lookup) -> list[Any]:
    resolved: list[Any] = []
    for item in value:
        found = resolve(item, lookup)
        if isinstance(item, str) and isinstance(found, list):
            resolved.extend(found)
        else:
            resolved.append(found)
    return resolved
