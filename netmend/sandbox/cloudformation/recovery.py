"""What a stack is rescued or guarded with: its roll-back by hand, and termination protection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netmend.sandbox.api import ApiCall, operation
from netmend.sandbox.cloudformation import rollback
from netmend.sandbox.cloudformation.access import enter
from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.model import Stack
from netmend.sandbox.cloudformation.operations import SERVICE, existing, stacks_of
from netmend.sandbox.cloudformation.work import Work

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox


@operation(SERVICE, "UpdateTerminationProtection")
def update_termination_protection(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    stack = existing(stacks_of(sandbox, call), call.params["StackName"])
    stack.protected = call.params["EnableTerminationProtection"]
    return {"StackId": stack.id}


@operation(SERVICE, "RollbackStack")
def rollback_stack(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Undo a creation or update that was left as it failed."""
    stack = existing(stacks_of(sandbox, call), call.params["StackName"])
    work = _work(sandbox, call, stack)
    if stack.status == "CREATE_FAILED":
        work.tell_stack("ROLLBACK_IN_PROGRESS", "User Initiated")
        left = rollback.take_down(stack, work, made_now=True)
        work.tell_stack("ROLLBACK_FAILED" if left else "ROLLBACK_COMPLETE", left)
    elif stack.status == "UPDATE_FAILED":
        rollback.run(stack, work, "User Initiated")
    else:
        raise ValidationError(f"RollbackStack cannot be called in {stack.status} state")
    return {"StackId": stack.id}


@operation(SERVICE, "ContinueUpdateRollback")
def continue_update_rollback(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Try again what stopped a roll-back, but for the resources that the caller skips."""
    stack = existing(stacks_of(sandbox, call), call.params["StackName"])
    if stack.status != "UPDATE_ROLLBACK_FAILED":
        raise ValidationError(
            f"Stack:{stack.id} is in {stack.status} state and can not continue rollback."
        )
    skipped = set(call.params.get("ResourcesToSkip") or ())
    if unknown := skipped - set(stack.resources):
        raise ValidationError(f"ResourcesToSkip names no resource of the stack: {sorted(unknown)}")
    stack.undo = [
        step
        for step in stack.undo
        if step.before is None or step.resource.logical_id not in skipped
    ]
    rollback.run(stack, _work(sandbox, call, stack), "User Initiated")
    return {}


def _work(sandbox: Sandbox, call: ApiCall, stack: Stack) -> Work:
    kept = stack.wanted.role_arn if stack.wanted else ""
    access = enter(sandbox, stack.account, stack.region, call.params.get("RoleARN") or kept)
    token = call.params.get("ClientRequestToken") or ""
    return Work(stack, access, token, bool(call.params.get("RetainExceptOnCreate")))
