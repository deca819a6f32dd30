"""Over HTTP events are lost, doubled and delayed by chance: POST /_netmend/faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from netmend.sandbox.api import ApiError
from netmend.sandbox.doors import door
from netmend.sandbox.events.faults import DeliveryFaults

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

SHARES: Final = ("lost", "doubled", "delayed")
LONGEST_SECONDS: Final = 86_400


@door("faults")
def set_faults(sandbox: Sandbox, body: dict[str, Any]) -> dict[str, Any]:
    """{"account", "region", "lost"?, "doubled"?, "delayed"?, "seconds"?} -> what holds from now on.

    Shares from 0 to 1 of the deliveries of that account and Region, by the sandbox's seed; none
    of them means that nothing goes wrong any more.
    """
    account, region = body.get("account"), body.get("region")
    if not isinstance(account, str) or not isinstance(region, str):
        raise ApiError("ValidationException", "the body needs account and region, both as text")
    lost, doubled, delayed = (_number(body, name, 1.0) for name in SHARES)
    seconds = _number(body, "seconds", LONGEST_SECONDS, default=60.0)
    faults = sandbox.state(DeliveryFaults, account, region)
    faults.clear()
    if lost or doubled or delayed:
        faults.often(lost=lost, doubled=doubled, delayed=delayed, seconds=seconds)
    return {"lost": lost, "doubled": doubled, "delayed": delayed, "seconds": seconds}


def _number(body: dict[str, Any], name: str, most: float, default: float = 0.0) -> float:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ApiError("ValidationException", f"{name} is {value!r}: give 0 to {most:g}")
    return float(value)
