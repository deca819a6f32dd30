"""A run as GetAutomationExecution shows it, typed as boto3 types it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from netmend.sandbox.automation import flow
from netmend.sandbox.automation.state import StepRun
from netmend.sandbox.automation.values import compact, plain, text, wire

if TYPE_CHECKING:
    from netmend.sandbox.automation.execution import Execution

NO_OUTPUT: Final = "No output available yet because the step is not successfully executed"
COUNTERS: Final = {
    "SuccessSteps": "Success",
    "FailedSteps": "Failed",
    "CancelledSteps": "Cancelled",
    "TimedOutSteps": "TimedOut",
}


def execution_record(execution: Execution) -> dict[str, Any]:
    """The AutomationExecution structure; members without a value are absent."""
    shown = {
        "StepExecutions": [step_record(run) for run in execution.steps],
        "StepExecutionsTruncated": False,
        "Parameters": {name: wire(v) for name, v in execution.parameters.items()},
    }
    if execution.variables:
        shown["Variables"] = {n: wire(v) for n, v in list(execution.variables.items())}
    return summary(execution) | shown


def summary(execution: Execution) -> dict[str, Any]:
    """What AutomationExecution and AutomationExecutionMetadata have in common."""
    facts = execution.facts
    current = execution.current
    return _present(
        {
            "AutomationExecutionId": facts.execution_id,
            "DocumentName": facts.document_name,
            "DocumentVersion": facts.document_version,
            "ExecutionStartTime": _time(execution.started),
            "ExecutionEndTime": _time(execution.ended_at),
            "AutomationExecutionStatus": execution.status,
            "Outputs": _outputs(execution),
            "FailureMessage": execution.failure_message,
            "Mode": "Auto",
            "ParentAutomationExecutionId": facts.parent_id,
            "ExecutedBy": facts.executed_by,
            "CurrentStepName": current.step.name if current else None,
            "CurrentAction": current.step.action if current else None,
            "Targets": [],
            "ResolvedTargets": {"ParameterValues": [], "Truncated": False},
            "ProgressCounters": _counters(execution.steps),
        }
    )


def step_record(run: StepRun) -> dict[str, Any]:
    """The StepExecution structure of a step, reached or not."""
    step = run.step
    failure = run.failure
    seconds = run.timeout or step.timeout_seconds
    return _present(
        {
            "StepName": step.name,
            "Action": step.action,
            "TimeoutSeconds": None if seconds is None else int(seconds),
            "OnFailure": step.on_failure,
            "MaxAttempts": step.max_attempts,
            "ExecutionStartTime": _time(run.started),
            "ExecutionEndTime": _time(run.ended),
            "StepStatus": run.status,
            "Inputs": {name: compact(plain(value)) for name, value in run.inputs.items()},
            "Outputs": {name: wire(value) for name, value in list(run.outputs.items())},
            "FailureMessage": failure.message if failure else None,
            "FailureDetails": failure.details if failure else None,
            "StepExecutionId": run.id,
            "OverriddenParameters": {},
            "IsEnd": step.is_end,
            "NextStep": step.next_step,
            "IsCritical": step.is_critical,
            "ValidNextSteps": flow.next_steps(run.beside, step),
            "ParentStepDetails": _parent(run),
        }
    )


def _parent(run: StepRun) -> dict[str, Any] | None:
    """The loop around a step, and its iteration; IteratorValue is JSON text, as inputs are."""
    loop = run.parent
    if loop is None:
        return None
    value = run.round.get("CurrentIteratorValue")
    return _present(
        {
            "StepExecutionId": loop.id,
            "StepName": loop.step.name,
            "Action": loop.step.action,
            "Iteration": run.round["CurrentIteration"],
            "IteratorValue": None if value is None else text(plain(value)),
        }
    )


def _outputs(execution: Execution) -> dict[str, list[str]]:
    """The document's outputs; one whose step has not given it says so."""
    shown = {}
    outputs = execution.outputs() if execution.document.outputs else {}
    for name in execution.document.outputs:
        step, _, output = name.partition(".")
        given = outputs[step]
        shown[name] = wire(given[output]) if output in given else [NO_OUTPUT]
    return shown


def _counters(steps: list[StepRun]) -> dict[str, int]:
    counted = {
        name: sum(run.status == status for run in steps) for name, status in COUNTERS.items()
    }
    return {"TotalSteps": len(steps), **counted}


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _present(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in (None, "")}
