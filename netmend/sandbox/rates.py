"""Calls that come faster than AWS takes them are throttled, by the sandbox's clock."""

from __future__ import annotations

from dataclasses import dataclass, field

from netmend.sandbox.api import ApiError
from netmend.sandbox.core import Sandbox


@dataclass
class Buckets:
    """What is left of each rate's bucket, and the epoch second when that was true."""

    left: dict[str, tuple[float, float]] = field(default_factory=dict)


def take(
    sandbox: Sandbox,
    account: str,
    region: str,
    name: str,
    per_second: float,
    burst: float,
    code: str = "ThrottlingException",
) -> None:
    """Count one call against a token bucket of `burst` tokens that regains `per_second` a second.

    Raises ApiError(code, "Rate exceeded") for a call too many. A sandbox without rates counts none.
    """
    if not sandbox.rates:
        return
    buckets = sandbox.state(Buckets, account, region).left
    now = sandbox.clock.time()
    left, since = buckets.get(name, (burst, now))
    left = min(burst, left + (now - since) * per_second)
    if left < 1:
        buckets[name] = (left, now)
        raise ApiError(code, "Rate exceeded")
    buckets[name] = (left - 1, now)
