"""Properties that know which of their parts were read, so that none is silently ignored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class TrackedDict(dict[str, Any]):
    """A dict that marks each key when its value is handed out."""

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__((key, track(value)) for key, value in content.items())
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.read.add(key)
        return super().get(key, default)

    def pop(self, key: str, *default: Any) -> Any:
        self.read.add(key)
        return super().pop(key, *default)

    def __iter__(self) -> Iterator[str]:
        # Overridden so that dict(x) and {**x} fetch each value through __getitem__.
        return super().__iter__()

    def items(self) -> Any:
        self.read.update(super().keys())
        return super().items()

    def values(self) -> Any:
        self.read.update(super().keys())
        return super().values()


def track(value: Any) -> Any:
    """The same value with every dict in it tracked."""
    if isinstance(value, dict):
        return TrackedDict(value)
    if isinstance(value, list):
        return [track(item) for item in value]
    return value


def unread(value: Any, path: str = "") -> list[str]:
    """The paths in a tracked value that nothing has read, such as `Targets/0/RoleArn`."""
    if isinstance(value, list):
        return [p for i, item in enumerate(value) for p in unread(item, f"{path}/{i}".lstrip("/"))]
    if not isinstance(value, TrackedDict):
        return []
    missed = []
    for key, item in dict.items(value):
        here = f"{path}/{key}".lstrip("/")
        missed += unread(item, here) if key in value.read else [here]
    return missed


def take(value: Any) -> Any:
    """A copy without tracking, for a reader that uses all of it; everything counts as read."""
    if isinstance(value, dict):
        return {key: take(item) for key, item in value.items()}
    if isinstance(value, list):
        return [take(item) for item in value]
    return value
