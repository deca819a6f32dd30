"""The executions of an account and Region, and how they take turns.

As on AWS, only so many run at once: the rest are Pending, in the order in which they were started.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from netmend.sandbox.api import ApiError
from netmend.sandbox.automation.scope import Facts
from netmend.sandbox.core import Sandbox

SINGLE: Final = "single"
CONTROLLED: Final = "rate controlled"
RUNNING: Final = {SINGLE: 100, CONTROLLED: 25}
WAITING: Final = {SINGLE: 5_000, CONTROLLED: 1_000}
"""How many run, and how many more may wait, in an account and Region (service quotas)."""


class Run(Protocol):
    """What the API needs of a run: of an `Execution` of one document, or a `Fleet` of them."""

    facts: Facts
    status: str
    started: float
    parameters: dict[str, Any]

    @property
    def ended(self) -> bool:
        """Nothing will be done any more."""
        ...

    @property
    def ready(self) -> bool:
        """Whether `advance` has something to do now."""
        ...

    def record(self) -> dict[str, Any]:
        """The AutomationExecution structure, typed as boto3 types it."""
        ...

    def advance(self) -> bool:
        """Do one piece of it; whether more can be done now."""
        ...

    def signal(self, kind: str, payload: Mapping[str, list[str]], sender_arn: str) -> None:
        """SendAutomationSignal; raises SignalError."""
        ...

    def nudge(self) -> None:
        """A child has ended."""
        ...

    def stop(self, kind: str = "Cancel") -> None:
        """StopAutomationExecution; raises StatusError."""
        ...


@dataclass(frozen=True)
class About:
    """What is known of a run beside itself.

    members: those of its AutomationExecution structure that it does not know of. lane: where it
    takes its turn, '' for one that needs none. parent: account, Region and id of the run that
    started it. cross_account: it runs in other accounts and Regions.
    """

    members: Mapping[str, Any] = field(default_factory=dict)
    lane: str = SINGLE
    parent: tuple[str, str, str] | None = None
    cross_account: bool = False


@dataclass
class Lane:
    """The ids that run, and those that wait, in their order."""

    running: set[str] = field(default_factory=set)
    waiting: OrderedDict[str, None] = field(default_factory=OrderedDict)


@dataclass
class Runs:
    """The runs of one account and Region by id, in the order of their start."""

    by_id: dict[str, Run] = field(default_factory=dict)
    active: dict[str, Run] = field(default_factory=dict)
    """Those of them that have begun and not ended, as far as is known."""
    about: dict[str, About] = field(default_factory=dict)
    tokens: dict[str, tuple[str, str]] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=lambda: {name: Lane() for name in RUNNING})
    due: set[str] = field(default_factory=set)
    """The ids of those whose next step is queued."""
    lock: Any = field(default_factory=threading.RLock)
    """At the HTTP door calls come in while the engine's thread ends runs."""

    def told(self, run: Run) -> dict[str, Any]:
        """The whole AutomationExecution structure of a run."""
        known = self.about.get(run.facts.execution_id)
        return {**run.record(), **(known.members if known else {})}


def runs_of(sandbox: Sandbox, run: Run) -> Runs:
    """The runs among which this one is."""
    return sandbox.state(Runs, run.facts.account, run.facts.region)


def require_room(runs: Runs, lane: str) -> None:
    """Raise ApiError where a further run could not even wait."""
    full = len(runs.lanes[lane].running) >= RUNNING[lane]
    if full and len(runs.lanes[lane].waiting) >= WAITING[lane]:
        raise ApiError(
            "AutomationExecutionLimitExceededException",
            f"{RUNNING[lane]} automation executions are running and {WAITING[lane]} are waiting",
        )


def admit(sandbox: Sandbox, run: Run, about: About) -> None:
    """Take a new run in: it begins now, or when its turn comes."""
    runs = runs_of(sandbox, run)
    runs.by_id[run.facts.execution_id] = run
    runs.about[run.facts.execution_id] = about
    if about.lane:
        with runs.lock:
            runs.lanes[about.lane].waiting[run.facts.execution_id] = None
        _fill(sandbox, runs, about.lane)
    else:
        runs.active[run.facts.execution_id] = run
        later(sandbox, run)


def withdraw(sandbox: Sandbox, run: Run) -> None:
    """A run that has been stopped waits no longer for its turn."""
    runs = runs_of(sandbox, run)
    for lane in runs.lanes.values():
        with runs.lock:
            lane.waiting.pop(run.facts.execution_id, None)


def later(sandbox: Sandbox, run: Run) -> None:
    """One engine task is one step, so that several runs take turns."""
    runs, name = runs_of(sandbox, run), run.facts.execution_id
    if runs.by_id.get(name) is not run:  # the sandbox was reset while the run waited for a script
        return
    with runs.lock:
        if name in runs.due or any(name in lane.waiting for lane in runs.lanes.values()):
            return
        runs.due.add(name)

    def go_on() -> None:
        runs.due.discard(name)
        more = False
        try:
            more = run.advance()
        finally:  # also where a test has cut the run short
            if run.ended:
                _over(sandbox, run)
        if more:
            later(sandbox, run)

    sandbox.engine.submit(f"automation {name}", go_on)


def _over(sandbox: Sandbox, run: Run) -> None:
    """Make room for the next one, and tell the parent."""
    runs = runs_of(sandbox, run)
    runs.active.pop(run.facts.execution_id, None)
    for name, lane in runs.lanes.items():
        if run.facts.execution_id in lane.running:
            lane.running.remove(run.facts.execution_id)
            _fill(sandbox, runs, name)
    known = runs.about.get(run.facts.execution_id)
    if known is None or known.parent is None:
        return
    account, region, parent_id = known.parent
    parent = sandbox.state(Runs, account, region).by_id.get(parent_id)
    if parent is not None and not parent.ended:
        parent.nudge()
        later(sandbox, parent)


def _fill(sandbox: Sandbox, runs: Runs, name: str) -> None:
    lane, begun = runs.lanes[name], []
    with runs.lock:
        while lane.waiting and len(lane.running) < RUNNING[name]:
            chosen, _ = lane.waiting.popitem(last=False)
            if chosen in runs.by_id:
                lane.running.add(chosen)
                runs.active[chosen] = runs.by_id[chosen]
                begun.append(runs.by_id[chosen])
    for run in begun:  # without the lock: `later` takes the sandbox's own, which calls hold
        later(sandbox, run)
