"""What a sandbox was asked while a runbook ran: every call, by whom, and what it changed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from netmend.running import policy
from netmend.running.changes import differences
from netmend.running.world import World
from netmend.sandbox.api import witness

if TYPE_CHECKING:
    from netmend.sandbox.api import ApiCall
    from netmend.sandbox.core import Sandbox
    from netmend.sandbox.wire import Exchange, Response

READER: Final = "NETMENDREADER"
"""Access key of what `netmend run` itself asks; a key that nobody issued is an administrator's."""

STARTER: Final = "NETMENDSTARTER"
"""Access key that runs are started with, so that a run without a role acts by it."""

READS: Final = re.compile(
    r"(Describe|Get|List|BatchGet|Head|Search|Lookup|Select|Scan|Query|Validate|Check|Test|"
    r"Simulate|Preview|Estimate|Filter|TransactGet|AssumeRole|Decode|Verify|Decrypt)"
)
LONGEST: Final = 2_000
AT_ONCE: Final = 100
"""Calls that may be in hand together: as many runs are active at most."""

REFUSED: Final = 300
NOTHING: Final = {"type": "structure", "members": {}}


@dataclass
class Entry:
    """One call; needs: (action, ARN) pairs; unjudged: why IAM has no ARN for it."""

    call: ApiCall
    key: str
    params: Any
    needs: list[tuple[str, str]]
    unjudged: str


class Recorder:
    """A hook of a sandbox, from `begin` until `finish`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._entries: list[Entry] = []
        self._world = World(sandbox, READER)

    def begin(self) -> Recorder:
        """Watch from now on."""
        self._sandbox.hooks.append(self)
        return self

    def before(self, call: ApiCall) -> None:
        """Write the call down, and see how its service stands before the first change of it."""
        key = str(call.context.get("credentials", {}).get("AccessKeyId", ""))
        if key == READER:
            return
        needs, unjudged = policy.needs(self._sandbox, call)
        self._entries.append(Entry(call, key, plain(call.params), needs, unjudged))
        if writes(call.service, call.operation):
            self._world.remember(call)

    def after(self, call: ApiCall) -> None:
        """Nothing more: `before` has the call, and `see` how it ended."""

    def see(self, call: ApiCall, status: int, protocol: str, body: str | bytes) -> None:
        """What moto refuses is no error of the sandbox's own: its answer alone says so."""
        watched = any(entry.call is call for entry in self._entries[-AT_ONCE:])
        if watched and status >= REFUSED and not call.error:
            call.error = code_of(status, protocol, body)

    def finish(self, executions: Collection[str]) -> dict[str, Any]:
        """Stop watching; calls, changes, services that could not be read, ids that were there.

        executions: ids of the run and its children, whose sessions bear those names.
        """
        self._sandbox.hooks.remove(self)
        before, after = self._world.compare()
        return {
            "calls": list(self._calls(frozenset(executions))),
            "changes": differences(before, after),
            "unread": self._world.unread,
            "known": sorted(policy.ids(before)),
        }

    def _calls(self, executions: frozenset[str]) -> Iterable[dict[str, Any]]:
        started = False
        for entry in self._entries:
            call = entry.call
            starts = entry.key == STARTER and call.operation == "StartAutomationExecution"
            if starts and not started:  # our own; others are children of a run without a role
                started = True
                continue
            own = entry.key == STARTER or call.caller.session in executions
            yield {
                "service": call.service,
                "operation": call.operation,
                "params": entry.params,
                "region": call.region,
                "account": call.account,
                "error": call.error,
                "writes": writes(call.service, call.operation),
                "own": own,
                "role": call.caller.role_arn,
                "caller": call.caller.arn,
                "needs": entry.needs,
                "unjudged": entry.unjudged,
            }


@witness
def see(
    sandbox: Sandbox, exchange: Exchange, call: ApiCall, answer: Response | None, _: Any
) -> None:
    """Tell each recorder how a call ended."""
    if answer is None:
        return
    status, _headers, body = answer
    for hook in sandbox.hooks:
        if isinstance(hook, Recorder):
            hook.see(call, int(status), exchange._protocol, body)


def code_of(status: int, protocol: str, body: str | bytes) -> str:
    """The code of the error that a wire answer is."""
    from botocore.model import StructureShape
    from botocore.parsers import create_parser

    raw = body.encode() if isinstance(body, str) else bytes(body)
    answer = {"status_code": status, "headers": {}, "body": raw}
    parsed = create_parser(protocol).parse(answer, StructureShape("Nothing", NOTHING))
    return str(parsed.get("Error", {}).get("Code", ""))


def writes(service: str, operation: str) -> bool:
    """Whether an operation changes anything, as far as its name tells."""
    return not READS.match(operation)


def plain(value: Any) -> Any:
    """JSON data; bytes by their number, long texts cut."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bytes | bytearray):
        return f"{len(value)} bytes"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[:LONGEST]}..."
    return value if isinstance(value, str | int | float | None) else str(value)
