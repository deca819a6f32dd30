"""A worker process runs one script and ends."""

from __future__ import annotations

import json
import logging
import os
import resource
import socket
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from netmend.sandbox.functions.child import Output, send, settle_in
from netmend.sandbox.scripts import task
from netmend.sandbox.scripts.job import Job
from netmend.sandbox.scripts.times import Times

MEMORY: Final = 512 * 1024 * 1024
"""Bytes that a script has; user guide, automation-action-executeScript."""

NOTICEABLE: Final = 1.0
"""Seconds by which the sandbox's clock must differ before a script is shown it."""

PROGRAMS: Final = frozenset({"os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.fork"})
STAT: Final = Path("/proc/self/statm")


def serve(connection: socket.socket) -> None:
    """Read a job, run it, answer with its `Answer`; what it prints goes before."""
    pipe = connection.makefile("rw", encoding="utf-8", newline="\n")
    message = json.loads(pipe.readline())
    job = Job(**{**message, "names": tuple(message["names"])})
    settle_in(job.root, job.names, job.environment)
    sys.stdout = sys.stderr = Output(pipe)
    logging.getLogger().handlers.clear()
    send(pipe, {"pid": os.getpid()})
    sys.addaudithook(_refuse_program)
    _limit_memory()
    answer = task.run(job, _times(job.offset))
    send(pipe, {"answer": asdict(answer)})


def _times(offset: float) -> Times | None:
    if abs(offset) < NOTICEABLE:
        return None
    return Times(lambda: time.time() + offset, time.sleep)


def _refuse_program(event: str, arguments: tuple[Any, ...]) -> None:
    # A program of its own could open sockets that nobody here would see.
    if event in PROGRAMS or event == "subprocess.Popen":
        raise PermissionError("a script in the sandbox can't start programs")


def _limit_memory() -> None:
    """The script's own memory ends at AWS's limit; systems without /proc know no such limit."""
    if not STAT.exists():
        return
    used = int(STAT.read_text().split()[5]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (used + MEMORY, hard))
