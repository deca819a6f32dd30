"""The sandbox's clock is moved by a door of the sandbox alone: POST /_netmend/clock."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from netmend.sandbox.api import ApiError
from netmend.sandbox.doors import door

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

LONGEST_WAIT_SECONDS: Final = 60.0
LAST_MOMENT: Final = 253_402_300_799  # 9999-12-31T23:59:59Z


@door("clock")
def move_clock(sandbox: Sandbox, body: dict[str, Any]) -> dict[str, Any]:
    """{"advance": seconds} -> {"now": epoch}, after the work that is due by then; {} only looks."""
    seconds = body.get("advance", 0)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds >= 0:
        raise ApiError("ValidationException", f"advance is {seconds!r}: give seconds, 0 or more")
    if seconds > LAST_MOMENT - sandbox.clock.time():
        raise ApiError("ValidationException", f"advance is {seconds}: no date is that late")
    sandbox.clock.advance(float(seconds))
    if seconds:
        _work(sandbox)
    return {"now": sandbox.clock.time()}


def _work(sandbox: Sandbox) -> None:
    if sandbox.endpoint_url is None:
        sandbox.settle()
        return
    # The engine's own thread works at the door: what was due before the mark is done by then.
    done = threading.Event()
    sandbox.engine.submit("the clock was moved", done.set)
    done.wait(LONGEST_WAIT_SECONDS)
