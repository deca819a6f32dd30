"""A script is executed, its handler called; what it raises becomes a traceback's text.

Only the standard library is imported here: this runs inside worker processes.
"""

from __future__ import annotations

import builtins
import importlib
import json
import linecache
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from netmend.sandbox.scripts.job import MODULE, Answer, Job
from netmend.sandbox.scripts.times import Times
from netmend.sandbox.scripts.traces import told

LARGEST_OUTPUT: Final = 100 * 1024
LONGEST_LIST: Final = 100
"""What aws:executeScript returns of a list; user guide, automation-action-executeScript."""

Handler = Callable[[Any, dict[str, str]], Any]


class HandlerError(Exception):
    """The input Handler names nothing that could be called."""


def run(job: Job, times: Times | None) -> Answer:
    """Execute the script's module, then call its handler. times: the clock that it sees, None for
    the machine's.

    A BaseException that is neither an Exception nor sys.exit goes through.
    """
    try:
        value = _handler(job, times)(json.loads(job.payload), dict(job.context))
        return _answer(value)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a door: foreign code fails as it likes
        return Answer("null", told(error, job))
    finally:
        linecache.cache.pop(job.file, None)


def _answer(value: Any) -> Answer:
    if isinstance(value, list):
        value = value[:LONGEST_LIST]
    text = json.dumps(value)
    compact = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if len(compact.encode(errors="replace")) > LARGEST_OUTPUT:
        return Answer("null", f"The script returned more than {LARGEST_OUTPUT} bytes")
    return Answer(text)


def _handler(job: Job, times: Times | None) -> Handler:
    module_name, _, name = job.handler.rpartition(".")
    own = _execute(job, times) if job.script else None
    if module_name and module_name.partition(".")[0] in job.names:
        found = getattr(importlib.import_module(module_name), name)
    elif own is not None:
        found = getattr(own, name)
    else:
        raise HandlerError(f"Handler {job.handler} is no file.function of the attachment")
    if not callable(found):
        raise HandlerError(f"Handler {job.handler} is no function")
    return found  # type: ignore[no-any-return]


def _execute(job: Job, times: Times | None) -> ModuleType:
    """The script as a module, which its classes and pickles can find by name."""
    module = ModuleType(MODULE)
    module.__file__ = job.file
    if times is not None:
        module.__dict__["__builtins__"] = _builtins(times)
    lines = job.script.splitlines(keepends=True)
    linecache.cache[job.file] = (len(job.script), None, lines, job.file)
    sys.modules[MODULE] = module
    exec(compile(job.script, job.file, "exec"), module.__dict__)  # noqa: S102  what it is for
    return module


def _builtins(times: Times) -> dict[str, Any]:
    """Python's own, but imports of `time` and `datetime` give the sandbox's clock."""

    def imported(name: str, *args: Any, **kwargs: Any) -> Any:
        own = times.modules.get(name)
        return builtins.__import__(name, *args, **kwargs) if own is None else own

    return {**vars(builtins), "__import__": imported}
