"""The executions of an account and Region, and how they take turns."""

from __future__ import annotations

from dataclasses import dataclass, field

from netmend.sandbox.automation import Execution
from netmend.sandbox.core import Sandbox


@dataclass
class Runs:
    """The executions of one account and Region by id, in the order of their start."""

    by_id: dict[str, Execution] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)


def later(sandbox: Sandbox, execution: Execution, at: float | None = None) -> None:
    """One engine task is one step, so that several runs take turns."""

    def go_on() -> None:
        if execution.advance():
            later(sandbox, execution)

    sandbox.engine.submit(f"automation {execution.facts.execution_id}", go_on, at=at)
