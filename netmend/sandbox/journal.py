"""A journal of a sandbox: every API call and piece of work, in order, as text to be compared."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from netmend.sandbox.api import ApiCall
    from netmend.sandbox.core import Sandbox

DIGEST: Final = 16


class Journal:
    """A hook that writes down what passes the sandbox that it is made for.

    With a clock of its own (`Sandbox(start=...)`) equal seeds and equal deeds give equal text.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._clock = sandbox.clock
        self._began = sandbox.clock.time()
        self._entries: list[tuple[dict[str, Any], ApiCall | None]] = []
        sandbox.hooks.append(self)
        sandbox.engine.watchers.append(self._worked)

    def text(self) -> str:
        """One JSON line for each entry; an API call that was refused has its error code."""
        return "".join(_line(entry, call) for entry, call in self._entries)

    def before(self, call: ApiCall) -> None:
        """A call comes in; what comes of it is read when the text is asked for."""
        entry = self._entry("call", call.name)
        entry |= {
            "account": call.account,
            "region": call.region,
            "by": call.caller.arn,
            "request": call.request_id,
            "params": call.params,
        }
        # Written out now: what the call is answered with may hold the same objects.
        self._entries.append((json.loads(json.dumps(entry, default=_plain)), call))

    def after(self, call: ApiCall) -> None:
        """Nothing more: `before` has the call."""

    def _worked(self, label: str) -> None:
        self._entries.append((self._entry("work", label), None))

    def _entry(self, kind: str, name: str) -> dict[str, Any]:
        return {"at": round(self._clock.time() - self._began, 6), kind: name}


def _line(entry: dict[str, Any], call: ApiCall | None) -> str:
    error = {"error": call.error} if call is not None and call.error else {}
    return json.dumps(entry | error, sort_keys=True) + "\n"


def _plain(value: Any) -> str:
    """Times as ISO 8601, and bytes, or a stream of them, by their hash."""
    if isinstance(value, date):
        return value.isoformat()
    data = value if isinstance(value, bytes | bytearray) else bytes(str(value), "utf-8")
    return f"sha256:{hashlib.sha256(data).hexdigest()[:DIGEST]}"
