"""A run that waits holds one of these: what ends the wait, and what has come meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from netmend.sandbox.automation.actions.base import Done, Outcome, Signal, Wait
from netmend.sandbox.automation.attempt import guarded
from netmend.sandbox.automation.errors import SignalError, StepFailed, timed_out
from netmend.sandbox.automation.state import StepRun


@dataclass
class Hold:
    """run: the step that waits; until: when a cancelled run is given up, whatever it waits for."""

    wait: Wait
    run: StepRun
    until: float | None = None
    woken: bool = False
    nudged: bool = False
    answer: Done | StepFailed | None = None

    def moment(self) -> float | None:
        """When the run must be looked at again; None where only a signal can end the wait."""
        moments = [self.wait.at, self.run.deadline, self.until]
        return min((moment for moment in moments if moment is not None), default=None)

    def overdue(self, now: float) -> bool:
        """The moment has come."""
        moment = self.moment()
        return moment is not None and now >= moment

    def over(self, now: float) -> bool:
        """There is something to do."""
        return self.woken or self.answer is not None or self.overdue(now)

    def wake(self) -> None:
        """The timer has rung; on a hold that is over it changes nothing."""
        self.woken = True

    def nudge(self) -> None:
        """The child that is waited for has ended; any other wait goes on."""
        self.nudged = self.woken = self.nudged or bool(self.wait.child)

    def signal(self, signal: Signal) -> None:
        """Take a signal; raises SignalError where none is awaited or the sender may not send it."""
        late = self.answer is not None or self.overdue(signal.time)
        if self.wait.on_signal is None or late:
            raise SignalError("The signal is not valid for the current Automation execution.")
        try:
            self.answer = self.wait.on_signal(signal)
        except StepFailed as failure:
            self.answer = failure

    def outcome(self, now: float) -> Outcome | StepFailed:
        """What comes of the wait now; the wait itself where nothing has come."""
        if self.answer is not None:
            return self.answer
        deadline = self.run.deadline
        # A clock that jumped past both must find what was due before the time was up.
        in_time = self.wait.at is not None and (deadline is None or self.wait.at < deadline)
        if (in_time or self.nudged) and self.wait.then is not None:
            return guarded(self.wait.then)
        if self.overdue(now):
            return timed_out(self.wait.doing, self.run.timeout or 0)
        return self.wait
