"""Patches on moto, which are put on while a sandbox runs and taken back after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

Wrap = Callable[[Any], Any]

_patches: Final[list[tuple[Any, str, Any, Wrap]]] = []


def patch(home: Any, name: str) -> Callable[[Wrap], Wrap]:
    """Register what makes, of moto's own `home.name`, the one that stands in for it."""

    def register(wrap: Wrap) -> Wrap:
        # From the dictionary, so that a static method comes as it is kept.
        _patches.append((home, name, vars(home)[name], wrap))
        return wrap

    return register


def put() -> None:
    """Put every patch on."""
    for home, name, original, wrap in _patches:
        setattr(home, name, wrap(original))


def take_back() -> None:
    """Give moto its own back."""
    for home, name, original, _ in _patches:
        setattr(home, name, original)
