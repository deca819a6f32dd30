"""Runs are read, answered and stopped."""

from __future__ import annotations

from typing import Any, Final

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.automation import AutomationError
from netmend.sandbox.core import Sandbox
from netmend.sandbox.rates import take
from netmend.sandbox.ssm.runs import Run, later, runs_of, withdraw
from netmend.sandbox.ssm.seeking import sought

STOPS: Final = 50
SIGNALS: Final = 50
"""Bursts: ours, for AWS gives its rates alone. Reading is not throttled: whoever waits for a run
in a test looks at it more often than AWS's three times a second."""

STEPS: Final = {"StartStep": "StepName", "Resume": "StepName", "StopStep": "StepExecutionId"}
"""What a signal must carry, and by which it names a step."""


@operation("ssm", "GetAutomationExecution")
def get(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """One run, as it stands."""
    run = sought(sandbox, call)
    return {"AutomationExecution": runs_of(sandbox, run).told(run)}


@operation("ssm", "SendAutomationSignal")
def signal(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Answer a run that waits."""
    take(sandbox, call.account, call.region, call.operation, 3, SIGNALS)
    run = sought(sandbox, call)
    kind, payload = call.params["SignalType"], call.params.get("Payload") or {}
    _check_step(run, kind, payload)
    try:
        run.signal(kind, payload, call.caller.arn)
    except AutomationError as error:
        raise ApiError(error.code, error.message) from None
    later(sandbox, run)
    return {}


def _check_step(run: Run, kind: str, payload: dict[str, list[str]]) -> None:
    member = STEPS.get(kind, "")
    if not member:
        return
    named = payload.get(member) or []
    steps = [step.get(member) for step in run.record()["StepExecutions"]]
    if named and named[0] not in steps:
        message = f"The automation has no step with the {member} {named[0]}."
        raise ApiError("AutomationStepNotFoundException", message)


@operation("ssm", "StopAutomationExecution")
def stop(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Cancel a run, or let it end after its current step."""
    take(sandbox, call.account, call.region, call.operation, 1, STOPS)
    run = sought(sandbox, call)
    try:
        run.stop(call.params.get("Type") or "Cancel")
    except AutomationError as error:
        raise ApiError(error.code, error.message) from None
    withdraw(sandbox, run)
    later(sandbox, run)
    return {}
