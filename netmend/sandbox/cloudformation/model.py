"""A stack as the sandbox keeps it: its resources, its events and what it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from netmend.sandbox.api import ApiError
from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.template import Template

STACK_TYPE: Final = "AWS::CloudFormation::Stack"
REVIEW: Final = "REVIEW_IN_PROGRESS"
UPDATABLE: Final = frozenset(
    ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"]
)


@dataclass
class Resource:
    """One resource that stands; `properties` are those it was last made or changed with.

    drift: what detection last found of it, as DescribeStackResourceDrifts tells; empty unchecked.

    handle: what the provider keeps to find the resource again beside its physical id.
    """

    logical_id: str
    type: str
    physical_id: str
    properties: dict[str, Any]
    needs: frozenset[str]
    deletion_policy: str = "Delete"
    replace_policy: str = "Delete"
    status: str = "CREATE_IN_PROGRESS"
    reason: str = ""
    changed: datetime | None = None
    handle: Any = None
    drift: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """What an update did to one resource, to be undone: made it, or changed it from `before`.

    previous: the resource that it took the place of.
    """

    resource: Resource
    before: dict[str, Any] | None = None
    after: dict[str, Any] = field(default_factory=dict)
    previous: Resource | None = None


@dataclass(frozen=True)
class Event:
    """One line of a stack's history."""

    id: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str
    at: datetime
    token: str = ""


@dataclass(frozen=True)
class Wanted:
    """What a request wants of a stack: a template, all parameters' texts, tags, a role.

    fresh_goes: where the change fails, what it made goes though its policy says Retain.
    """

    template: Template
    parameters: dict[str, str]
    tags: dict[str, str]
    capabilities: tuple[str, ...] = ()
    role_arn: str = ""
    token: str = ""
    topics: tuple[str, ...] = ()
    fresh_goes: bool = False


@dataclass
class Stack:
    """A stack; `wanted` is what it was last brought to, or what its making was asked for.

    content: what its last plan held, empty until it was carried out (see `Plan.content`).
    undo: the steps of a failed update that still stand. resolved: the values that Systems Manager
    held for parameters when the stack was last brought to its plan. topics: notified of each event.
    """

    id: str
    name: str
    account: str
    region: str
    created: datetime
    wanted: Wanted | None = None
    status: str = REVIEW
    reason: str = ""
    updated: datetime | None = None
    deleted: datetime | None = None
    disable_rollback: bool = False
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: list[dict[str, str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    imported: frozenset[str] = frozenset()
    change_set_id: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)
    undo: list[Step] = field(default_factory=list)
    resolved: dict[str, str] = field(default_factory=dict)
    topics: tuple[str, ...] = ()
    protected: bool = False
    timeout: int = 0
    drift: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class ChangeSet:
    """A change that was planned and may be carried out once."""

    id: str
    name: str
    type: str
    stack: Stack
    wanted: Wanted
    changes: list[dict[str, Any]]
    created: datetime
    description: str = ""
    status: str = "CREATE_COMPLETE"
    execution: str = "AVAILABLE"
    reason: str = ""
    on_failure: str = "ROLLBACK"


@dataclass
class Stacks:
    """Every stack of one account and Region; deleted ones are found by their id alone."""

    live: dict[str, Stack] = field(default_factory=dict)
    gone: dict[str, Stack] = field(default_factory=dict)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    detections: dict[str, dict[str, Any]] = field(default_factory=dict)

    def find(self, name_or_id: str) -> Stack:
        """By name, or by id also when deleted; raises ValidationError."""
        stack = self.live.get(name_or_id) or self.gone.get(name_or_id)
        for one in self.live.values():
            if one.id == name_or_id:
                stack = one
        if stack is None:
            raise ValidationError(f"Stack with id {name_or_id} does not exist")
        return stack

    def change_set(self, name_or_id: str, stack: str | None) -> ChangeSet:
        """By id, or by name and stack; raises ChangeSetNotFound."""
        for one in self.change_sets.values():
            same = stack in (one.stack.name, one.stack.id)
            if name_or_id == one.id or (name_or_id == one.name and same):
                return one
        raise ApiError("ChangeSetNotFound", f"ChangeSet [{name_or_id}] does not exist", 404)

    def exports(self) -> dict[str, str]:
        """What all stacks export, by name."""
        return {
            output["ExportName"]: output["OutputValue"]
            for stack in self.live.values()
            for output in stack.outputs
            if "ExportName" in output
        }

    def importers(self, name: str) -> list[str]:
        """The names of the stacks that use an export."""
        return [stack.name for stack in self.live.values() if name in stack.imported]
