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
    runs = list(reversed(sandbox.state(Runs, call.account, call.region).by_id.values()))
    if not call.params.get("Filters"):  # only a filter has to look at every run
        first, last = _bounds(call)
        return _paged("AutomationExecutionMetadataList", _heads(runs[first:last]), last, len(runs))
    return _page(call, _heads(runs), "AutomationExecutionMetadataList", RUN_FILTERS)


def _heads(runs: Iterable[Execution]) -> list[dict[str, Any]]:
    records = [run.record() for run in runs]
    return [{k: v for k, v in record.items() if k not in WHOLE_ONLY} for record in records]


WHOLE_ONLY: Final = frozenset({"StepExecutions", "StepExecutionsTruncated", "Parameters"})
"""What GetAutomationExecution alone tells."""

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
    first, last = _bounds(call)
    return _paged(name, found[first:last], last, len(found))


def _bounds(call: ApiCall) -> tuple[int, int]:
    first = int(call.params.get("NextToken") or 0)
    return first, first + int(call.params.get("MaxResults") or PAGE)


def _paged(name: str, shown: list[dict[str, Any]], last: int, count: int) -> dict[str, Any]:
    return {name: shown, **({"NextToken": str(last)} if last < count else {})}


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
