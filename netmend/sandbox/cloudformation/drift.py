"""Drift: whether what a stack made still is what its template says."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from netmend.sandbox.api import ApiCall, operation
from netmend.sandbox.cloudformation import differences, providers
from netmend.sandbox.cloudformation.access import Access, enter
from netmend.sandbox.cloudformation.errors import ValidationError, is_gone
from netmend.sandbox.cloudformation.live import READERS, UNREAD
from netmend.sandbox.cloudformation.model import Resource, Stack
from netmend.sandbox.cloudformation.operations import SERVICE, existing, stacks_of
from netmend.sandbox.cloudformation.tracked import take
from netmend.sandbox.cloudformation.work import Work

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

CHECKABLE: Final = frozenset(
    {
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "UPDATE_ROLLBACK_FAILED",
    }
)
DRIFTED: Final = frozenset({"MODIFIED", "DELETED"})


def detect(stack: Stack, access: Access, only: Collection[str] = ()) -> str:
    """Compare a stack's resources with what stands; DRIFTED or IN_SYNC.

    only: logical ids; none means all. What was found is kept at each resource. Types that nothing
    reads stay as they were, unchecked.
    """
    if stack.status not in CHECKABLE:
        raise ValidationError(f"Drift detection cannot be performed on stack in {stack.status}")
    if unknown := sorted(set(only) - set(stack.resources)):
        raise ValidationError(f"Resource {unknown[0]} does not exist for stack {stack.name}")
    work = Work(stack, access, "")
    for name, resource in stack.resources.items():
        if (not only or name in only) and resource.type in READERS:
            resource.drift = _compared(stack, work, resource)
    found = "DRIFTED" if drifted(stack) else "IN_SYNC"
    now = access.sandbox.clock.now()
    stack.drift = {"StackDriftStatus": found, "LastCheckTimestamp": now}
    return found


def drifted(stack: Stack) -> list[str]:
    """The logical ids of the resources that are not as the template says."""
    return [
        name
        for name, resource in stack.resources.items()
        if resource.drift.get("StackResourceDriftStatus") in DRIFTED
    ]


def _compared(stack: Stack, work: Work, resource: Resource) -> dict[str, Any]:
    expected = take(resource.properties)
    actual = _live(work, resource, expected)
    found: dict[str, Any] = {
        "StackId": stack.id,
        "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical_id,
        "ResourceType": resource.type,
        "ExpectedProperties": json.dumps(expected, default=str),
        "Timestamp": work.access.sandbox.clock.now(),
    }
    if not actual:
        return {**found, "StackResourceDriftStatus": "DELETED"}
    unread = UNREAD.get(resource.type, ())
    wanted = {name: value for name, value in expected.items() if name not in unread}
    compared = {name: value for name, value in actual.items() if name in wanted}
    shape = getattr(providers.find(resource.type), "shape", {})
    told = differences.between(shape, wanted, compared)
    return {
        **found,
        "ActualProperties": json.dumps(compared, default=str),
        "PropertyDifferences": told,
        "StackResourceDriftStatus": "MODIFIED" if told else "IN_SYNC",
    }


def _live(work: Work, resource: Resource, expected: dict[str, Any]) -> dict[str, Any]:
    try:
        return READERS[resource.type](work.site(resource), resource.physical_id, expected)
    except ClientError as error:
        if is_gone(error):
            return {}
        raise


@operation(SERVICE, "DetectStackDrift")
def detect_stack_drift(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The detection has ended when its id is given."""
    stacks = stacks_of(sandbox, call)
    stack = existing(stacks, call.params["StackName"])
    found = detect(stack, _access(sandbox, stack), call.params.get("LogicalResourceIds") or ())
    made = sandbox.uuid()
    stacks.detections[made] = {
        "StackId": stack.id,
        "StackDriftDetectionId": made,
        "StackDriftStatus": found,
        "DetectionStatus": "DETECTION_COMPLETE",
        "DriftedStackResourceCount": len(drifted(stack)),
        "Timestamp": sandbox.clock.now(),
    }
    return {"StackDriftDetectionId": made}


@operation(SERVICE, "DescribeStackDriftDetectionStatus")
def describe_stack_drift_detection_status(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    name = call.params["StackDriftDetectionId"]
    found = stacks_of(sandbox, call).detections.get(name)
    if found is None:
        raise ValidationError(f"Drift detection with id {name} does not exist")
    return found


@operation(SERVICE, "DetectStackResourceDrift")
def detect_stack_resource_drift(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    stack = existing(stacks_of(sandbox, call), call.params["StackName"])
    name = call.params["LogicalResourceId"]
    detect(stack, _access(sandbox, stack), [name])
    resource = stack.resources[name]
    if not resource.drift:
        raise ValidationError(f"Resource type {resource.type} does not support drift detection")
    return {"StackResourceDrift": resource.drift}


@operation(SERVICE, "DescribeStackResourceDrifts")
def describe_stack_resource_drifts(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Of the resources that were checked, as they were then."""
    stack = existing(stacks_of(sandbox, call), call.params["StackName"])
    wanted = call.params.get("StackResourceDriftStatusFilters")
    found = [one.drift or _unchecked(stack, one) for one in stack.resources.values()]
    return {
        "StackResourceDrifts": [
            one for one in found if not wanted or one["StackResourceDriftStatus"] in wanted
        ]
    }


def _unchecked(stack: Stack, resource: Resource) -> dict[str, Any]:
    return {
        "StackId": stack.id,
        "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical_id,
        "ResourceType": resource.type,
        "StackResourceDriftStatus": "NOT_CHECKED",
        "Timestamp": resource.changed,
    }


def _access(sandbox: Sandbox, stack: Stack) -> Access:
    role = stack.wanted.role_arn if stack.wanted else ""
    return enter(sandbox, stack.account, stack.region, role)
