"""An action is one function from a call to what came of it: done, or a wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from netmend.sandbox.automation.document import Step
from netmend.sandbox.automation.effects import Effects
from netmend.sandbox.automation.errors import invalid
from netmend.sandbox.automation.scope import Facts, Scope


@dataclass(frozen=True)
class Call:
    """One attempt of a step.

    inputs: resolved; timeout: seconds, or None for no limit; role_credentials: those of the role
    that the document assumes, None where it assumes none.
    """

    step: Step
    inputs: Mapping[str, Any]
    scope: Scope
    facts: Facts
    effects: Effects
    role_credentials: Any
    timeout: float | None

    @property
    def credentials(self) -> Any:
        """Where the document assumes no role, its steps act as the caller who started the run."""
        own = self.role_credentials
        return self.facts.caller_credentials if own is None else own

    def text(self, name: str, default: str = "") -> str:
        """An input that must be a text; the step fails where it is not."""
        value = self.inputs.get(name, default)
        if not isinstance(value, str):
            raise invalid(f"{name} must be a String")
        return value


@dataclass(frozen=True)
class Signal:
    """What SendAutomationSignal brings. type: Approve, Reject, Resume...; sender: an ARN."""

    type: str
    comment: str
    sender: str
    time: float
    payload: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """response: what selectors read; outputs: predefined ones; next_step: where a branch leads.

    variables: new values of the document's variables, by name.
    """

    response: Any = None
    outputs: Mapping[str, Any] = field(default_factory=dict)
    next_step: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Wait:
    """The attempt goes on later: at epoch second `at` with `then`, or by a signal, or never.

    on_signal returns what comes of a signal, or None to wait on; outputs already show meanwhile.
    child: the id of an execution that is waited for: `then` is called when the owner of the runs
    nudges this one after the child has ended, and the child is stopped where the wait is given up.
    """

    doing: str
    at: float | None = None
    then: Callable[[], Outcome] | None = None
    on_signal: Callable[[Signal], Done | None] | None = None
    outputs: dict[str, Any] = field(default_factory=dict)
    child: str = ""


@dataclass(frozen=True)
class Rounds:
    """The step is a loop: its Steps run for each of `values`, or again while `condition` holds.

    limit: how often at most.
    """

    limit: int
    values: Sequence[Any] | None = None
    condition: Mapping[str, Any] | None = None


Outcome = Done | Wait | Rounds


@dataclass(frozen=True)
class Action:
    """run: the function; optional None: whatever the API takes; known_only: inputs in which a
    reference without a value stays as written; literal: inputs in which every one does;
    timeout, longest: default and greatest seconds of an attempt."""

    run: Callable[[Call], Outcome]
    required: frozenset[str] = frozenset()
    optional: frozenset[str] | None = frozenset()
    known_only: frozenset[str] = frozenset()
    literal: frozenset[str] = frozenset()
    timeout: float | None = None
    longest: float | None = None

    def seconds(self, step: Step) -> float | None:
        """How long one attempt of `step` may take."""
        limits = [x for x in (step.timeout_seconds or self.timeout, self.longest) if x is not None]
        return min(limits, default=None)

    def check(self, inputs: Mapping[str, Any]) -> None:
        """The step fails for an input that is missing or unknown, naming it."""
        for name in sorted(self.required - set(inputs)):
            raise invalid(f"the input {name} is missing")
        allowed = None if self.optional is None else self.required | self.optional
        for name in inputs:
            if allowed is not None and name not in allowed:
                raise invalid(f"the input {name} is unknown")
