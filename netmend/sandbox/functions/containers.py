"""A function's containers are kept warm, one for each event that is in work at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Protocol

from netmend.sandbox.functions.code import Unpacked
from netmend.sandbox.functions.invocation import Home, Outcome, Request


class Worker(Protocol):
    """One container, in this process or in one of its own."""

    @property
    def alive(self) -> bool: ...

    def run(self, request: Request) -> Outcome: ...

    def usable(self) -> bool: ...

    def close(self) -> None: ...


@dataclass(eq=False)
class Container:
    """A worker, what it was started with, and the role's credentials (as STS gives them) in it."""

    worker: Worker
    code: Unpacked
    home: Home
    credentials: Mapping[str, str]


class Containers:
    """The idle containers of one function version; those of an older state of it are ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state: Hashable = None
        self._idle: list[Container] = []
        self._in_use: list[Container] = []
        self._admitted = 0
        self.ended = False
        """Whether the sandbox was emptied: what still runs must not write into the next one."""

    def admit(self, most: int | None) -> bool:
        """Whether one more event may be worked on; `leave` must follow if so."""
        with self._lock:
            if most is not None and self._admitted >= most:
                return False
            self._admitted += 1
            return True

    def leave(self) -> None:
        """An admitted event is done with."""
        with self._lock:
            self._admitted -= 1

    def take(self, state: Hashable, start: Callable[[], Container]) -> Container:
        """A container for this state of code, settings and role, started if none is idle."""
        with self._lock:
            if state != self._state:
                self._end_idle()
                self._state = state
            while self._idle:
                container = self._idle.pop()
                if container.worker.usable():
                    self._in_use.append(container)
                    return container
                container.worker.close()
        container = start()
        with self._lock:
            self._in_use.append(container)
        return container

    def give_back(self, state: Hashable, container: Container) -> None:
        """Keep a container warm, if it is alive and the function has not changed meanwhile."""
        with self._lock:
            self._in_use.remove(container)
            if container.worker.alive and state == self._state:
                self._idle.append(container)
            else:
                container.worker.close()

    def close(self) -> None:
        """End every container, also one that is at work."""
        with self._lock:
            self.ended = True
            self._end_idle()
            for container in self._in_use:
                container.worker.close()

    def _end_idle(self) -> None:
        for container in self._idle:
            container.worker.close()
        self._idle.clear()
