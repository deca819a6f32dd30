"""Whether a plan would change a stack, and what it would do to each resource."""

from __future__ import annotations

from typing import Any

from netmend.sandbox.api import ApiError
from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.model import UPDATABLE, Stack
from netmend.sandbox.cloudformation.plan import Plan
from netmend.sandbox.cloudformation.scope import is_pending

Change = dict[str, Any]


def check_updatable(stack: Stack) -> None:
    """Refuse to update a stack that is not in a finished, good state."""
    if stack.status not in UPDATABLE:
        raise ValidationError(
            f"Stack:{stack.id} is in {stack.status} state and can not be updated."
        )


def check_types(stack: Stack, plan: Plan) -> None:
    """Refuse another type under the logical id of a resource that stands."""
    resources = plan.wanted.template.resources
    other = [
        name
        for name, resource in stack.resources.items()
        if name in plan.order and resources[name]["Type"] != resource.type
    ]
    if other:
        raise ValidationError(
            "Update of resource type is not permitted. The new template modifies resource type "
            f"of the following resources: [{', '.join(other)}]"
        )


def differs(stack: Stack, plan: Plan) -> bool:
    """Whether carrying the plan out would change the stack."""
    return dict(stack.content) != dict(plan.content)


def between(stack: Stack, plan: Plan) -> list[Change]:
    """The changes as DescribeChangeSet lists them."""
    changes = [_entry("Add", name, plan) for name in plan.order if name not in stack.resources]
    before = stack.content.get("Resources", {})
    for name, resource in stack.resources.items():
        if name not in plan.order:
            entry: Change = {
                "Action": "Remove",
                "LogicalResourceId": name,
                "PhysicalResourceId": resource.physical_id,
                "ResourceType": resource.type,
            }
            changes.append(entry)
        elif before.get(name) != plan.content["Resources"][name]:
            entry = _entry("Modify", name, plan)
            entry["PhysicalResourceId"] = resource.physical_id
            entry["Replacement"] = _replacement(stack, plan, name)
            changes.append(entry)
    return [{"Type": "Resource", "ResourceChange": change} for change in changes]


def _entry(action: str, name: str, plan: Plan) -> Change:
    kind = plan.wanted.template.resources[name]["Type"]
    return {"Action": action, "LogicalResourceId": name, "ResourceType": kind}


def _replacement(stack: Stack, plan: Plan, name: str) -> str:
    properties = plan.content["Resources"][name]["Properties"]
    old = stack.content["Resources"][name]["Properties"]
    if not plan.providers[name].replaces(old, properties):
        return "False"
    return "Conditional" if is_pending(properties) else "True"


def no_changes() -> ApiError:
    """The refusal of an update that would change nothing."""
    return ValidationError("No updates are to be performed.")
