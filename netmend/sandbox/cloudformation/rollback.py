"""What a failed change of a stack did is undone, and what a stack holds is taken down in order."""

from __future__ import annotations

from typing import Final

from netmend.sandbox.cloudformation import references
from netmend.sandbox.cloudformation.errors import Failure
from netmend.sandbox.cloudformation.model import Resource, Stack, Step
from netmend.sandbox.cloudformation.work import Work, provider_of

FAILED_REASON: Final = "The following resource(s) failed to {verb}: [{names}]. "
LEFT: Final = "One or more resources could not be deleted."


def run(stack: Stack, work: Work, reason: str) -> None:
    """Undo the steps of a failed update; how it ended is the stack's status.

    As in AWS the resources that were changed come first, and those that were made go when the
    stack is as it was; one of them that cannot be deleted is told, and left.
    """
    work.tell_stack("UPDATE_ROLLBACK_IN_PROGRESS", reason)
    for step in reversed([step for step in stack.undo if step.before is not None]):
        if failed := _change_back(work, step):
            work.tell_stack("UPDATE_ROLLBACK_FAILED", failed)
            return
        stack.undo.remove(step)
    work.tell_stack("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
    left = [step for step in reversed(stack.undo) if not _unmade(stack, work, step)]
    stack.undo = []
    work.tell_stack("UPDATE_ROLLBACK_COMPLETE", LEFT if left else "")


def _change_back(work: Work, step: Step) -> str:
    resource = step.resource
    try:
        work.change(resource, provider_of(resource), step.after, step.before or {})
    except Failure:
        return FAILED_REASON.format(verb="update", names=resource.logical_id).strip()
    return ""


def _unmade(stack: Stack, work: Work, step: Step) -> bool:
    resource, done = step.resource, True
    keeps = resource.deletion_policy == "Retain" and not work.fresh_goes
    if step.previous is None and keeps:
        work.tell(resource, "DELETE_SKIPPED")
    elif resource.physical_id:
        try:
            work.remove(resource, provider_of(resource))
        except Failure:
            done = False
    if step.previous is None:
        stack.resources.pop(resource.logical_id, None)
    else:
        stack.resources[resource.logical_id] = step.previous
    return done


def take_down(
    stack: Stack, work: Work, *, retain: frozenset[str] = frozenset(), made_now: bool = False
) -> str:
    """Delete a stack's resources, dependents first; what is left, as a stack's reason.

    made_now: a stack's first making failed, so RetainExceptOnCreate does not retain.
    """
    kept = {"Retain", "RetainExceptOnCreate"}
    if made_now:
        kept = set() if work.fresh_goes else {"Retain"}
    failed: list[str] = []
    blocked: set[str] = set()
    for resource in backwards(list(stack.resources.values())):
        if resource.logical_id in blocked:
            blocked |= resource.needs
            continue
        if resource.deletion_policy in kept or resource.logical_id in retain:
            work.tell(resource, "DELETE_SKIPPED")
            del stack.resources[resource.logical_id]
            continue
        try:
            work.remove(resource, provider_of(resource))
        except Failure:
            failed.append(resource.logical_id)
            blocked |= resource.needs
        else:
            del stack.resources[resource.logical_id]
    return FAILED_REASON.format(verb="delete", names=", ".join(failed)) if failed else ""


def backwards(resources: list[Resource]) -> list[Resource]:
    """Dependents first."""
    # Turned round, so that of equals the one that was made first is deleted last.
    named = {resource.logical_id: resource for resource in reversed(resources)}
    graph = {name: set(resource.needs) & set(named) for name, resource in named.items()}
    return [named[name] for name in reversed(references.order(graph))]
