"""Hooks that refuse, watch and interfere with the calls that Netmend's own roles make."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from netmend.sandbox.api import OPERATIONS, ApiCall, ApiError
from netmend.sandbox.core import Sandbox
from netmend.sandbox.faults import Cut, Hook
from tests.loop.world import World

OURS = "role/netmend-"
PLANNER = "role/netmend-planner"
READS = ("Describe", "Get", "List")

Error = Callable[[], BaseException]


def denied() -> ApiError:
    return ApiError("AccessDeniedException", "not authorized to perform this", 403)


def throttled() -> ApiError:
    return ApiError("ThrottlingException", "Rate exceeded", 400)


def unreachable() -> EndpointConnectionError:
    return EndpointConnectionError(endpoint_url="https://aws.invalid")


def cut() -> Cut:
    return Cut("a test wants it so")


def coded(code: str, status: int = 400) -> Error:
    return lambda: ApiError(code, "a test wants it so", status)


@dataclass
class Fault:
    """Acts at the calls of one name that our roles make, from the `first` on, `times` times.

    act: does something, and what it returns is raised where it is an error.
    """

    name: str
    act: Callable[[], object]
    when: str = "before"
    first: int = 1
    times: int = 1000
    role: str = OURS
    seen: int = 0
    fired: int = 0

    def before(self, call: ApiCall) -> None:
        self._meet("before", call)

    def after(self, call: ApiCall) -> None:
        self._meet("after", call)

    def _meet(self, when: str, call: ApiCall) -> None:
        if (when, call.name) != (self.when, self.name) or self.role not in call.caller.role_arn:
            return
        self.seen += 1
        if self.first <= self.seen < self.first + self.times:
            self.fired += 1
            error = self.act()
            if isinstance(error, BaseException):
                raise error


@dataclass
class Watch:
    """Keeps the calls of our roles that were answered, those of one name or those that write."""

    name: str = ""
    calls: list[ApiCall] = field(default_factory=list)

    def before(self, call: ApiCall) -> None:
        return None

    def after(self, call: ApiCall) -> None:
        writes = call.service == "ec2" and not call.operation.startswith(READS)
        if OURS in call.caller.role_arn and (call.name == self.name if self.name else writes):
            self.calls.append(call)


@contextmanager
def hooked(world: World, *hooks: Hook) -> Iterator[None]:
    """The hooks see every call until the block ends."""
    world.sandbox.hooks.extend(hooks)
    try:
        yield
    finally:
        for hook in hooks:
            world.sandbox.hooks.remove(hook)


def answered(
    patch: pytest.MonkeyPatch, service: str, name: str, change: Callable[[dict[str, Any]], object]
) -> None:
    """Have an operation of the sandbox answer something else; change: of its answer, in place."""
    original = OPERATIONS[service, name]

    def operation(sandbox: Sandbox, call: ApiCall) -> Any:
        answer = copy.deepcopy(original(sandbox, call))  # it may be what the sandbox keeps
        change(answer)
        return answer

    patch.setitem(OPERATIONS, (service, name), operation)


def start(world: World, group: str, **changed: list[str]) -> str:
    """Start the runbook by hand; changed: parameters, none where empty, and the document."""
    (document,) = changed.pop("document", ["Netmend-RevokePublicIngress"])
    given: Mapping[str, list[str]] = {
        "ResourceId": [group],
        "ConfigRuleName": [world.rule_name],
        "Approvers": ["demo-approver"],
        "AutomationAssumeRole": ["arn:aws:iam::123456789012:role/netmend-RevokePublicIngress"],
        **changed,
    }
    started = world.client("ssm").start_automation_execution(
        DocumentName=document, Parameters={name: value for name, value in given.items() if value}
    )
    return str(started["AutomationExecutionId"])
