"""A run that starts a child for each target or location, so many at once, up to so many errors."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast

from netmend.sandbox.api import ApiError
from netmend.sandbox.automation import Change, SignalError, StatusError
from netmend.sandbox.automation.scope import Facts
from netmend.sandbox.core import Sandbox
from netmend.sandbox.ssm.outside import Outside
from netmend.sandbox.ssm.runs import Run, Runs, later, withdraw

if TYPE_CHECKING:
    from netmend.sandbox.automation import Execution

ACTION: Final = "aws:executeAutomation"
CHILDREN: Final = 10
LOCATIONS: Final = 1
"""MaxConcurrency and TargetLocationMaxConcurrency where they are left out."""

STOPS: Final = ("Cancel", "Complete")


@dataclass
class Branch:
    """One child, started or not. begin: starts it and returns its id; raises ApiError."""

    name: str
    home: tuple[str, str]
    inputs: Mapping[str, Any]
    begin: Callable[[], str]
    members: Mapping[str, Any] = field(default_factory=dict)
    child: str = ""
    status: str = "Pending"
    started: float | None = None
    ended: float | None = None
    failure: str = ""


@dataclass(frozen=True)
class Group:
    """Branches that are begun under one pair of limits. gently: first one, then two, then four."""

    branches: Sequence[Branch]
    concurrency: int
    errors: int
    gently: bool = False

    def count(self, *statuses: str) -> int:
        """How many branches have one of these statuses."""
        return sum(branch.status in statuses for branch in self.branches)

    @property
    def failed(self) -> int:
        """How many ended otherwise than well."""
        return len(self.branches) - self.count("Pending", "InProgress", "Success")

    @property
    def open(self) -> bool:
        """Whether another branch may be begun now."""
        done = len(self.branches) - self.count("Pending", "InProgress")
        most = min(self.concurrency, done + 1) if self.gently else self.concurrency
        return self.count("Pending") > 0 and self.count("InProgress") < most and not self.exceeded

    @property
    def exceeded(self) -> bool:
        """More have failed than may."""
        return self.failed > self.errors


def limit(text: str, total: int) -> int:
    """A number as it is, a percentage as so many of `total`, rounded down."""
    if text.endswith("%"):
        return math.floor(total * int(text[:-1]) / 100)
    return int(text)


class Fleet:
    """The parent of many runs; it has the surface of an Execution (see `runs.Run`)."""

    ended_at: float | None = None
    failure_message = ""
    _stop = ""

    def __init__(
        self,
        sandbox: Sandbox,
        facts: Facts,
        parameters: Mapping[str, Any],
        groups: Sequence[Group],
        members: Mapping[str, Any],
    ) -> None:
        self.facts = facts
        self.parameters = dict(parameters)
        self.status = "Pending"
        self.started = sandbox.clock.time()
        self.latest_change = Change("", self.status, self.started)
        self._sandbox = sandbox
        self._groups = groups
        self._members = members
        self._news = True

    @property
    def branches(self) -> list[Branch]:
        """All of them, in the order in which they are begun."""
        return [branch for group in self._groups for branch in group.branches]

    @property
    def ended(self) -> bool:
        """Nothing will be done any more."""
        return self.ended_at is not None

    @property
    def ready(self) -> bool:
        """Whether `advance` has something to do now."""
        return self._news and not self.ended

    def nudge(self) -> None:
        """A child has ended."""
        self._news = True

    def advance(self) -> bool:
        """Look at the children, and begin the next or end; whether more can be done now."""
        if not self.ready:
            return False
        if self.status == "Pending" and not self._stop:
            self._set_status("InProgress")
        for branch in self._running():
            self._look(branch)
        self._news = self._begin_next()
        if not self._news and not any(self._running()):
            self._finish()
        return self.ready

    def signal(self, kind: str, payload: Mapping[str, list[str]], sender_arn: str) -> None:
        """Raises SignalError: only its children can wait for one."""
        raise SignalError("The signal is not valid for the current Automation execution.")

    def stop(self, kind: str = "Cancel") -> None:
        """Begin no other child; Cancel stops those that run too. Raises StatusError."""
        if self.ended or self._stop or kind not in STOPS:
            raise StatusError("The specified update status operation is not valid.")
        self._stop = kind
        self._news = True
        if kind == "Cancel":
            self._set_status("Cancelling")
            for branch in self._running():
                self._cancel(branch)

    def record(self) -> dict[str, Any]:
        """The AutomationExecution structure, typed as boto3 types it."""
        facts, running = self.facts, list(self._running())
        current = {"CurrentStepName": running[0].name, "CurrentAction": ACTION} if running else {}
        ended = {"ExecutionEndTime": _time(self.ended_at)} if self.ended_at is not None else {}
        failure = {"FailureMessage": self.failure_message} if self.failure_message else {}
        return {
            "AutomationExecutionId": facts.execution_id,
            "DocumentName": facts.document_name,
            "DocumentVersion": facts.document_version,
            "ExecutionStartTime": _time(self.started),
            "AutomationExecutionStatus": self.status,
            "StepExecutions": [self._step(*one) for one in enumerate(self.branches)],
            "StepExecutionsTruncated": False,
            "Parameters": self.parameters,
            "Outputs": {},
            "Mode": "Auto",
            "ExecutedBy": facts.executed_by,
            **self._counters(),
            **self._members,
            **current,
            **ended,
            **failure,
        }

    def _running(self) -> Iterator[Branch]:
        return (branch for branch in self.branches if branch.status == "InProgress")

    def _look(self, branch: Branch) -> None:
        child = self._child(branch)
        if child is not None and child.ended:
            self._end(branch, child.status)
            if branch.status != "Success":
                branch.failure = f"The automation {branch.child} ended {child.status}."

    def _begin_next(self) -> bool:
        """Begin one branch; False where none may be begun before another ends."""
        group = next((one for one in self._groups if one.count("Pending", "InProgress")), None)
        spoilt = any(one.exceeded for one in self._groups)
        if self._stop or spoilt or group is None or not group.open:
            return False
        branch = next(one for one in group.branches if one.status == "Pending")
        branch.status, branch.started = "InProgress", self._sandbox.clock.time()
        try:
            branch.child = branch.begin()
        except ApiError as problem:
            self._end(branch, "Failed")
            branch.failure = str(problem)
        return True

    def _end(self, branch: Branch, status: str) -> None:
        branch.status, branch.ended = status, self._sandbox.clock.time()

    def _child(self, branch: Branch) -> Run | None:
        return self._sandbox.state(Runs, *branch.home).by_id.get(branch.child)

    def _cancel(self, branch: Branch) -> None:
        child = self._child(branch)
        if child is None or child.ended:
            return
        try:
            child.stop("Cancel")
        except StatusError:  # somebody is stopping it already
            return
        withdraw(self._sandbox, child)
        later(self._sandbox, child)

    def _finish(self) -> None:
        failed = next((one for one in self._groups if one.exceeded), None)
        status = "Success" if failed is None and self.branches else "Failed"
        if not self.branches:
            self.failure_message = "There are no targets to run the automation on."
        if failed is not None:
            first = next(one.failure for one in failed.branches if one.failure)
            self.failure_message = (
                f"{failed.failed} of {len(failed.branches)} automations failed, of which"
                f" {failed.errors} may. The first: {first}"
            )
        self.ended_at = self._sandbox.clock.time()
        self._set_status("Cancelled" if self._stop == "Cancel" else status)

    def _set_status(self, status: str) -> None:
        self.status = status
        self.latest_change = Change("", status, self._sandbox.clock.time())
        # It looks at no more of an execution than a fleet has too.
        seen = cast("Execution", self)
        Outside(self._sandbox, self.facts.account, self.facts.region).changed(seen)

    def _step(self, place: int, branch: Branch) -> dict[str, Any]:
        times = {"ExecutionStartTime": branch.started, "ExecutionEndTime": branch.ended}
        failure = {"FailureMessage": branch.failure} if branch.failure else {}
        outputs = {"ExecutionId": [branch.child]} if branch.child else {}
        return {
            "StepName": branch.name,
            "Action": ACTION,
            "StepStatus": branch.status,
            "Inputs": {name: json.dumps(value) for name, value in branch.inputs.items()},
            "Outputs": outputs,
            "StepExecutionId": branch.child or self._unstarted(place),
            "OverriddenParameters": {},
            **{name: _time(moment) for name, moment in times.items() if moment is not None},
            **branch.members,
            **failure,
        }

    def _unstarted(self, place: int) -> str:
        """AWS's own runbooks read a child by the id of its step, so only others need one made."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.facts.execution_id}/{place}"))

    def _counters(self) -> dict[str, Any]:
        statuses = [branch.status for branch in self.branches]
        done, failed = len(statuses) - statuses.count("Pending"), statuses.count("Failed")
        cancelled, late = statuses.count("Cancelled"), statuses.count("TimedOut")
        counted = {
            "TotalSteps": len(statuses),
            "SuccessSteps": statuses.count("Success"),
            "FailedSteps": failed,
            "CancelledSteps": cancelled,
            "TimedOutSteps": late,
        }
        summary = {
            "TotalCount": len(statuses),
            "StartedCount": done,
            "CompletedCount": done - statuses.count("InProgress"),
            "SuccessfulCount": statuses.count("Success"),
            "FailedCount": failed + cancelled + late,
        }
        return {"ProgressCounters": counted, "TargetsSummary": summary}


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
