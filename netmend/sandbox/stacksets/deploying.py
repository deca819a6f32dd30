"""One stack of a set is brought to what the set says, or taken away, by CloudFormation's engine."""

from __future__ import annotations

from typing import Final

from botocore.exceptions import ClientError

from netmend.sandbox.api import ApiError
from netmend.sandbox.cloudformation import changes, parameters, plan
from netmend.sandbox.cloudformation.access import Access
from netmend.sandbox.cloudformation.deployment import Deployment, take_down
from netmend.sandbox.cloudformation.model import UPDATABLE, Stack, Stacks, Wanted
from netmend.sandbox.cloudformation.operations import forget_deleted
from netmend.sandbox.cloudformation.work import Work
from netmend.sandbox.stacksets.errors import TaskError
from netmend.sandbox.stacksets.model import Instance, StackSet

LONGEST: Final = 128
"""Characters of a stack's name."""

GOOD: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})


def bring(stack_set: StackSet, instance: Instance, access: Access, token: str) -> None:
    """Make or update the stack of an instance; raises TaskError with the instance's reason."""
    stacks = access.sandbox.state(Stacks, access.account, access.region)
    stack = _standing(stacks, instance)
    if stack is not None and stack.status not in UPDATABLE:
        _delete(stacks, stack, access, token)  # a first creation that failed is made anew
        stack = None
    try:
        wanted = _wanted(stack_set, instance, token)
        if stack is None:
            _create(stacks, stack_set, instance, wanted, access)
        else:
            _update(stacks, stack, wanted, access)
    except ApiError as error:
        raise TaskError(error.message) from error
    except ClientError as error:  # of a parameter that names one of SSM's
        raise TaskError(str(error)) from error


def remove(instance: Instance, access: Access, token: str) -> None:
    """Delete the stack of an instance; that it is gone is success. Raises TaskError."""
    stacks = access.sandbox.state(Stacks, access.account, access.region)
    stack = _standing(stacks, instance)
    if stack is not None:
        _delete(stacks, stack, access, token)


def _standing(stacks: Stacks, instance: Instance) -> Stack | None:
    return next((one for one in stacks.live.values() if one.id == instance.stack_id), None)


def _wanted(stack_set: StackSet, instance: Instance, token: str) -> Wanted:
    values = {**stack_set.parameters, **instance.overrides}
    return Wanted(
        template=stack_set.template,
        parameters=parameters.complete(stack_set.template, values),
        tags=dict(stack_set.tags),
        capabilities=stack_set.capabilities,
        token=token,
    )


def _create(
    stacks: Stacks, stack_set: StackSet, instance: Instance, wanted: Wanted, access: Access
) -> None:
    sandbox = access.sandbox
    unique = sandbox.uuid()
    room = LONGEST - len(f"StackSet--{unique}")
    name = f"StackSet-{stack_set.name[:room]}-{unique}"
    stack = Stack(
        id=access.arn("cloudformation", f"stack/{name}/{sandbox.uuid()}"),
        name=name,
        account=access.account,
        region=access.region,
        created=sandbox.clock.now(),
        wanted=wanted,
    )
    planned = plan.make(stack, wanted, access, stacks.exports())
    stacks.live[name] = stack
    instance.stack_id = stack.id
    Deployment(stacks, stack, planned).create()
    _check(stack)


def _update(stacks: Stacks, stack: Stack, wanted: Wanted, access: Access) -> None:
    planned = plan.make(stack, wanted, access, stacks.exports())
    changes.check_types(stack, planned)
    if changes.differs(stack, planned):
        stack.updated = access.sandbox.clock.now()
        Deployment(stacks, stack, planned).update()
        _check(stack)


def _delete(stacks: Stacks, stack: Stack, access: Access, token: str) -> None:
    work = Work(stack, access, token)
    work.tell_stack("DELETE_IN_PROGRESS", "User Initiated")
    exported = (one["ExportName"] for one in stack.outputs if "ExportName" in one)
    used = [name for name in exported if stacks.importers(name)]
    left = f"Export {used[0]} cannot be deleted as it is in use" if used else ""
    left = left or take_down(stack, work)
    work.tell_stack("DELETE_FAILED" if left else "DELETE_COMPLETE", left)
    if left:
        raise TaskError(_reason(stack))
    stack.deleted, stack.outputs = access.sandbox.clock.now(), []
    forget_deleted(stacks, stack)


def _check(stack: Stack) -> None:
    if stack.status not in GOOD:
        raise TaskError(_reason(stack))


def _reason(stack: Stack) -> str:
    """The first failure of a stack's last deployment, as StackSets tells it."""
    events = list(stack.events)
    begun = max((n for n, one in enumerate(events) if one.reason == "User Initiated"), default=0)
    for event in events[begun:]:
        if event.status.endswith("_FAILED"):
            return (
                f"ResourceLogicalId:{event.logical_id}, ResourceType:{event.type}, "
                f"ResourceStatusReason:{event.reason}."
            )
    return f"Stack {stack.id} is in {stack.status}: {stack.reason}"
