"""What a function prints goes to CloudWatch Logs, if its role may write there."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from moto.logs.models import logs_backends

from netmend.sandbox import callers, extensions
from netmend.sandbox.api import ApiCall, ApiError
from netmend.sandbox.functions.containers import Container

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

logger = logging.getLogger(__name__)

TAIL_BYTES: Final = 4096


def report(
    request_id: str, version: str, output: str, seconds: float, memory: tuple[int, int]
) -> str:
    """The log of one invocation, from START to REPORT. memory: MB that it may use, and has used."""
    size, used = memory
    told = f"Memory Size: {size} MB\t" + (f"Max Memory Used: {used} MB\t" if used else "")
    if output and not output.endswith("\n"):
        output += "\n"
    duration = f"Duration: {seconds * 1000:.2f} ms\tBilled Duration: {int(seconds * 1000) + 1} ms"
    return (
        f"START RequestId: {request_id} Version: {version}\n"
        f"{output}"
        f"END RequestId: {request_id}\n"
        f"REPORT RequestId: {request_id}\t{duration}\t{told.rstrip()}\n"
    )


def write(sandbox: Sandbox, function: Any, container: Container, log: str) -> None:
    """Append to the container's stream; a role without the permission has no logs, as in AWS."""
    writer = _Writer(sandbox, function, container)
    try:
        writer.write(log)
    except ApiError as error:
        logger.debug("%s has no logs: %s", function.function_name, error)


class _Writer:
    """Makes Lambda's own calls to CloudWatch Logs with the role's permissions.

    They are judged, but no hook sees them: they are no calls of the function.
    """

    def __init__(self, sandbox: Sandbox, function: Any, container: Container) -> None:
        self._sandbox = sandbox
        self._function = function
        self._identity = container.home.identity
        self._caller = callers.caller(container.credentials["AccessKeyId"])
        self._backend = logs_backends[function.account_id][function.region]

    def write(self, log: str) -> None:
        names = {
            "logGroupName": self._identity.log_group,
            "logStreamName": self._identity.log_stream,
        }
        group = self._backend.groups.get(self._identity.log_group)
        if group is None:
            self._judge("CreateLogGroup", {"logGroupName": self._identity.log_group})
            self._backend.create_log_group(self._identity.log_group, {})
            group = self._backend.groups[self._identity.log_group]
        if self._identity.log_stream not in group.streams:
            self._judge("CreateLogStream", names)
            group.create_log_stream(self._identity.log_stream)
        self._judge("PutLogEvents", names)
        now = int(self._sandbox.clock.time() * 1000)
        events = [{"timestamp": now, "message": line} for line in log.splitlines() if line]
        group.put_log_events(self._identity.log_stream, events)  # the backend dislikes our clock

    def _judge(self, operation: str, params: dict[str, Any]) -> None:
        call = ApiCall(
            "logs",
            operation,
            params,
            self._function.account_id,
            self._function.region,
            self._caller,
            self._sandbox.uuid(),
        )
        extensions.authorise(self._sandbox, call)
