"""Change sets: a plan that is shown first and carried out once, as `aws cloudformation deploy`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.cloudformation import changes, requests
from netmend.sandbox.cloudformation.access import enter
from netmend.sandbox.cloudformation.deployment import Deployment
from netmend.sandbox.cloudformation.descriptions import given, shown_parameters
from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.model import REVIEW, ChangeSet, Stack, Stacks
from netmend.sandbox.cloudformation.operations import (
    SERVICE,
    existing,
    forget_deleted,
    new_stack,
    plan_for,
    stacks_of,
)
from netmend.sandbox.cloudformation.work import Work

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

NAME: Final = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
NOTHING: Final = (
    "The submitted information didn't contain changes. Submit different information to create "
    "a change set."
)


@operation(SERVICE, "CreateChangeSet")
def create_change_set(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """A change set for a stack that stands, or for one that it will make."""
    requests.check_known(call)
    params, stacks = call.params, stacks_of(sandbox, call)
    name, kind = params["ChangeSetName"], params.get("ChangeSetType") or "UPDATE"
    if not NAME.fullmatch(name):
        raise ValidationError(f"Invalid change set name: {name}: use letters, digits and hyphens")
    stack = _stack_for(sandbox, call, stacks, kind)
    access = enter(sandbox, call.account, call.region)
    wanted = requests.wanted(params, access, stack if kind == "UPDATE" else None)
    planned = plan_for(sandbox, call, stack, wanted)
    changes.check_types(stack, planned)
    change_set = ChangeSet(
        id=access.arn(SERVICE, f"changeSet/{name}/{sandbox.uuid()}"),
        name=name,
        type=kind,
        stack=stack,
        wanted=wanted,
        changes=changes.between(stack, planned),
        created=sandbox.clock.now(),
        description=params.get("Description") or "",
        on_failure=params.get("OnStackFailure") or "ROLLBACK",
    )
    if kind == "UPDATE" and not changes.differs(stack, planned):
        change_set.status, change_set.execution = "FAILED", "UNAVAILABLE"
        change_set.reason = NOTHING
    _admit(stacks, change_set)
    if stack.name not in stacks.live:
        stacks.live[stack.name] = stack
        Work(stack, access, wanted.token).tell_stack(REVIEW, "User Initiated")
    return {"Id": change_set.id, "StackId": stack.id}


def _stack_for(sandbox: Sandbox, call: ApiCall, stacks: Stacks, kind: str) -> Stack:
    name = call.params["StackName"]
    if kind == "UPDATE":
        stack = existing(stacks, name)
        changes.check_updatable(stack)
        return stack
    if kind != "CREATE":
        raise ValidationError(f"the sandbox makes no change set of type {kind}")
    requests.check_name(name)
    if name not in stacks.live:
        return new_stack(sandbox, call, name)
    stack = stacks.live[name]
    if stack.status != REVIEW:
        raise ValidationError(
            f"Stack [{name}] already exists and cannot be created again with the changeSet"
        )
    return stack


def _admit(stacks: Stacks, change_set: ChangeSet) -> None:
    for other in stacks.change_sets.values():
        if other.stack is change_set.stack and other.name == change_set.name:
            raise ApiError("AlreadyExistsException", f"ChangeSet {change_set.name} already exists")
    stacks.change_sets[change_set.id] = change_set


def _find(sandbox: Sandbox, call: ApiCall) -> ChangeSet:
    stacks = stacks_of(sandbox, call)
    return stacks.change_set(call.params["ChangeSetName"], call.params.get("StackName"))


@operation(SERVICE, "DescribeChangeSet")
def describe_change_set(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    change_set = _find(sandbox, call)
    wanted = change_set.wanted
    return given(
        **_summary(change_set),
        Parameters=shown_parameters(wanted, {}),
        NotificationARNs=list(wanted.topics),
        Capabilities=list(wanted.capabilities),
        Tags=[{"Key": k, "Value": v} for k, v in wanted.tags.items()],
        Changes=change_set.changes,
        OnStackFailure=change_set.on_failure,
    )


def _summary(change_set: ChangeSet) -> dict[str, Any]:
    return given(
        ChangeSetId=change_set.id,
        ChangeSetName=change_set.name,
        StackId=change_set.stack.id,
        StackName=change_set.stack.name,
        Description=change_set.description,
        CreationTime=change_set.created,
        Status=change_set.status,
        ExecutionStatus=change_set.execution,
        StatusReason=change_set.reason,
    )


@operation(SERVICE, "ListChangeSets")
def list_change_sets(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    stacks = stacks_of(sandbox, call)
    stack = stacks.find(call.params["StackName"])
    sets = [_summary(c) for c in stacks.change_sets.values() if c.stack is stack]
    return {"Summaries": sets}


@operation(SERVICE, "ExecuteChangeSet")
def execute_change_set(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Carries the change out; how that ended is the stack's status."""
    change_set, stacks = _find(sandbox, call), stacks_of(sandbox, call)
    stack = change_set.stack
    if change_set.execution != "AVAILABLE":
        raise ApiError(
            "InvalidChangeSetStatus",
            f"ChangeSet [{change_set.id}] cannot be executed in its current execution status of "
            f"[{change_set.execution}]",
        )
    planned = plan_for(sandbox, call, stack, change_set.wanted)
    deployment = Deployment(stacks, stack, planned)
    change_set.execution, stack.change_set_id = "EXECUTE_COMPLETE", change_set.id
    for other in [c for c in stacks.change_sets.values() if c.stack is stack]:
        if other is not change_set:  # CloudFormation deletes them: they describe what was
            del stacks.change_sets[other.id]
    disabled = bool(call.params.get("DisableRollback"))
    if change_set.type == "CREATE":
        stack.wanted = change_set.wanted
        stack.disable_rollback = disabled
        deployment.create("DO_NOTHING" if disabled else change_set.on_failure)
        forget_deleted(stacks, stack)
    else:
        stack.updated = sandbox.clock.now()
        deployment.update(disable_rollback=disabled)
    return {}


@operation(SERVICE, "DeleteChangeSet")
def delete_change_set(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The stack that it would have made stays in review, as it does in AWS."""
    change_set = _find(sandbox, call)
    del stacks_of(sandbox, call).change_sets[change_set.id]
    return {}
