"""The configuration items of one account and Region, and what still has to be looked at."""

from __future__ import annotations

import threading

from netmend.sandbox.config.items import Item
from netmend.sandbox.config.network import Description


class Inventory:
    """histories: each resource's items, oldest first. standing: the last state of what is there."""

    def __init__(self) -> None:
        self.histories: dict[tuple[str, str], list[Item]] = {}
        self.standing: dict[str, dict[str, Description]] = {}
        self.lock = threading.Lock()
        self.queued = False
        self._changed: set[str] = set()
        self._everything = True
        self._existed = False

    def latest(self) -> list[Item]:
        """The last item of each resource, the deleted ones with them."""
        return [history[-1] for history in list(self.histories.values())]

    def of(self, resource_type: str) -> dict[str, Description]:
        """The last state of each resource of a type that is there, by id."""
        return self.standing.setdefault(resource_type, {})

    def mark(self, resources: set[str] | None, *, existed: bool) -> bool:
        """Note what may have changed, None means anything; whether a recording must be queued."""
        with self.lock:
            self._everything |= resources is None
            self._changed |= resources or set()
            self._existed |= existed
            queue, self.queued = not self.queued, True
            return queue

    def take(self) -> tuple[set[str] | None, bool]:
        """(what may have changed, whether new resources stood there before); forget it.

        The caller holds the lock.
        """
        changed = None if self._everything else self._changed
        existed = self._existed
        self._changed, self._everything, self._existed = set(), False, False
        return changed, existed
