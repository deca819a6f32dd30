"""At the HTTP door each container is a process, forked from one that has all imports done."""

from __future__ import annotations

import atexit
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from netmend.sandbox.functions.inline import timed_out
from netmend.sandbox.functions.invocation import UNHANDLED, Home, Outcome, Request, failed
from netmend.sandbox.functions.process import Process, WorkerLostError

logger = logging.getLogger(__name__)

MODULE: Final = "netmend.sandbox.functions.parent"
PACKAGE_ROOT: Final = str(Path(__file__).resolve().parents[3])
KIND: Final = b"function"
END_SECONDS: Final = 5.0


class Parent:
    """The process that workers are forked from; it ends them all when its pipe is closed."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        self._lock = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", MODULE, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                cwd=PACKAGE_ROOT,
                start_new_session=True,
            )

    def fork(self, kind: bytes) -> socket.socket:
        """The connection to a new worker process of this kind."""
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            socket.send_fds(self._control, [kind], [theirs.fileno()])
        return ours

    @property
    def alive(self) -> bool:
        """Whether workers can be had."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the parent and every worker that is left."""
        self._control.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Nursery:
    """Keeps the one parent that every sandbox of this process takes its workers from."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parent: Parent | None = None

    def parent(self) -> Parent:
        """The parent, started when it is first asked for, ended with this process."""
        with self._lock:
            if self._parent is None or not self._parent.alive:
                self._parent = Parent()
                atexit.register(self._parent.close)
            return self._parent


NURSERY: Final = Nursery()


class ProcessWorker:
    """A container in a process of its own; one event at a time."""

    def __init__(self, home: Home, parent: Parent) -> None:
        self._process = Process(parent, KIND, asdict(home))

    @property
    def alive(self) -> bool:
        """Whether it was not closed."""
        return self._process.alive

    def run(self, request: Request) -> Outcome:
        """Send the event and wait for the answer, or kill the worker when time is up."""
        output: list[str] = []
        self._process.busy = True
        try:
            self._process.send(asdict(request))
            return self._outcome(request, output)
        except TimeoutError:
            self.close()
            return replace(timed_out(request), output="".join(output))
        except (OSError, WorkerLostError):
            self.close()
            return replace(_ended(request), output="".join(output))
        finally:
            self._process.rest()

    def _outcome(self, request: Request, output: list[str]) -> Outcome:
        deadline = time.monotonic() + request.timeout
        while True:
            message = self._process.message(deadline)
            if "outcome" in message:
                return replace(Outcome(**message["outcome"]), output="".join(output))
            output.append(message["output"])

    def usable(self) -> bool:
        """Whether the worker still waits for an event."""
        return self._process.waiting()

    def close(self) -> None:
        """Kill the worker, whatever it does."""
        self._process.close()


def _ended(request: Request) -> Outcome:
    reason = "Runtime exited without providing a reason"
    message = f"RequestId: {request.id} Error: {reason}"
    return Outcome(failed("Runtime.ExitError", message, request.id), UNHANDLED, "")
