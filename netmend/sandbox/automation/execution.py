"""A run of a document goes on one step at a time, when its owner calls `advance`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from netmend.sandbox.automation import flow, records, role
from netmend.sandbox.automation.actions.base import Signal
from netmend.sandbox.automation.course import Course
from netmend.sandbox.automation.document import Document
from netmend.sandbox.automation.effects import Effects
from netmend.sandbox.automation.errors import ParametersError, SignalError, StatusError
from netmend.sandbox.automation.parameters import values
from netmend.sandbox.automation.scope import Facts
from netmend.sandbox.automation.variables import defaults

STOPS: Final = ("Cancel", "Complete")


class Execution(Course):
    """One run. Raises ParametersError where StartAutomationExecution would refuse to start it.

    `advance` does one step, or one attempt of it, or one look at what it waits for, and returns
    False once there is nothing to do now. `record` may be called at any time, from any thread.
    """

    _assumed = False
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
        parent_id: str = "",
        attachments: Mapping[str, bytes] | None = None,
    ) -> None:
        facts = Facts(
            execution_id,
            document_name,
            document_version,
            account,
            region,
            partition,
            executed_by,
            caller_credentials,
            parent_id,
            attachments or {},
        )
        given = values(document.parameters, parameters, effects.get_parameter)
        super().__init__(document, facts, given, effects)
        self.variables = defaults(document.variables, self._scope())

    @property
    def ready(self) -> bool:
        """Whether `advance` has something to do now."""
        free = self._hold is None or self._hold.over(self._effects.now()) or self._stopping
        return free and not self.ended and not self._busy

    def record(self) -> dict[str, Any]:
        """The AutomationExecution structure of GetAutomationExecution, typed as boto3 types it."""
        return records.execution_record(self)

    def summary(self) -> dict[str, Any]:
        """`record` without Parameters and StepExecutions: DescribeAutomationExecutions' share."""
        return records.summary(self)

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
        except BaseException as problem:
            if not isinstance(problem, Exception):
                self._die()
            raise
        finally:
            self._busy = False
        return self.ready

    def signal(self, kind: str, payload: Mapping[str, list[str]], sender_arn: str) -> None:
        """SendAutomationSignal; raises SignalError. payload: a Comment, or a StepName to resume."""
        if self._hold is None or self._stopping:
            raise SignalError("The signal is not valid for the current Automation execution.")
        comment = " ".join(payload.get("Comment", []))
        self._hold.signal(Signal(kind, comment, sender_arn, self._effects.now(), payload))

    def nudge(self) -> None:
        """The child that the current step waits for has ended; `advance` looks at it."""
        if self._hold is not None:
            self._hold.nudge()

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
            self._quit()
        elif self._cancel_until is not None and self._effects.now() >= self._cancel_until:
            self._interrupt()
            self._close("Cancelled")
            self._finish()
        elif not self._expire() and (self._hold is not None or self._visited or self._begin()):
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
