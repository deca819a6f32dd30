"""aws:executeAutomation starts another runbook and waits until that run has ended."""

from __future__ import annotations

from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from netmend.sandbox.automation.actions.base import Action, Call, Done, Outcome, Wait
from netmend.sandbox.automation.actions.calls import ApiFailed, one, patient
from netmend.sandbox.automation.errors import StepFailed, invalid
from netmend.sandbox.automation.values import compact, plain, text

ENDING: Final = "Execution complete: verified"
SUCCESSES: Final = ("Success", "CompletedWithSuccess")
DEEPEST: Final = 5
"""Levels of runs that start runs; general reference, Systems Manager quotas."""

MOST_TAGS: Final = 5
LISTS: Final = ("Tags", "TargetLocations", "TargetMaps", "Targets")
TEXTS: Final = ("DocumentVersion", "MaxConcurrency", "MaxErrors", "TargetParameterName")


def run(call: Call) -> Outcome:
    """The child acts for the role of this run, or for its caller, unless its document has one."""
    params = _params(call)
    if _depth(call) >= DEEPEST:
        raise StepFailed(f"Runs of runbooks are nested more than {DEEPEST} levels", retry=False)
    return patient(lambda again: _start(again, params), call)


def _start(call: Call, params: dict[str, Any]) -> Wait:
    parent = call.facts.execution_id
    try:
        child = call.effects.start_automation(params, call.credentials, parent)
    except ClientError as problem:
        error = problem.response["Error"]
        operation = "StartAutomationExecution"
        raise ApiFailed(error["Code"], error.get("Message", ""), operation) from problem
    except BotoCoreError as problem:
        raise StepFailed(str(problem)) from problem
    return Wait(
        doing=ENDING,
        child=child,
        then=lambda: _finish(call, child),
        outputs={"ExecutionId": child, "Status": "InProgress"},
    )


def _finish(call: Call, child: str) -> Done:
    record = call.effects.automation(child)
    status = str(record["AutomationExecutionStatus"])
    given = record.get("Outputs") or {}
    output = [item for values in given.values() for item in values]
    outputs = {"Output": output, "ExecutionId": child, "Status": status}
    if status not in SUCCESSES:
        listed = ", ".join(output)
        raise StepFailed(
            f"Failed to run automation with executionId: {child} {status} :"
            f" {{Status=[{status}], Output=[{listed}], ExecutionId=[{child}]}}",
            doing=ENDING,
            outputs=outputs,
        )
    return Done(outputs, outputs)


def _params(call: Call) -> dict[str, Any]:
    """The arguments of StartAutomationExecution."""
    params: dict[str, Any] = {"DocumentName": one(call, "DocumentName")}
    params |= {name: text(call.inputs[name]) for name in TEXTS if call.inputs.get(name)}
    params |= {name: _maps(call, name) for name in LISTS if call.inputs.get(name)}
    if len(params.get("Tags", [])) > MOST_TAGS:
        raise invalid(f"Tags must be at most {MOST_TAGS}")
    parameters = _parameters(call)
    return {**params, "Parameters": parameters} if parameters else params


def _parameters(call: Call) -> dict[str, list[str]]:
    given = call.inputs.get("RuntimeParameters") or {}
    if not isinstance(given, dict):
        raise invalid("RuntimeParameters must be a map")
    # The API takes no empty text: a runbook that hands on '' means the child's own default.
    return {str(name): _texts(value) for name, value in given.items() if value not in (None, "")}


def _texts(value: Any) -> list[str]:
    """Lists of texts, whatever was given: numbers and booleans as text, maps as JSON."""
    items = value if isinstance(value, list) else [value]
    return [item if isinstance(item, str) else compact(plain(item)) for item in items]


def _maps(call: Call, name: str) -> list[Any]:
    value = call.inputs[name]
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, dict) for item in items):
        raise invalid(f"{name} must be a MapList")
    return [_listed(item) for item in items] if name == "Targets" else items


def _listed(target: dict[str, Any]) -> dict[str, Any]:
    """A target's Values may be a reference to one text."""
    values = target.get("Values", [])
    return {**target, "Values": values if isinstance(values, list) else [values]}


def _depth(call: Call) -> int:
    """How many runs stand above this one."""
    depth, above = 0, call.facts.parent_id
    while above and depth < DEEPEST:
        depth += 1
        above = str(call.effects.automation(above).get("ParentAutomationExecutionId") or "")
    return depth


ACTION: Final = Action(
    run,
    required=frozenset({"DocumentName"}),
    optional=frozenset({"RuntimeParameters", *LISTS, *TEXTS}),
)
