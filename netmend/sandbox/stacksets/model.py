"""A stack set as the sandbox keeps it: what it says, where it stands, what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from netmend.sandbox.stacksets import errors

if TYPE_CHECKING:
    from netmend.sandbox.cloudformation.template import Template

SELF: Final = "SELF_MANAGED"
SERVICE: Final = "SERVICE_MANAGED"
ADMINISTRATION: Final = "AWSCloudFormationStackSetAdministrationRole"
EXECUTION: Final = "AWSCloudFormationStackSetExecutionRole"
ENDED: Final = frozenset({"SUCCEEDED", "FAILED", "STOPPED"})

Spot = tuple[str, str]
"""(account, Region) of a stack instance."""


@dataclass
class Instance:
    """One stack of a set; `unit` is the OU or root through which its account was meant."""

    account: str
    region: str
    unit: str = ""
    stack_id: str = ""
    overrides: dict[str, str] = field(default_factory=dict)
    status: str = "OUTDATED"
    detailed: str = "PENDING"
    reason: str = ""
    last_operation: str = ""

    @property
    def spot(self) -> Spot:
        return self.account, self.region


@dataclass
class Result:
    """How an operation has gone in one place."""

    account: str
    region: str
    unit: str = ""
    status: str = "PENDING"
    reason: str = ""


@dataclass
class Operation:
    """One operation on a set; results in the order in which it was asked to do them.

    overrides: parameters for the instances it touches, None to leave theirs. after: operations
    that must succeed first. automatic: made by an account's coming or going.
    """

    id: str
    action: str
    created: datetime
    results: dict[Spot, Result]
    preferences: Mapping[str, Any] = field(default_factory=dict)
    targets: Mapping[str, Any] = field(default_factory=dict)
    overrides: Mapping[str, str] | None = None
    retain: bool = False
    status: str = "QUEUED"
    reason: str = ""
    ended: datetime | None = None
    after: list[Operation] = field(default_factory=list)
    automatic: bool = False
    begun: bool = False

    @property
    def over(self) -> bool:
        return self.status in ENDED

    @property
    def stopping(self) -> bool:
        return self.status == "STOPPING"


@dataclass
class StackSet:
    """A stack set; `units`: the Regions of each OU or root that it was deployed to, by its id.

    held: whoever waits for its operations runs them himself.
    """

    name: str
    id: str
    arn: str
    account: str
    region: str
    model: str
    template: Template
    parameters: dict[str, str]
    tags: dict[str, str]
    capabilities: tuple[str, ...]
    token: str
    description: str = ""
    administration: str = ""
    execution: str = ""
    automatic: bool = False
    retain: bool = False
    needs: tuple[str, ...] = ()
    managed: bool = False
    changed: bool = False
    held: bool = False
    status: str = "ACTIVE"
    instances: dict[Spot, Instance] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    units: dict[str, list[str]] = field(default_factory=dict)

    def unfinished(self) -> list[Operation]:
        """Operations that run or wait, oldest first."""
        return [one for one in self.operations.values() if not one.over]

    def admit(self, operation: str) -> None:
        """Refuse a new operation whose id was used, or while another one is under way."""
        if operation in self.operations:
            latest = next(reversed(self.operations)) == operation
            raise errors.repeated(operation, latest=latest)
        under_way = self.unfinished()
        if under_way and not self.managed:
            raise errors.in_progress(self.arn, under_way[0].id)


@dataclass
class StackSets:
    """The stack sets of one administrator account and Region; deleted ones are found by id."""

    live: dict[str, StackSet] = field(default_factory=dict)
    gone: dict[str, StackSet] = field(default_factory=dict)

    def find(self, name_or_id: str) -> StackSet:
        """By name, or by id or ARN; raises StackSetNotFoundException."""
        if name_or_id in self.live:
            return self.live[name_or_id]
        for one in (*self.live.values(), *self.gone.values()):
            if name_or_id in (one.id, one.arn):
                return one
        raise errors.not_found(name_or_id)

    def standing(self, name_or_id: str) -> StackSet:
        """The same, but none that is deleted."""
        found = self.find(name_or_id)
        if found.status != "ACTIVE":
            raise errors.not_found(name_or_id)
        return found
