"""Where a run is: at a step of mainSteps, or of the Steps of the loops around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netmend.sandbox.automation import conditions
from netmend.sandbox.automation.actions.base import Rounds
from netmend.sandbox.automation.document import Step
from netmend.sandbox.automation.errors import invalid
from netmend.sandbox.automation.references import Lookup
from netmend.sandbox.automation.state import StepRun


@dataclass
class Loop:
    """A loop under way. run: its own step's; level: the one that it stands in."""

    run: StepRun
    rounds: Rounds
    level: Level
    iteration: int = 0

    def more(self, scope: Lookup) -> bool:
        """Whether another iteration follows; the condition is looked at after each one."""
        if self.rounds.values is not None:
            return self.iteration < min(len(self.rounds.values), self.rounds.limit)
        if not 0 < self.iteration < self.rounds.limit:
            return self.iteration == 0
        try:
            return conditions.holds(self.rounds.condition or {}, conditions.reader(scope))
        except conditions.ConditionError as problem:
            raise invalid(str(problem)) from None


@dataclass
class Level:
    """Steps beside each other and their runs: mainSteps, or one iteration of a loop."""

    steps: Sequence[Step]
    runs: Mapping[str, StepRun]
    loop: Loop | None = None


class Place:
    """The step that a run is at, within the loops around it; and every record so far."""

    def __init__(self, steps: Sequence[Step], execution_id: str) -> None:
        self._top = [StepRun(step, execution_id, beside=steps) for step in steps]
        self._latest = {run.step.name: run for run in self._top}
        self._names = {step.name for top in steps for step in top.all()}
        self.level = Level(steps, dict(self._latest))
        self.run = self._top[0]

    def records(self) -> list[StepRun]:
        """Every step in the document's order, a loop followed by its iterations."""
        return [run for top in self._top for run in top.all()]

    def outputs(self) -> dict[str, Mapping[str, Any]]:
        """By step; of a step inside a loop, those of the last iteration that ran it."""
        latest = {name: run.outputs for name, run in self._latest.items()}
        return {name: latest.get(name, {}) for name in self._names}

    def loops(self) -> Iterator[Loop]:
        """The loops around the current step, the innermost first."""
        loop = self.level.loop
        while loop is not None:
            yield loop
            loop = loop.level.loop

    def active(self) -> list[StepRun]:
        """The current step, where it runs, and the loops around it."""
        around = [loop.run for loop in self.loops()]
        return [run for run in (self.run, *around) if run.active]

    def begin(self, now: float) -> None:
        """The current step starts; what it put out before is forgotten."""
        self.run.begin(now)
        self._latest[self.run.step.name] = self.run

    def enter(self, rounds: Rounds) -> None:
        """The current step turns out to be a loop; its first iteration is still to come."""
        self.run.children = []
        self.run.outputs = {}
        self.level = Level((), {}, Loop(self.run, rounds, self.level))

    def next_round(self) -> None:
        """The innermost loop begins another iteration, at the first of its Steps."""
        loop = self.level.loop
        assert loop is not None  # noqa: S101  only a loop has rounds
        loop.iteration += 1
        loop.run.outputs = {"CurrentIteration": loop.iteration}
        if loop.rounds.values is not None:
            loop.run.outputs["CurrentIteratorValue"] = loop.rounds.values[loop.iteration - 1]
        scope = f"{loop.run.id}/{loop.iteration}"
        shown, steps = dict(loop.run.outputs), loop.run.step.steps
        runs = [StepRun(s, scope, parent=loop.run, round=shown, beside=steps) for s in steps]
        loop.run.children += runs
        self.level = Level(steps, {run.step.name: run for run in runs}, loop)
        self.run = runs[0]

    def leave(self) -> None:
        """Out of the innermost loop, whose own step is then the current one."""
        loop = self.level.loop
        assert loop is not None  # noqa: S101  the caller has looked
        self.run, self.level = loop.run, loop.level

    def leads_out(self, name: str) -> bool:
        """Whether the step of that name stands outside of the innermost loop."""
        return name not in self.level.runs and self.level.loop is not None

    def go(self, name: str) -> None:
        """To a step of the same level."""
        self.run = self.level.runs[name]
