"""A run as a check sees it: which steps it reached, how they ended, and what they gave out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rules.handlers.run import ENDED

WAITING: Final = "Waiting"


@dataclass(frozen=True)
class Run:
    """What GetAutomationExecution says at one moment."""

    id: str
    status: str
    group: str
    executed_by: str
    steps: Mapping[str, Mapping[str, Any]]

    @property
    def ended(self) -> bool:
        """Whether it can do nothing any more."""
        return self.status in ENDED

    @property
    def decision(self) -> str:
        """What Plan decided, "" where that did not come through."""
        return self.output("Plan", "Decision")

    def reached(self, step: str) -> bool:
        """Whether the step was begun."""
        return "ExecutionStartTime" in self.steps.get(step, {})

    def state(self, step: str) -> str:
        """The step's status, in words where the run did not come to it."""
        return str(self.steps[step]["StepStatus"]) if self.reached(step) else "not reached"

    def output(self, step: str, name: str) -> str:
        """A declared output, which AWS shows with or without the step's name before it."""
        outputs = self.steps.get(step, {}).get("Outputs", {})
        return " ".join(outputs.get(name) or outputs.get(f"{step}.{name}") or [])

    def failure(self, step: str) -> str:
        """Why the step failed, in one short line."""
        return " ".join(str(self.steps.get(step, {}).get("FailureMessage", "")).split())[:300]

    @property
    def path(self) -> str:
        """The steps that were begun, with their states: `Plan Success, Decide Success`."""
        return ", ".join(f"{name} {self.state(name)}" for name in self.steps if self.reached(name))


def of(record: Mapping[str, Any]) -> Run:
    """From the AutomationExecution structure."""
    return Run(
        record["AutomationExecutionId"],
        record["AutomationExecutionStatus"],
        "".join(record.get("Parameters", {}).get("ResourceId", [])),
        record.get("ExecutedBy", ""),
        {step["StepName"]: step for step in record.get("StepExecutions", [])},
    )
