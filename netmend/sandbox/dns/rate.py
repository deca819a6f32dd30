"""Route 53 takes five calls a second of a whole account, whatever they ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from netmend.sandbox.api import ApiCall, guard
from netmend.sandbox.rates import take

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

PER_SECOND: Final = 5.0


@guard("route53", "*")
def count(sandbox: Sandbox, call: ApiCall) -> None:
    """Take one from the account's bucket."""
    take(sandbox, call.account, "", "route53", PER_SECOND, PER_SECOND, "Throttling")
