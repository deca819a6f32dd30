"""A handler is loaded once and called for each event, with the errors that Lambda makes of it.

Only the standard library is imported here: this runs inside worker processes.
"""

from __future__ import annotations

import importlib
import json
import logging
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from netmend.sandbox.functions.invocation import UNHANDLED, Home, Identity, Outcome, Request, failed

TASK_ROOT: Final = "/var/task"
CLOCK_MODULE: Final = "rules.netlib.clock"
"""Where code lets others set its time source: `set_source(function that gives epoch seconds)`."""

Handler = Callable[[Any, Any], Any]


class LoadError(Exception):
    """The code has no usable handler; kind is Lambda's own error type for it."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Context:
    """The second argument of a handler."""

    def __init__(self, identity: Identity, request_id: str, deadline: Callable[[], float]) -> None:
        self.function_name = identity.name
        self.function_version = identity.version
        self.invoked_function_arn = identity.arn
        self.memory_limit_in_mb = str(identity.memory)
        self.aws_request_id = request_id
        self.log_group_name = identity.log_group
        self.log_stream_name = identity.log_stream
        self.identity = None
        self.client_context = None
        self._remaining = deadline

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the invocation."""
        return max(0, int(self._remaining() * 1000))


class LogHandler(logging.Handler):
    """Writes records as Lambda's Python runtime does. accepts: which records are the function's."""

    def __init__(
        self, write: Callable[[str], object], accepts: Callable[[logging.LogRecord], bool]
    ) -> None:
        super().__init__()
        self.request_id = ""
        self._write = write
        self.addFilter(accepts)
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        stamp = f"{moment}.{int(record.msecs):03d}Z"
        text = self.format(record)
        self._write(f"[{record.levelname}]\t{stamp}\t{self.request_id}\t{text}\n")


class Task:
    """The loaded code of one container; `run` never raises what the code raises."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._handler: Handler | None = None
        self._set_clock: Callable[[Callable[[], float]], None] | None = None

    def run(
        self, request: Request, clock: Callable[[], float], remaining: Callable[[], float]
    ) -> Outcome:
        """Load the code if it is not, then call it; the outcome has no output yet."""
        try:
            return self._called(request, clock, remaining)
        except LoadError as error:
            return _outcome(failed(error.kind, str(error), request.id, stackTrace=[]))
        except SystemExit as end:
            reason = f"Runtime exited with error: exit status {_status(end.code)}"
            return _outcome(failed("Runtime.ExitError", _about(request, reason), request.id))
        except Exception as error:  # noqa: BLE001 - a door: foreign code fails as it likes
            return _outcome(
                failed(type(error).__name__, str(error), request.id, stackTrace=self._trace(error))
            )

    def _called(
        self, request: Request, clock: Callable[[], float], remaining: Callable[[], float]
    ) -> Outcome:
        if self._handler is None:
            self._set_clock = clock_setter(self._home.root)
        if self._set_clock is not None:
            self._set_clock(clock)
        if self._handler is None:
            self._handler = load(self._home.handler)
        context = Context(self._home.identity, request.id, remaining)
        result = self._handler(json.loads(request.payload), context)
        try:
            return Outcome(json.dumps(result), "", "")
        except (TypeError, ValueError) as error:
            message = f"Unable to marshal response: {error}"
            raise LoadError("Runtime.MarshalError", message) from error

    def _trace(self, error: BaseException) -> list[str]:
        frames = traceback.extract_tb(error.__traceback__)
        inside = [frame for frame in frames if frame.filename.startswith(self._home.root)]
        return [
            line.replace(self._home.root, TASK_ROOT)
            for line in traceback.format_list(inside or frames)
        ]


def load(name: str) -> Handler:
    """The function at `package.module.function`; `LoadError` with Lambda's words."""
    module_name, _, function_name = name.replace("/", ".").rpartition(".")
    if not module_name:
        raise LoadError(
            "Runtime.MalformedHandlerName",
            f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)",
        )
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {error}"
        raise LoadError("Runtime.ImportModuleError", message) from error
    except SyntaxError as error:
        message = f"Syntax error in module '{module_name}': {error}"
        raise LoadError("Runtime.UserCodeSyntaxError", message) from error
    function = getattr(module, function_name, None)
    if not callable(function):
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise LoadError("Runtime.HandlerNotFound", message)
    return function  # type: ignore[no-any-return]


def clock_setter(root: str) -> Callable[[Callable[[], float]], None] | None:
    """What sets the code's time source, where the code has one."""
    if not Path(root, *CLOCK_MODULE.split(".")).with_suffix(".py").is_file():
        return None
    return getattr(importlib.import_module(CLOCK_MODULE), "set_source", None)


def _outcome(payload: str) -> Outcome:
    return Outcome(payload, UNHANDLED, "")


def _about(request: Request, reason: str) -> str:
    return f"RequestId: {request.id} Error: {reason}"


def _status(code: object) -> int:
    return code if isinstance(code, int) else 0 if code is None else 1
