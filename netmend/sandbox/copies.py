"""Work is done on a copy of a served sandbox, in a process forked from it, and the world stays."""

from __future__ import annotations

import json
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from netmend.errors import UserError
from netmend.sandbox.api import ApiError
from netmend.sandbox.doors import door

if TYPE_CHECKING:
    from netmend.running.recorder import Recorder
    from netmend.sandbox.core import Sandbox

Work = Callable[[], dict[str, Any]]

QUIET_SECONDS: Final = 10.0
"""How long to wait for a moment in which no piece of work is half done."""

LONGEST: Final = 300.0
"""Seconds that work on a copy may take."""

CHUNK: Final = 1 << 16

_recorders: Final[dict[str, Recorder]] = {}


@door("plan")
def plan(sandbox: Sandbox, body: dict[str, Any]) -> dict[str, Any]:
    """Run a runbook on a copy; body: a job as `netmend run` hands it over, answer: its outcome."""
    from netmend.running.job import Job
    from netmend.running.places import Inside
    from netmend.running.runner import Runner

    def work() -> dict[str, Any]:
        place = Inside(sandbox, fresh=False)
        return Runner(place, note=lambda _: None, step=lambda _: None).run(Job.of(body))

    return on_copy(sandbox, work)


@door("record")
def record(sandbox: Sandbox, body: dict[str, Any]) -> dict[str, Any]:
    """Watch the calls of a run: begin gives a token, finish takes it and tells what was seen."""
    from netmend.running.recorder import Recorder

    action, token = body.get("action"), str(body.get("token", ""))
    if action == "begin":
        token = os.urandom(8).hex()  # the seeded ids are the world's
        _recorders[token] = Recorder(sandbox).begin()
        return {"token": token}
    if action == "finish" and token in _recorders:
        found = _recorders.pop(token).finish(body.get("executions") or [])
        answer: dict[str, Any] = json.loads(json.dumps(found, default=str))
        return answer
    if action == "look":
        return {"sandbox": "netmend"}
    raise ApiError("ValidationException", "action is look, begin, or finish with its token")


def on_copy(sandbox: Sandbox, work: Work) -> dict[str, Any]:
    """What `work` returns, done in a forked process that ends with it.

    Raises ApiError where it was refused, took too long, or found no quiet moment to begin in.
    """
    ours, theirs = os.pipe()
    with still(sandbox):
        pid = os.fork()
        if pid == 0:
            _child(sandbox, work, theirs)
    os.close(theirs)
    try:
        return _answer(ours)
    finally:
        os.close(ours)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@contextmanager
def still(sandbox: Sandbox) -> Iterator[None]:
    """Nobody is within a call or a piece of work; raises ApiError where that does not come."""
    until = time.monotonic() + QUIET_SECONDS
    while time.monotonic() < until:
        with sandbox._lock, sandbox.engine.quiet() as quiet:
            if quiet:
                yield
                return
        time.sleep(0.005)
    raise ApiError("Busy", "the sandbox is at work all the time: try again later", 503)


def _child(sandbox: Sandbox, work: Work, theirs: int) -> None:
    """Does the work, sends what came of it, and ends this process."""
    code = 1
    try:
        signal.alarm(int(LONGEST))
        _alone(sandbox)
        try:
            found: dict[str, Any] = {"answer": work()}
        except UserError as error:
            found = {"refused": str(error)}
        with os.fdopen(theirs, "w", encoding="utf-8") as pipe:
            json.dump(found, pipe, default=str)
        code = 0
    finally:
        os._exit(code)  # what the parent has registered for its end is not ours to do


def _alone(sandbox: Sandbox) -> None:
    """Nothing here may reach the sandbox that was copied: no door, no worker of its functions."""
    from netmend.sandbox.functions.service import Runtime

    sandbox.endpoint_url = None
    sandbox._lock = threading.RLock()
    sandbox.engine.inherit()
    sandbox.hooks.clear()
    # To close its workers would end those of the copied sandbox.
    sandbox._states.pop((Runtime, "", ""), None)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def _answer(ours: int) -> dict[str, Any]:
    text = b"".join(_chunks(ours))
    if not text:
        raise ApiError("Failed", "the copy ended without an answer", 500)
    found = json.loads(text)
    if "refused" in found:
        raise ApiError("Refused", found["refused"])
    answer: dict[str, Any] = found["answer"]
    return answer


def _chunks(ours: int) -> Iterator[bytes]:
    until = time.monotonic() + LONGEST
    while select.select([ours], [], [], max(0.0, until - time.monotonic()))[0]:
        chunk = os.read(ours, CHUNK)
        if not chunk:
            return
        yield chunk
