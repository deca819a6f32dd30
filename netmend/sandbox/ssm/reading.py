"""Runs are read, answered and stopped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.automation import AutomationError, Execution
from netmend.sandbox.core import Sandbox
from netmend.sandbox.ssm.runs import Runs, later

PAGE: Final = 50


@operation("ssm", "GetAutomationExecution")
def get(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """One run, as it stands."""
    return {"AutomationExecution": _run(sandbox, call).record()}


@operation("ssm", "DescribeAutomationStepExecutions")
def steps(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The steps of a run, filtered and paged."""
    record = _run(sandbox, call).record()
    return _page(call, record["StepExecutions"], "StepExecutions", STEP_FILTERS)


@operation("ssm", "DescribeAutomationExecutions")
def list_runs(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The runs of this account and Region, newest first."""
    runs = sandbox.state(Runs, call.account, call.region).by_id.values()
    found = []
    for run in reversed(runs):
        record = run.record()
        for absent in ("StepExecutions", "StepExecutionsTruncated", "Parameters"):
            record.pop(absent, None)
        found.append(record)
    return _page(call, found, "AutomationExecutionMetadataList", RUN_FILTERS)


STEP_FILTERS: Final = {
    "StepName": "StepName",
    "Action": "Action",
    "StepExecutionStatus": "StepStatus",
    "StepExecutionId": "StepExecutionId",
}
RUN_FILTERS: Final = {
    "DocumentNamePrefix": "DocumentName",
    "ExecutionStatus": "AutomationExecutionStatus",
    "ExecutionId": "AutomationExecutionId",
    "CurrentAction": "CurrentAction",
}


def _page(
    call: ApiCall, found: list[dict[str, Any]], name: str, filters: Mapping[str, str]
) -> dict[str, Any]:
    for given in call.params.get("Filters") or []:
        key = filters.get(given["Key"])
        if key is None:
            raise ApiError("NotImplemented", f"the sandbox has no filter {given['Key']}", 501)
        prefix = given["Key"].endswith("Prefix")
        found = [f for f in found if _matches(str(f.get(key, "")), given["Values"], prefix)]
    first = int(call.params.get("NextToken") or 0)
    last = first + int(call.params.get("MaxResults") or PAGE)
    return {name: found[first:last], **({"NextToken": str(last)} if last < len(found) else {})}


def _matches(value: str, wanted: Iterable[str], prefix: bool) -> bool:
    return any(value.startswith(w) if prefix else value == w for w in wanted)


@operation("ssm", "SendAutomationSignal")
def signal(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Answer a run that waits."""
    execution = _run(sandbox, call)
    try:
        execution.signal(
            call.params["SignalType"], call.params.get("Payload") or {}, call.caller.arn
        )
    except AutomationError as error:
        raise ApiError(error.code, error.message) from None
    later(sandbox, execution)
    return {}


@operation("ssm", "StopAutomationExecution")
def stop(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Cancel a run, or let it end after its current step."""
    execution = _run(sandbox, call)
    try:
        execution.stop(call.params.get("Type") or "Cancel")
    except AutomationError as error:
        raise ApiError(error.code, error.message) from None
    later(sandbox, execution)
    return {}


def _run(sandbox: Sandbox, call: ApiCall) -> Execution:
    wanted = call.params["AutomationExecutionId"]
    found = sandbox.state(Runs, call.account, call.region).by_id.get(wanted)
    if found is None:
        message = f"An automation execution with the ID {wanted} was not found."
        raise ApiError("AutomationExecutionNotFoundException", message)
    return found
