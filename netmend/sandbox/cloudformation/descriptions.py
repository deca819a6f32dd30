"""What the Describe, List and Get operations say of stacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from netmend.sandbox.api import ApiCall, operation
from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.model import Event, Resource, Stack, Stacks, Wanted
from netmend.sandbox.cloudformation.operations import SERVICE, stacks_of
from netmend.sandbox.cloudformation.parameters import is_hidden

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

HIDDEN = "****"


def given(**values: Any) -> dict[str, Any]:
    """The values that are set; an absent one is left out, as an API does."""
    return {key: value for key, value in values.items() if value not in (None, "")}


@operation(SERVICE, "DescribeStacks")
def describe_stacks(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    stacks, name = stacks_of(sandbox, call), call.params.get("StackName")
    found = [stacks.find(name)] if name else list(stacks.live.values())
    return {"Stacks": [_stack(stack) for stack in found]}


def _stack(stack: Stack) -> dict[str, Any]:
    wanted = stack.wanted
    return given(
        StackId=stack.id,
        StackName=stack.name,
        ChangeSetId=stack.change_set_id,
        Description=wanted and wanted.template.description,
        Parameters=shown_parameters(wanted, stack.resolved) if wanted else [],
        CreationTime=stack.created,
        LastUpdatedTime=stack.updated,
        DeletionTime=stack.deleted,
        RollbackConfiguration={},
        StackStatus=stack.status,
        StackStatusReason=stack.reason,
        DisableRollback=stack.disable_rollback,
        TimeoutInMinutes=stack.timeout or None,
        NotificationARNs=list(stack.topics),
        Capabilities=list(wanted.capabilities) if wanted else [],
        Outputs=stack.outputs,
        RoleARN=wanted and wanted.role_arn,
        Tags=[{"Key": k, "Value": v} for k, v in wanted.tags.items()] if wanted else [],
        EnableTerminationProtection=stack.protected,
        DriftInformation=stack.drift or {"StackDriftStatus": "NOT_CHECKED"},
    )


def shown_parameters(wanted: Wanted, resolved: Mapping[str, str]) -> list[dict[str, str]]:
    """The parameters as anybody may see them; resolved: what Systems Manager held for some."""
    declared = wanted.template.section("Parameters")
    return [
        {
            "ParameterKey": name,
            "ParameterValue": HIDDEN if is_hidden(declared[name]) else value,
            **({"ResolvedValue": resolved[name]} if name in resolved else {}),
        }
        for name, value in wanted.parameters.items()
    ]


@operation(SERVICE, "ListStacks")
def list_stacks(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    stacks, wanted = stacks_of(sandbox, call), call.params.get("StackStatusFilter")
    found = [*stacks.live.values(), *stacks.gone.values()]
    return {
        "StackSummaries": [
            given(
                StackId=stack.id,
                StackName=stack.name,
                TemplateDescription=stack.wanted and stack.wanted.template.description,
                CreationTime=stack.created,
                LastUpdatedTime=stack.updated,
                DeletionTime=stack.deleted,
                StackStatus=stack.status,
                StackStatusReason=stack.reason,
            )
            for stack in found
            if not wanted or stack.status in wanted
        ]
    }


@operation(SERVICE, "DescribeStackEvents")
def describe_stack_events(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Newest first."""
    stack = _named(sandbox, call)
    return {"StackEvents": [_event(stack, event) for event in reversed(stack.events)]}


def _event(stack: Stack, event: Event) -> dict[str, Any]:
    return given(
        StackId=stack.id,
        EventId=event.id,
        StackName=stack.name,
        LogicalResourceId=event.logical_id,
        PhysicalResourceId=event.physical_id,
        ResourceType=event.type,
        Timestamp=event.at,
        ResourceStatus=event.status,
        ResourceStatusReason=event.reason,
        ClientRequestToken=event.token,
    )


def _named(sandbox: Sandbox, call: ApiCall) -> Stack:
    name = call.params.get("StackName")
    if not name:
        raise ValidationError(f"the sandbox needs StackName in {call.operation}")
    return stacks_of(sandbox, call).find(name)


def _resource(stack: Stack, resource: Resource) -> dict[str, Any]:
    return given(
        LogicalResourceId=resource.logical_id,
        PhysicalResourceId=resource.physical_id,
        ResourceType=resource.type,
        ResourceStatus=resource.status,
        ResourceStatusReason=resource.reason,
        DriftInformation=_drift(resource),
    )


def _drift(resource: Resource) -> dict[str, Any]:
    if not resource.drift:
        return {"StackResourceDriftStatus": "NOT_CHECKED"}
    return {
        "StackResourceDriftStatus": resource.drift["StackResourceDriftStatus"],
        "LastCheckTimestamp": resource.drift["Timestamp"],
    }


def _whole(stack: Stack, resource: Resource) -> dict[str, Any]:
    return {
        **_resource(stack, resource),
        "StackId": stack.id,
        "StackName": stack.name,
        "Timestamp": resource.changed,
    }


@operation(SERVICE, "DescribeStackResources")
def describe_stack_resources(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    params = call.params
    if physical_id := params.get("PhysicalResourceId"):
        found = list(_by_physical_id(stacks_of(sandbox, call), physical_id))
        if not found:
            raise ValidationError(f"Stack for {physical_id} does not exist")
    else:
        stack = _named(sandbox, call)
        found = [(stack, resource) for resource in stack.resources.values()]
    wanted = params.get("LogicalResourceId")
    return {"StackResources": [_whole(s, r) for s, r in found if wanted in (None, r.logical_id)]}


def _by_physical_id(stacks: Stacks, physical_id: str) -> Iterator[tuple[Stack, Resource]]:
    for stack in stacks.live.values():
        if any(r.physical_id == physical_id for r in stack.resources.values()):
            yield from ((stack, resource) for resource in stack.resources.values())


@operation(SERVICE, "DescribeStackResource")
def describe_stack_resource(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    stack, name = _named(sandbox, call), call.params["LogicalResourceId"]
    if name not in stack.resources:
        raise ValidationError(f"Resource {name} does not exist for stack {stack.name}")
    detail = _whole(stack, stack.resources[name])
    detail["LastUpdatedTimestamp"] = detail.pop("Timestamp")
    return {"StackResourceDetail": detail}


@operation(SERVICE, "ListStackResources")
def list_stack_resources(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    stack = _named(sandbox, call)
    return {
        "StackResourceSummaries": [
            {**_resource(stack, resource), "LastUpdatedTimestamp": resource.changed}
            for resource in stack.resources.values()
        ]
    }


@operation(SERVICE, "GetTemplate")
def get_template(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    if name := call.params.get("ChangeSetName"):
        stacks, of = stacks_of(sandbox, call), call.params.get("StackName")
        wanted: Wanted | None = stacks.change_set(name, of).wanted
    else:
        wanted = _named(sandbox, call).wanted
    body = wanted.template.text if wanted else ""
    return {"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]}


@operation(SERVICE, "ListExports")
def list_exports(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    return {
        "Exports": [
            {
                "ExportingStackId": stack.id,
                "Name": output["ExportName"],
                "Value": output["OutputValue"],
            }
            for stack in stacks_of(sandbox, call).live.values()
            for output in stack.outputs
            if "ExportName" in output
        ]
    }


@operation(SERVICE, "ListImports")
def list_imports(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    name = call.params["ExportName"]
    users = stacks_of(sandbox, call).importers(name)
    if not users:
        raise ValidationError(f"Export '{name}' is not imported by any stack.")
    return {"Imports": users}
