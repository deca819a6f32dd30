"""A forked worker is told things and answers over one connection, a JSON line for each message."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from typing import Any, Final, Protocol

START_SECONDS: Final = 60.0
CHUNK: Final = 65_536
LONGEST_MESSAGE: Final = 1 << 27


class WorkerLostError(Exception):
    """The worker ended without an answer."""


class NoWorkerError(RuntimeError):
    """No worker process can be had any more."""

    def __init__(self, reason: object) -> None:
        super().__init__(f"the parent of the worker processes is gone ({reason}): start anew")


class Forker(Protocol):
    """What workers are forked from."""

    def fork(self, kind: bytes) -> socket.socket: ...


class Process:
    """A worker of one kind that has settled into its home; `busy` while its answer is awaited."""

    def __init__(self, parent: Forker, kind: bytes, home: dict[str, Any]) -> None:
        self._received = bytearray()
        self.busy = False
        try:
            self._connection = parent.fork(kind)
            self.send(home)
            self._pid = int(self.message(time.monotonic() + START_SECONDS)["pid"])
        except (OSError, WorkerLostError) as error:
            raise NoWorkerError(error) from error
        self.alive = True

    def send(self, message: dict[str, Any]) -> None:
        """Tell the worker something; OSError where it is gone."""
        self._connection.settimeout(START_SECONDS)
        self._connection.sendall((json.dumps(message) + "\n").encode())

    def message(self, deadline: float) -> dict[str, Any]:
        """The worker's next message; TimeoutError at `deadline`, a moment of `time.monotonic`."""
        seen = 0
        while (end := self._received.find(b"\n", seen)) < 0:
            seen = len(self._received)
            self._receive(deadline)
        line = bytes(self._received[:end])
        del self._received[: end + 1]
        try:
            message: dict[str, Any] = json.loads(line)
        except ValueError as error:  # foreign code can write into the connection
            raise WorkerLostError(f"the worker process sent no message: {error}") from error
        return message

    def waiting(self) -> bool:
        """Whether the worker is there and has nothing to say."""
        if not self.alive:
            return False
        self._connection.setblocking(False)
        try:
            self._connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        """Kill the worker, whatever it does, and wake the thread that waits for its answer."""
        if not self.alive:
            return
        self.alive = False
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        if not self.busy:
            self._connection.close()

    def rest(self) -> None:
        """Its answer is there, or will not come any more."""
        self.busy = False
        if not self.alive:
            self._connection.close()

    def _receive(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        chunk = self._connection.recv(CHUNK)
        if not chunk:
            raise WorkerLostError("the worker process ended")
        self._received += chunk
        if len(self._received) > LONGEST_MESSAGE:
            raise WorkerLostError(f"the worker process sent more than {LONGEST_MESSAGE} bytes")
