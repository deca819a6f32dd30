"""How a run goes from step to step, into loops and out of them, and to its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from netmend.sandbox.automation import flow
from netmend.sandbox.automation.actions.base import Done, Outcome, Rounds, Wait
from netmend.sandbox.automation.attempt import attempt, outputs_of
from netmend.sandbox.automation.document import Document
from netmend.sandbox.automation.effects import Effects
from netmend.sandbox.automation.errors import StepFailed, not_emulated, timed_out
from netmend.sandbox.automation.hold import Hold
from netmend.sandbox.automation.place import Place
from netmend.sandbox.automation.scope import Facts, Scope
from netmend.sandbox.automation.state import Change, StepRun

if TYPE_CHECKING:
    from netmend.sandbox.automation.execution import Execution

KILLED: Final = StepFailed("the run was killed", kind="Internal")


def _late(outcome: Outcome | StepFailed) -> bool:
    return isinstance(outcome, StepFailed) and outcome.status == "TimedOut"


class Course:
    """The state of a run and its moves; `Execution` is what its owner sees of it."""

    ended_at: float | None = None
    failure_message = ""
    _hold: Hold | None = None
    _role_credentials: Any = None
    _stop = ""
    _cancel_until: float | None = None
    _visited = 0

    def __init__(
        self, document: Document, facts: Facts, parameters: dict[str, Any], effects: Effects
    ) -> None:
        self.document = document
        self.facts = facts
        self.parameters = parameters
        self.variables: dict[str, Any] = {}
        self.status = "Pending"
        self.started = effects.now()
        self.latest_change = Change("", self.status, self.started)
        self._effects = effects
        self._place = Place(document.steps, facts.execution_id)
        self._verdict = flow.Verdict()

    @property
    def steps(self) -> list[StepRun]:
        """Every step's record: mainSteps in their order, a loop followed by its iterations."""
        return self._place.records()

    def outputs(self) -> dict[str, Mapping[str, Any]]:
        """By step; of a step inside a loop, those of the last iteration that ran it."""
        return self._place.outputs()

    @property
    def ended(self) -> bool:
        """No step will run any more."""
        return self.ended_at is not None

    @property
    def current(self) -> StepRun | None:
        """The step that is being run or waited for; between the steps of a loop, the loop."""
        return next(iter(self._place.active()), None)

    @property
    def _stopping(self) -> bool:
        """A stop was asked for and is not yet acted upon."""
        return bool(self._stop) and self._cancel_until is None

    def _scope(self) -> Scope:
        return Scope(
            self.parameters,
            self.outputs(),
            self.facts.system(self._effects.now()),
            self.variables,
            {variable.name: variable.type for variable in self.document.variables},
        )

    # one attempt

    def _attempt(self) -> Outcome | StepFailed:
        run = self._place.run
        if not run.active:
            self._visited += 1
            self._place.begin(self._effects.now())
            self._change(run.step.name, run.status)
        if self.ended:
            return KILLED
        run.attempts += 1
        run.attempt_started = self._effects.now()
        return attempt(run, self._scope(), self.facts, self._effects, self._role_credentials)

    def _take(self, outcome: Outcome | StepFailed) -> None:
        if isinstance(outcome, Wait):
            return self._wait(outcome)
        if self._hold is not None:
            self._release(self._hold, in_time=not _late(outcome))
        if isinstance(outcome, StepFailed):
            return self._fail(outcome)
        if isinstance(outcome, Rounds):
            self._place.enter(outcome)
            return self._go(None)
        return self._succeed(outcome)

    def _succeed(self, done: Done) -> None:
        run = self._place.run
        try:
            run.outputs = outputs_of(run.step, done)
        except StepFailed as failure:
            return self._fail(failure)
        self.variables |= done.variables
        self._end_step("Success")
        return self._go(flow.after_success(self._place.level.steps, run.step, done.next_step))

    def _wait(self, wait: Wait) -> None:
        run = self._place.run
        self._hold = Hold(wait, run, self._until())
        run.outputs = wait.outputs
        if wait.on_signal is not None and run.status != "Waiting":
            run.status = "Waiting"
            self._change(run.step.name, run.status)
            if not self._stop:
                self._set_status("Waiting")
        moment = self._hold.moment()
        if moment is not None:
            self._effects.wake(moment, self._hold.wake)

    def _until(self) -> float | None:
        """When the run is looked at whatever it waits for."""
        moments = [loop.run.deadline for loop in self._place.loops()]
        return min((m for m in (*moments, self._cancel_until) if m is not None), default=None)

    def _release(self, hold: Hold, *, in_time: bool) -> None:
        self._hold = None
        if hold.wait.child and not in_time:  # nobody waits for it any more
            self._effects.stop_automation(hold.wait.child)
        hold.run.status = "InProgress"
        if self.status == "Waiting":
            self._set_status("InProgress")

    def _fail(self, failure: StepFailed) -> None:
        run, loop = self._place.run, self._place.level.loop
        run.outputs = {**run.outputs, **failure.outputs}
        if failure.retry and run.attempts < run.step.max_attempts and not self._stopping:
            run.failure = failure
            return
        self._end_step(failure.status, failure)
        if loop is not None and not run.step.on_failure_given:
            if not run.step.is_critical:  # AWS's own runbooks count afterwards what has failed
                return self._go(flow.after_success(self._place.level.steps, run.step))
            self._place.leave()  # AWS: the loop's own onFailure is for what its steps leave open
            return self._fail(failure.inside(run.step.name, loop.iteration))
        self._verdict.note(run.step, failure)
        target = flow.after_failure(self._place.level.steps, run.step)
        if target is None and run.step.on_failure == "Abort":
            self._close(failure.status, failure)
            return self._finish()
        return self._go(target)

    # from step to step

    def _go(self, target: str | None) -> None:
        if self._stopping:
            self._quit()
        elif self._visited >= flow.MAX_STEPS:
            self._give_up(not_emulated(f"A run of more than {flow.MAX_STEPS} steps"))
        elif target is not None:
            self._move(target, "Success")
        elif self._place.level.loop is None:
            self._finish()
        elif self._cancel_until is not None:  # no other iteration on the way out
            self._close("Cancelled")
            self._finish()
        else:
            self._round()

    def _round(self) -> None:
        loop = self._place.level.loop
        try:
            more = loop is not None and loop.more(self._scope())
        except StepFailed as failure:
            self._place.leave()
            return self._fail(failure)
        if more:
            return self._place.next_round()
        self._place.leave()
        step = self._place.run.step
        self._end_step("Success")
        return self._go(flow.after_success(self._place.level.steps, step))

    def _move(self, target: str, status: str) -> None:
        """To the step of that name, out of each loop that does not have it."""
        while self._place.leads_out(target):
            self._place.leave()
            self._end_step(status)
        self._place.go(target)

    def _quit(self) -> None:
        """A stop is acted upon: the current step is over, and onCancel may lead on."""
        step = self._place.run.step
        self._interrupt()
        cancels = self._stop == "Cancel" and self._visited > 0
        target = flow.after_cancel(step) if cancels else None
        if target is None:
            self._close("Cancelled")
            return self._finish()
        self._move(target, "Cancelled")
        self._cancel_until = self._effects.now() + flow.CANCEL_SECONDS
        return None

    def _expire(self) -> bool:
        """Whether the time of a loop around the current step was up; the loop has then failed."""
        now = self._effects.now()
        late = [one for one in self._place.loops() if one.run.deadline and one.run.deadline <= now]
        if not late:
            return False
        self._interrupt()
        while self._place.run is not late[-1].run:
            self._place.leave()
            if self._place.run is not late[-1].run:
                self._end_step("Cancelled")
        self._fail(timed_out("running the steps of the loop", late[-1].run.timeout or 0))
        return True

    def _interrupt(self) -> None:
        """Give up what the current step waits for, and the step."""
        if self._hold is not None:
            self._release(self._hold, in_time=False)
        if self._place.run.active:
            self._end_step("Cancelled")

    def _close(self, status: str, failure: StepFailed | None = None) -> None:
        """Out of all loops, which end with `status`."""
        while (loop := self._place.level.loop) is not None:
            reason = failure and failure.inside(self._place.run.step.name, loop.iteration)
            self._place.leave()
            self._end_step(status, reason)

    # the end

    def _give_up(self, failure: StepFailed) -> None:
        self._verdict = flow.Verdict("Failed", failure.message)
        self._close("Failed", failure)
        self._finish()

    def _finish(self) -> None:
        if not self.ended:
            self._end("Cancelled" if self._stop == "Cancel" else self._verdict.status)
            self.failure_message = self._verdict.message
            self._tell()

    def _die(self) -> None:
        if not self.ended:
            for run in self._place.active():
                run.end("Failed", self._effects.now(), KILLED)
            self._end("Failed")
            self.failure_message = KILLED.message

    def _end(self, status: str) -> None:
        self.status, self.ended_at = status, self._effects.now()
        self.latest_change = Change("", status, self.ended_at)

    # what is told

    def _end_step(self, status: str, failure: StepFailed | None = None) -> None:
        if not self.ended:
            run = self._place.run
            run.end(status, self._effects.now(), failure)
            self._change(run.step.name, status)

    def _set_status(self, status: str) -> None:
        if not self.ended:
            self.status = status
            self._change("", status)

    def _tell(self) -> None:
        self._effects.changed(cast("Execution", self))

    def _change(self, step: str, status: str) -> None:
        self.latest_change = Change(step, status, self._effects.now())
        self._tell()
