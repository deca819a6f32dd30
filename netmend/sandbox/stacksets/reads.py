"""What is told of stack sets, their instances and operations, and the stopping of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from netmend.sandbox import paging
from netmend.sandbox.api import ApiCall, operation
from netmend.sandbox.cloudformation.descriptions import given
from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.operations import SERVICE as CLOUDFORMATION
from netmend.sandbox.stacksets import errors, trust
from netmend.sandbox.stacksets.model import SELF, Instance, Operation, Result, StackSet

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

PAGE: Final = 100
NOT_CHECKED: Final = "NOT_CHECKED"


def _page(everything: Iterable[Any], params: Mapping[str, Any]) -> dict[str, Any]:
    size = int(params.get("MaxResults") or PAGE)
    refusal = ValidationError("NextToken is not valid")
    return paging.page("Summaries", list(everything), params.get("NextToken"), size, refusal)


def _find(sandbox: Sandbox, call: ApiCall) -> StackSet:
    return trust.home(sandbox, call).find(call.params["StackSetName"])


def _operation(found: StackSet, params: Mapping[str, Any]) -> Operation:
    number = params["OperationId"]
    if number not in found.operations:
        raise errors.no_operation(number)
    return found.operations[number]


@operation(CLOUDFORMATION, "ListStackSets")
def list_stack_sets(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    home, wanted = trust.home(sandbox, call), call.params.get("Status")
    every = [*home.live.values(), *home.gone.values()]
    return _page((_summary(one) for one in every if wanted in (None, one.status)), call.params)


def _summary(found: StackSet) -> dict[str, Any]:
    return given(
        StackSetName=found.name,
        StackSetId=found.id,
        Description=found.description,
        Status=found.status,
        PermissionModel=found.model,
        AutoDeployment=_automation(found),
        DriftStatus=NOT_CHECKED,
        ManagedExecution={"Active": found.managed},
    )


def _automation(found: StackSet) -> dict[str, Any] | None:
    if found.model == SELF:
        return None
    if not found.automatic:
        return {"Enabled": False}
    told: dict[str, Any] = {"Enabled": True, "RetainStacksOnAccountRemoval": found.retain}
    return {**told, "DependsOn": list(found.needs)} if found.needs else told


@operation(CLOUDFORMATION, "DescribeStackSet")
def describe_stack_set(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    found = _find(sandbox, call)
    declared = found.template.section("Parameters")
    return {
        "StackSet": given(
            **_summary(found),
            StackSetARN=found.arn,
            TemplateBody=found.template.text,
            Parameters=[
                {
                    "ParameterKey": name,
                    "ParameterValue": "****" if declared[name].get("NoEcho") else value,
                }
                for name, value in found.parameters.items()
            ],
            Capabilities=list(found.capabilities),
            Tags=[{"Key": key, "Value": value} for key, value in found.tags.items()],
            AdministrationRoleARN=found.administration,
            ExecutionRoleName=found.execution,
            OrganizationalUnitIds=list(found.units),
            Regions=sorted({one.region for one in found.instances.values()}),
        )
    }


def _filtered(found: StackSet, params: Mapping[str, Any]) -> Iterable[Instance]:
    kept = {one["Name"]: one["Values"] for one in params.get("Filters") or ()}
    for one in found.instances.values():
        facts = {
            "DETAILED_STATUS": one.detailed,
            "LAST_OPERATION_ID": one.last_operation,
            "DRIFT_STATUS": NOT_CHECKED,
        }
        if (
            params.get("StackInstanceAccount") in (None, one.account)
            and params.get("StackInstanceRegion") in (None, one.region)
            and all(facts[name] in values.split(",") for name, values in kept.items())
        ):
            yield one


def _instance(found: StackSet, one: Instance) -> dict[str, Any]:
    return given(
        StackSetId=found.id,
        Region=one.region,
        Account=one.account,
        StackId=one.stack_id,
        Status=one.status,
        StatusReason=one.reason,
        StackInstanceStatus={"DetailedStatus": one.detailed},
        OrganizationalUnitId=one.unit,
        DriftStatus=NOT_CHECKED,
        LastOperationId=one.last_operation,
    )


@operation(CLOUDFORMATION, "ListStackInstances")
def list_instances(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    found = _find(sandbox, call)
    return _page((_instance(found, one) for one in _filtered(found, call.params)), call.params)


@operation(CLOUDFORMATION, "DescribeStackInstance")
def describe_instance(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    found, params = _find(sandbox, call), call.params
    account, region = params["StackInstanceAccount"], params["StackInstanceRegion"]
    one = found.instances.get((account, region))
    if one is None:
        raise errors.no_instance(found.name, account, region)
    overrides = [{"ParameterKey": k, "ParameterValue": v} for k, v in one.overrides.items()]
    return {"StackInstance": {**_instance(found, one), "ParameterOverrides": overrides}}


@operation(CLOUDFORMATION, "ListStackSetOperations")
def list_operations(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Newest first."""
    found = _find(sandbox, call)
    newest = reversed(found.operations.values())
    return _page((_told(one) for one in newest), call.params)


def _told(one: Operation) -> dict[str, Any]:
    failed = sum(result.status == "FAILED" for result in one.results.values())
    return given(
        OperationId=one.id,
        Action=one.action,
        Status=one.status,
        CreationTimestamp=one.created,
        EndTimestamp=one.ended,
        StatusReason=one.reason,
        StatusDetails={"FailedStackInstancesCount": failed},
        OperationPreferences=dict(one.preferences),
    )


@operation(CLOUDFORMATION, "DescribeStackSetOperation")
def describe_operation(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    found = _find(sandbox, call)
    one = _operation(found, call.params)
    return {
        "StackSetOperation": given(
            **_told(one),
            StackSetId=found.id,
            RetainStacks=one.retain if one.action == "DELETE" else None,
            AdministrationRoleARN=found.administration,
            ExecutionRoleName=found.execution,
            DeploymentTargets=dict(one.targets) or None,
        )
    }


@operation(CLOUDFORMATION, "ListStackSetOperationResults")
def list_results(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    one = _operation(_find(sandbox, call), call.params)
    filters = call.params.get("Filters") or ()
    wanted = {status for kept in filters for status in kept["Values"].split(",")}
    every = (r for r in one.results.values() if not wanted or r.status in wanted)
    return _page((_result(result) for result in every), call.params)


def _result(result: Result) -> dict[str, Any]:
    return given(
        Account=result.account,
        Region=result.region,
        Status=result.status,
        StatusReason=result.reason,
        OrganizationalUnitId=result.unit,
    )


@operation(CLOUDFORMATION, "ListStackSetAutoDeploymentTargets")
def list_targets(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    found = _find(sandbox, call)
    units = ({"OrganizationalUnitId": u, "Regions": r} for u, r in found.units.items())
    return _page(units, call.params)


@operation(CLOUDFORMATION, "StopStackSetOperation")
def stop_operation(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """What was not begun is cancelled when the operation gets to it; what runs is finished."""
    one = _operation(_find(sandbox, call), call.params)
    if one.over:
        raise errors.invalid(f"Operation {one.id} is in state {one.status} and cannot be stopped")
    one.status = "STOPPING"
    return {}
