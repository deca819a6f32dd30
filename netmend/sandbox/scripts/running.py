"""A script is given its files, variables and credentials, and run where the sandbox's doors are."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from netmend.sandbox.api import ApiCall, guard
from netmend.sandbox.automation import ScriptFailed, ScriptResult
from netmend.sandbox.functions.code import names_in
from netmend.sandbox.functions.environment import BARE
from netmend.sandbox.functions.forked import NURSERY
from netmend.sandbox.functions.process import Process, WorkerLostError
from netmend.sandbox.scripts import files, inline
from netmend.sandbox.scripts.job import Answer, Job

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

KIND: Final = b"script"
LONGEST_LOG: Final = 256 * 1024
"""Characters that are kept of what a script prints."""

LOST: Final = "The script's process ended without an answer"


class Scripts:
    """The processes of the scripts that run now, by the id of their job."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: dict[str, Process] = {}
        self._unwanted: set[str] = set()

    def add(self, job_id: str, process: Process) -> None:
        """A script has its process, which ends at once if the script was stopped meanwhile."""
        process.busy = True
        with self._lock:
            self._processes[job_id] = process
            if job_id in self._unwanted:
                process.close()

    def remove(self, job_id: str) -> None:
        """A script has ended, and its process with it."""
        with self._lock:
            process = self._processes.pop(job_id)
            self._unwanted.discard(job_id)
        process.close()
        process.rest()

    def stop(self, job_id: str) -> None:
        """Kill a script; nothing where it has ended."""
        with self._lock:
            self._unwanted.add(job_id)
            if job_id in self._processes:
                self._processes[job_id].close()

    def close(self) -> None:
        """Kill all."""
        with self._lock:
            for process in self._processes.values():
                process.close()


@guard("ssm", "CreateDocument", "UpdateDocument")
def expect_scripts(sandbox: Sandbox, call: ApiCall) -> None:
    """Somebody writes a script: the worker processes' parent imports what it needs meanwhile."""
    if sandbox.endpoint_url is not None and "aws:executeScript" in call.params["Content"]:
        NURSERY.parent()


def variables(
    sandbox: Sandbox, region: str, credentials: Mapping[str, str] | None
) -> dict[str, str]:
    """The environment of a script; without credentials boto3 finds none."""
    found = BARE | {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    if credentials is not None:
        found |= {
            "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
            "AWS_SESSION_TOKEN": credentials["SessionToken"],
        }
    if sandbox.endpoint_url is not None:
        found["AWS_ENDPOINT_URL"] = sandbox.endpoint_url
    return found


def run(
    sandbox: Sandbox,
    script: Callable[[str, tuple[str, ...]], Job],
    attachments: Mapping[str, bytes],
    timeout: float,
) -> ScriptResult:
    """Run a job to its end. script: makes it from its folder and the names of the modules there.

    Raises ScriptFailed with the traceback, TimeoutError after `timeout` seconds.
    """
    with files.folder(attachments) as root:
        resolved = str(Path(root).resolve())
        job = script(resolved, names_in(resolved))
        if sandbox.endpoint_url is None:
            answer, log = inline.run(job, sandbox.clock, timeout)
        else:
            answer, log = _forked(sandbox, job, timeout)
    if answer.failure:
        raise ScriptFailed(answer.failure, log)
    value: Any = json.loads(answer.value)
    return ScriptResult(value, log)


def behind(
    work: Callable[[], ScriptResult], then: Callable[[], None]
) -> Callable[[], ScriptResult]:
    """Do `work` on a thread of its own, then call `then`; gives what returns or raises its end."""
    future: Future[ScriptResult] = Future()

    def thread() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001 - a door: whatever it is, it is the step's
            future.set_exception(error)
        then()

    threading.Thread(target=thread, name="script", daemon=True).start()
    return future.result


def _forked(sandbox: Sandbox, job: Job, timeout: float) -> tuple[Answer, str]:
    scripts = sandbox.state(Scripts, "", "")
    process = Process(NURSERY.parent(), KIND, asdict(job))
    scripts.add(job.id, process)
    log = _Log()
    try:
        return _answer(process, log, time.monotonic() + timeout), log.text
    except TimeoutError:
        raise
    except (OSError, WorkerLostError):
        return Answer("null", LOST), log.text
    finally:
        scripts.remove(job.id)


def _answer(process: Process, log: _Log, deadline: float) -> Answer:
    while True:
        message = process.message(deadline)
        if "answer" in message:
            return Answer(**message["answer"])
        log.add(str(message.get("output", "")))


class _Log:
    """What a script has printed, up to a length that no endless loop exceeds."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._left = LONGEST_LOG

    def add(self, text: str) -> None:
        kept = text[: self._left]
        self._left -= len(kept)
        self._parts.append(kept) if kept else None

    @property
    def text(self) -> str:
        return "".join(self._parts)
