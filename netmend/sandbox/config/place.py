"""Where something happens: everything in AWS Config belongs to one account and Region."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from netmend.sandbox.api import ApiCall
from netmend.sandbox.core import Sandbox

State = TypeVar("State")


@dataclass(frozen=True)
class Place:
    """The sandbox, account and Region."""

    sandbox: Sandbox
    account: str
    region: str

    @classmethod
    def of(cls, sandbox: Sandbox, call: ApiCall) -> Place:
        """Where a call acts."""
        return cls(sandbox, call.account, call.region)

    def state(self, kind: type[State]) -> State:
        """What of this kind is kept there."""
        return self.sandbox.state(kind, self.account, self.region)

    @property
    def now(self) -> int:
        """Epoch milliseconds."""
        return int(self.sandbox.clock.time() * 1000)

    @property
    def time(self) -> datetime:
        """The same moment in UTC, to the millisecond as Config keeps it."""
        return datetime.fromtimestamp(self.now / 1000, UTC)
