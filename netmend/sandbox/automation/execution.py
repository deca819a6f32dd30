"""A run of a document goes on one step at a time, when its owner calls `advance`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from netmend.sandbox.automation import flow, records, role
from netmend.sandbox.automation.actions.base import Outcome, Signal, Wait
from netmend.sandbox.automation.attempt import attempt, outputs_of
from netmend.sandbox.automation.document import Document, Step
from netmend.sandbox.automation.effects import Effects
from netmend.sandbox.automation.errors import (
    ParametersError,
    SignalError,
    StatusError,
    StepFailed,
    not_emulated,
)
from netmend.sandbox.automation.hold import Hold
from netmend.sandbox.automation.parameters import values
from netmend.sandbox.automation.scope import Facts, Scope
from netmend.sandbox.automation.state import Change, StepRun, step_id

STOPS: Final = ("Cancel", "Complete")
KILLED: Final = StepFailed("the run was killed", kind="Internal")


class Execution:
    """One run. Raises ParametersError where StartAutomationExecution would refuse to start it.

    `advance` does one step, or one attempt of it, or one look at what it waits for, and returns
    False once there is nothing to do now. `record` may be called at any time, from any thread.
    """

    ended_at: float | None = None
    failure_message = ""
    _hold: Hold | None = None
    _role_credentials: Any = None
    _assumed = False
    _stop = ""
    _cancel_until: float | None = None
    _visited = 0
    _busy = False

    def __init__(
        self,
        document: Document,
        parameters: Mapping[str, Any],
        *,
        execution_id: str,
        document_name: str,
        document_version: str,
        account: str,
        region: str,
        partition: str,
        executed_by: str,
        effects: Effects,
        caller_credentials: Any = None,
    ) -> None:
        self.document = document
        self.facts = Facts(
            execution_id,
            document_name,
            document_version,
            account,
            region,
            partition,
            executed_by,
            caller_credentials,
        )
        self.parameters = values(document.parameters, parameters, effects.get_parameter)
        self.steps = [StepRun(s, step_id(execution_id, s.name, 0)) for s in document.steps]
        self.status = "Pending"
        self.started = effects.now()
        self.latest_change = Change("", self.status, self.started)
        self._effects = effects
        self._runs = {run.step.name: run for run in self.steps}
        self._run = self.steps[0]
        self._verdict = flow.Verdict()

    @property
    def ended(self) -> bool:
        """No step will run any more."""
        return self.ended_at is not None

    @property
    def ready(self) -> bool:
        """Whether `advance` has something to do now."""
        free = self._hold is None or self._hold.over(self._effects.now()) or self._stopping
        return free and not self.ended and not self._busy

    @property
    def current(self) -> StepRun | None:
        """The step that is being run or waited for."""
        return self._run if self._run.active else None

    def record(self) -> dict[str, Any]:
        """The AutomationExecution structure of GetAutomationExecution, typed as boto3 types it."""
        return records.execution_record(self)

    def assume(self) -> None:
        """Take the role that the document names; raises ParametersError.

        AWS documents its errors for StartAutomationExecution. `advance` comes here too: then the
        run has started, and ends Failed.
        """
        if not self._assumed:
            self._role_credentials = role.assume(
                self.document, self._scope(), self._effects, self.facts.execution_id
            )
            self._assumed = True

    def advance(self) -> bool:
        """Do one piece of the run; whether more can be done now. Within a turn it does nothing.

        An Exception that leaves here is a defect of the engine or of its owner's effects; any
        other BaseException has ended the run on the spot, as `kill` does, but unannounced.
        """
        if not self.ready:
            return False
        self._busy = True
        try:
            self._turn()
        except Exception:
            raise
        except BaseException:
            self._die()
            raise
        finally:
            self._busy = False
        return self.ready

    def signal(self, kind: str, payload: Mapping[str, list[str]], sender_arn: str) -> None:
        """SendAutomationSignal; raises SignalError. payload: may hold a Comment."""
        if self._hold is None or self._stopping:
            raise SignalError("The signal is not valid for the current Automation execution.")
        comment = " ".join(payload.get("Comment", []))
        self._hold.signal(Signal(kind, comment, sender_arn, self._effects.now()))

    def stop(self, kind: str = "Cancel") -> None:
        """StopAutomationExecution; raises StatusError.

        Cancel goes on with the current step's onCancel and ends Cancelled; Complete runs no other
        step and ends as the steps before have settled. A call under way is let finish, a wait not.
        """
        if self.ended or self._stop or kind not in STOPS:
            raise StatusError("The specified update status operation is not valid.")
        self._stop = kind
        if kind == "Cancel":
            self._set_status("Cancelling")

    def kill(self) -> None:
        """End the run on the spot: it and its current step are Failed, no other step runs."""
        if not self.ended:
            self._die()
            self._effects.changed(self)

    def _turn(self) -> None:
        if self._stopping:
            self._leave()
        elif self._cancel_until is not None and self._effects.now() >= self._cancel_until:
            self._interrupt()
            self._finish()
        elif self._hold is not None or self._visited or self._begin():
            hold = self._hold
            outcome = hold.outcome(self._effects.now()) if hold else self._attempt()
            if not self.ended:  # nobody killed the run meanwhile
                self._take(outcome)

    def _begin(self) -> bool:
        self._set_status("InProgress")
        try:
            self.assume()
        except ParametersError as problem:
            self._verdict = flow.Verdict("Failed", problem.message)
            self._finish()
        return not self.ended

    def _attempt(self) -> Outcome | StepFailed:
        run = self._run
        if not run.active:
            self._visited += 1
            run.begin(self.facts.execution_id, self._effects.now())
            self._change(run.step.name, run.status)
        if self.ended:
            return KILLED
        run.attempts += 1
        run.attempt_started = self._effects.now()
        return attempt(run, self._scope(), self.facts, self._effects, self._role_credentials)

    def _take(self, outcome: Outcome | StepFailed) -> None:
        if isinstance(outcome, Wait):
            return self._wait(outcome)
        self._release()
        if isinstance(outcome, StepFailed):
            return self._fail(outcome)
        try:
            self._run.outputs = outputs_of(self._run.step, outcome)
        except StepFailed as failure:
            return self._fail(failure)
        self._end_step("Success")
        return self._go(flow.after_success(self.document, self._run.step, outcome.next_step))

    def _wait(self, wait: Wait) -> None:
        run = self._run
        self._hold = Hold(wait, run, self._cancel_until)
        run.outputs = wait.outputs
        if wait.on_signal is not None and run.status != "Waiting":
            run.status = "Waiting"
            self._change(run.step.name, run.status)
            if not self._stop:
                self._set_status("Waiting")
        moment = self._hold.moment()
        if moment is not None:
            self._effects.wake(moment, self._hold.wake)

    def _release(self) -> None:
        self._hold = None
        self._run.status = "InProgress"
        if self.status == "Waiting":
            self._set_status("InProgress")

    def _fail(self, failure: StepFailed) -> None:
        run = self._run
        run.outputs = {**run.outputs, **failure.outputs}
        if failure.retry and run.attempts < run.step.max_attempts and not self._stopping:
            run.failure = failure
            return
        self._end_step(failure.status, failure)
        self._verdict.note(run.step, failure)
        self._go(flow.after_failure(self.document, run.step))

    def _go(self, target: Step | None) -> None:
        if self._stopping:
            self._leave()
        elif target is None:
            self._finish()
        elif self._visited >= flow.MAX_STEPS:
            endless = not_emulated(f"A run of more than {flow.MAX_STEPS} steps")
            self._verdict = flow.Verdict("Failed", endless.message)
            self._finish()
        else:
            self._run = self._runs[target.name]

    def _leave(self) -> None:
        self._interrupt()
        cancels = self._stop == "Cancel" and self._visited > 0
        target = flow.after_cancel(self.document, self._run.step) if cancels else None
        if target is None:
            return self._finish()
        self._run = self._runs[target.name]
        self._cancel_until = self._effects.now() + flow.CANCEL_SECONDS
        return None

    def _interrupt(self) -> None:
        self._hold = None
        if self._run.active:
            self._end_step("Cancelled")

    def _finish(self) -> None:
        if not self.ended:
            self._end("Cancelled" if self._stop == "Cancel" else self._verdict.status)
            self.failure_message = self._verdict.message
            self._effects.changed(self)

    def _die(self) -> None:
        if not self.ended:
            if self._run.active:
                self._run.end("Failed", self._effects.now(), KILLED)
            self._end("Failed")
            self.failure_message = KILLED.message

    def _end(self, status: str) -> None:
        self.status, self.ended_at = status, self._effects.now()
        self.latest_change = Change("", status, self.ended_at)

    @property
    def _stopping(self) -> bool:
        """A stop was asked for and is not yet acted upon."""
        return bool(self._stop) and self._cancel_until is None

    def _scope(self) -> Scope:
        outputs = {name: run.outputs for name, run in self._runs.items()}
        return Scope(self.parameters, outputs, self.facts.system(self._effects.now()))

    def _end_step(self, status: str, failure: StepFailed | None = None) -> None:
        if not self.ended:
            self._run.end(status, self._effects.now(), failure)
            self._change(self._run.step.name, status)

    def _set_status(self, status: str) -> None:
        if not self.ended:
            self.status = status
            self._change("", status)

    def _change(self, step: str, status: str) -> None:
        self.latest_change = Change(step, status, self._effects.now())
        self._effects.changed(self)
