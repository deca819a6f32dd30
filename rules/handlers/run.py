"""A run is what Systems Manager says of an execution; nothing in a payload is trusted."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from rules.handlers import rulebook
from rules.handlers.clients import client

EXECUTION_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ENDED: Final = frozenset(
    [
        "Success",
        "TimedOut",
        "Cancelled",
        "Failed",
        "Rejected",
        "CompletedWithSuccess",
        "CompletedWithFailure",
        "Exited",
    ]
)
UNKNOWN: Final = frozenset({"AutomationExecutionNotFoundException"})
CHANGES: Final = frozenset({"aws:executeAwsApi", "aws:executeScript"})
"""Actions of the steps that change the network."""

PREFIX: Final = "Netmend-"


class NotOurRunError(ValueError):
    """The execution is not one of Netmend's runbooks, or its parameters are not theirs."""


@dataclass(frozen=True)
class Step:
    """One step of a run as recorded by Systems Manager."""

    name: str
    action: str
    status: str
    started: datetime | None
    failure: str
    outputs: dict[str, list[str]]
    inputs: dict[str, str]
    response: str


@dataclass(frozen=True)
class Run:
    """One execution of a runbook: which rule and resource it was started for, and its steps."""

    execution: str
    status: str
    document: str
    version: str
    started: datetime
    executed_by: str
    role: str
    rule_name: str
    control: str
    resource: str
    approvers: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def runbook(self) -> str:
        """The document's name without our prefix, as rules name it."""
        return self.document.removeprefix(PREFIX)

    def step(self, name: str) -> Step | None:
        """The step of that name, if the run has reached it."""
        return next((step for step in self.steps if step.name == name), None)


def read(execution: str) -> Run:
    """Read a run by GetAutomationExecution; raises `NotOurRunError` where it is not ours."""
    if not EXECUTION_ID.fullmatch(execution):
        raise NotOurRunError(f"{execution!r} is not an execution id")
    found = client("ssm").get_automation_execution(AutomationExecutionId=execution)
    record = found["AutomationExecution"]
    if not record["DocumentName"].startswith(PREFIX):
        raise NotOurRunError(f"{record['DocumentName']} is not a runbook of Netmend")
    given = record.get("Parameters", {})
    rule_name = _one(given, "ConfigRuleName")
    return Run(
        execution=execution,
        status=record["AutomationExecutionStatus"],
        document=record["DocumentName"],
        version=record.get("DocumentVersion", ""),
        started=record["ExecutionStartTime"],
        executed_by=record.get("ExecutedBy", ""),
        role=_one(given, "AutomationAssumeRole"),
        rule_name=rule_name,
        control=rulebook.control(rule_name),
        resource=_one(given, "ResourceId"),
        approvers=tuple(given.get("Approvers", [])),
        steps=tuple(_step(step) for step in record.get("StepExecutions", [])),
    )


def _one(parameters: Mapping[str, list[str]], name: str) -> str:
    values = parameters.get(name, [])
    if len(values) != 1 or values[0].split() != values:  # `$` in a pattern lets a newline pass
        raise NotOurRunError(f"the execution has no single {name}: {values}")
    return values[0]


def _step(record: Mapping[str, Any]) -> Step:
    return Step(
        record["StepName"],
        record["Action"],
        record["StepStatus"],
        record.get("ExecutionStartTime"),
        record.get("FailureMessage", ""),
        record.get("Outputs", {}),
        record.get("Inputs", {}),
        record.get("Response", ""),
    )


def find(execution: str) -> Run | None:
    """As `read`, and None where Systems Manager no longer knows the execution."""
    try:
        return read(execution)
    except ClientError as error:
        if error.response["Error"]["Code"] in UNKNOWN:
            return None
        raise


def has_ended(execution: str) -> bool:
    """Whether an execution can do nothing any more: it ended, or is no longer known."""
    found = find(execution)
    return found is None or found.status in ENDED


def calls(run: Run) -> list[dict[str, Any]]:
    """The API calls of the run's change steps, with the request ids that AWS gave them."""
    return [
        {
            "step": step.name,
            "status": step.status,
            "request_id": request_id(step),
            "inputs": step.inputs,
            "time": step.started,
        }
        for step in run.steps
        if step.action in CHANGES and step.started is not None
    ]


def request_id(step: Step) -> str:
    """The request id of the API call that a step made, as its declared output shows it."""
    values = step.outputs.get("RequestId") or step.outputs.get(f"{step.name}.RequestId") or [""]
    return values[0]


def told(run: Run, output: str) -> list[dict[str, Any]] | None:
    """What AWS said that the change steps Added or Removed; None where no step has said it.

    Each such output is a MapList: a JSON text for each map, or one for all of them.
    """
    found = [step.outputs[output] for step in run.steps if output in step.outputs]
    return [one for values in found for one in _maps(values)] if found else None


def decisions(step: Step) -> list[dict[str, Any]]:
    """Who answered an aws:approve step, from its ApproverDecisions output."""
    return _maps(step.outputs.get("ApproverDecisions") or ["[]"])


def _maps(values: Iterable[str]) -> list[dict[str, Any]]:
    return [one for value in values for one in _objects(value)]


def _objects(text: str) -> list[dict[str, Any]]:
    """What a text holds; {"unreadable": text} where it was cut, or holds something else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    listed = found if isinstance(found, list) else [found]
    return listed if all(isinstance(one, dict) for one in listed) else [{"unreadable": text}]
