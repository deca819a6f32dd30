"""What is remembered of each step of a run; the API's records are made from it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from netmend.sandbox.automation.document import Step
from netmend.sandbox.automation.errors import StepFailed


@dataclass(frozen=True)
class Change:
    """One change of status. step: its name, or '' where the run itself changed; time: epoch s."""

    step: str
    status: str
    time: float


@dataclass
class StepRun:
    """A step's last run. status as StepStatus has it; times are epoch seconds.

    scope: the execution's id, or that of the loop's iteration; parent: the loop; round: what the
    loop showed of the iteration; children: a loop's steps, iteration after iteration; beside: the
    steps among which this one stands.
    """

    step: Step
    scope: str
    id: str = ""
    status: str = "Pending"
    visits: int = 0
    attempts: int = 0
    started: float | None = None
    ended: float | None = None
    attempt_started: float = 0.0
    timeout: float | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    failure: StepFailed | None = None
    parent: StepRun | None = None
    round: Mapping[str, Any] = field(default_factory=dict)
    children: list[StepRun] = field(default_factory=list)
    beside: Sequence[Step] = ()

    def __post_init__(self) -> None:
        self.id = self.id or step_id(self.scope, self.step.name, self.visits)

    @property
    def active(self) -> bool:
        """Started and not ended."""
        return self.status in ("InProgress", "Waiting")

    @property
    def deadline(self) -> float | None:
        """When the attempt is out of time."""
        return None if self.timeout is None else self.attempt_started + self.timeout

    def all(self) -> Iterator[StepRun]:
        """This one and, of a loop, all inside it."""
        yield self
        for child in self.children:
            yield from child.all()

    def begin(self, now: float) -> None:
        """Start, or start anew where a later step has led back to this one."""
        self.visits += 1
        self.id = step_id(self.scope, self.step.name, self.visits)
        self.status, self.attempts = "InProgress", 0
        self.started, self.ended = now, None
        self.inputs, self.outputs, self.failure = {}, {}, None
        self.children = []

    def end(self, status: str, now: float, failure: StepFailed | None = None) -> None:
        """Leave the step for good; what it has put out so far stays."""
        self.status, self.ended, self.failure = status, now, failure


def step_id(scope: str, name: str, visit: int) -> str:
    """The same in every repetition of the same run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{scope}/{name}/{visit}"))
