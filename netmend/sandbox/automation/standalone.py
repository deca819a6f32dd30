"""A runbook is run with no sandbox around it: on a clock of its own, on effects that you write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Never

from botocore.exceptions import ClientError

from netmend.sandbox.automation.effects import Effects, InvokeResult, ScriptResult

if TYPE_CHECKING:
    from netmend.sandbox.automation.execution import Execution


class Standalone(Effects):
    """Effects to derive from: each that is not overridden fails the step that needs it, by name.

    start: epoch seconds at which the clock stands. The clock jumps to whatever is waited for.
    """

    def __init__(self, start: float = 0.0) -> None:
        self.time = start
        self._timers: list[tuple[float, Callable[[], None]]] = []

    def run(self, execution: Execution) -> Execution:
        """Go on until the run has ended, or waits for a signal or for nothing that the clock has.

        The clock does not jump while somebody is asked: the question would time out.
        """
        while True:
            while execution.advance():
                continue
            if execution.ended or execution.status == "Waiting" or not self._timers:
                return execution
            self._ring()

    def _ring(self) -> None:
        timer = min(self._timers, key=lambda one: one[0])
        self._timers.remove(timer)
        self.time = max(self.time, timer[0])
        timer[1]()

    def now(self) -> float:
        return self.time

    def wake(self, at: float, callback: Callable[[], None]) -> None:
        self._timers.append((at, callback))

    def changed(self, execution: Execution) -> None:
        """Override to be told of each change of status: `execution.latest_change`."""

    def api(
        self, service: str, operation: str, params: dict[str, Any], credentials: Any
    ) -> Mapping[str, Any]:
        return _lacks("api", f"{service} {operation}")

    def assume(self, role_arn: str, session_name: str) -> Any:
        """Override to give credentials of the role; here every role is its own."""
        return role_arn

    def invoke(self, function_name: str, payload: Any, credentials: Any) -> InvokeResult:
        return _lacks("invoke", function_name)

    def script(
        self,
        code: str,
        handler: str,
        payload: Any,
        context: Mapping[str, str],
        credentials: Any,
        timeout: float,
        attachments: Mapping[str, bytes],
    ) -> ScriptResult:
        return _lacks("script", handler)

    def start_automation(self, params: dict[str, Any], credentials: Any, parent: str) -> str:
        return _lacks("start_automation", params["DocumentName"])

    def automation(self, execution_id: str) -> Mapping[str, Any]:
        return _lacks("automation", execution_id)

    def stop_automation(self, execution_id: str) -> None:
        _lacks("stop_automation", execution_id)

    def get_parameter(self, name: str) -> str | list[str]:
        error = {"Code": "ParameterNotFound", "Message": f"there is no parameter {name}"}
        raise ClientError({"Error": error}, "GetParameter")

    def publish(self, topic_arn: str, subject: str, message: str, credentials: Any) -> None:
        _lacks("publish", topic_arn)


def _lacks(effect: str, what: str) -> Never:
    raise NotImplementedError(f"these effects have no {effect} for {what}")
