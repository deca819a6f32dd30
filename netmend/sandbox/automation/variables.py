"""Variables have a declared type and a default, and hold what aws:updateVariable gives them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from netmend.sandbox.automation.errors import DocumentError, placed
from netmend.sandbox.automation.references import REFERENCE, Lookup, Unresolved, resolve
from netmend.sandbox.automation.selectors import MISSING
from netmend.sandbox.automation.values import TYPES, fits

NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
PREFIX: Final = "variable:"
ATTRIBUTES: Final = frozenset({"type", "default", "description"})


@dataclass(frozen=True)
class Variable:
    """One entry of a document's `variables`. default: MISSING without one; it may refer."""

    name: str
    type: str
    default: Any

    @classmethod
    def parse(cls, name: str, entry: Any) -> Variable:
        """Raises DocumentError."""
        with placed(f"variables.{name}"):
            if not NAME.fullmatch(name):
                raise DocumentError(f'Variable name "{name}" is invalid.')
            if not isinstance(entry, dict) or not entry.get("type"):
                raise DocumentError('Missing "type" in variable definition.')
            for key in entry:
                if key not in ATTRIBUTES:
                    raise DocumentError(f'Unknown property "{key}" in variable "{name}".')
            return cls(name, _type(entry["type"]), _default(entry))


def _type(written: Any) -> str:
    if not isinstance(written, str) or written not in TYPES:
        raise DocumentError(f"Variable type: {written} is invalid.")
    return written


def _default(entry: Mapping[str, Any]) -> Any:
    value = entry.get("default")
    if value is None:
        return MISSING
    refers = isinstance(value, str) and REFERENCE.search(value)
    if not refers and not fits(value, entry["type"]):
        raise DocumentError(f'Wrong default value for a "{entry["type"]}" variable')
    return value


def defaults(declared: Iterable[Variable], scope: Lookup) -> dict[str, Any]:
    """The values at the start of a run; one that refers to what has no value yet has none."""
    values = {}
    for variable in declared:
        if variable.default is MISSING:
            continue
        try:
            values[variable.name] = resolve(variable.default, scope)
        except Unresolved:
            continue
    return values
