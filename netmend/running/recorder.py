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

if TYPE_CHECKING:
    from netmend.sandbox.api import ApiCall
    from netmend.sandbox.core import Sandbox

READER: Final = "NETMENDREADER"
"""Access key of what `netmend run` itself asks; a key that nobody issued is an administrator's."""

STARTER: Final = "NETMENDSTARTER"
"""Access key that runs are started with, so that a run without a role acts by it."""

READS: Final = re.compile(
    r"(Describe|Get|List|BatchGet|Head|Search|Lookup|Select|Scan|Query|Validate|Check|Test|"
    r"Simulate|Preview|Estimate|Filter|TransactGet|AssumeRole|Decode|Verify|Decrypt)"
)
LONGEST: Final = 2_000


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
        """Nothing more: `before` has the call, and what it was refused with."""

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
