"""What goes into a container and what comes out of it; all of it fits into JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

UNHANDLED: Final = "Unhandled"


@dataclass(frozen=True)
class Identity:
    """What a function can learn about itself from its context object."""

    name: str
    arn: str
    version: str
    memory: int
    log_group: str
    log_stream: str


@dataclass(frozen=True)
class Home:
    """All that makes one container: code, how to enter it, who it is and its environment.

    names: the top-level packages and modules of the code below `root`.
    """

    root: str
    names: tuple[str, ...]
    handler: str
    identity: Identity
    environment: dict[str, str]


@dataclass(frozen=True)
class Request:
    """One event for a container.

    timeout: seconds. offset: seconds that the sandbox's clock is ahead of the machine's.
    """

    id: str
    payload: str
    timeout: float
    offset: float


@dataclass(frozen=True)
class Outcome:
    """payload: JSON text. error: empty, or `Unhandled`. output: what was printed and logged.

    memory: MB that the container's process has used at most; 0 where it has no process of its own.
    """

    payload: str
    error: str
    output: str
    memory: int = 0


@dataclass(frozen=True)
class Invocation:
    """The answer to an invocation.

    function_error: None, or `Unhandled` with the error object as payload_text. log: everything
    from START to REPORT.
    """

    payload_text: str
    function_error: str | None
    log: str
    request_id: str = ""
    executed_version: str = "$LATEST"


def failed(kind: str, message: str, request_id: str, **more: Any) -> str:
    """The error object that Lambda answers, as JSON text."""
    return json.dumps({"errorMessage": message, "errorType": kind, "requestId": request_id, **more})
