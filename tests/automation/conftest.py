"""A world in which every effect of a run is written down and answered from tables."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.automation import Document, Execution, InvokeResult, ScriptResult

START = 1_790_000_000.0  # 2026-09-21T14:13:20Z
FACTS = {
    "execution_id": "11111111-2222-4333-8444-555555555555",
    "document_name": "Netmend-Test",
    "document_version": "1",
    "account": "123456789012",
    "region": "eu-west-1",
    "partition": "aws",
    "executed_by": "arn:aws:iam::123456789012:user/starter",
}


class World:
    """Effects, and the clock that tests move."""

    def __init__(self) -> None:
        self.time = START
        self.functions: dict[str, Callable[[Any], Any]] = {}
        self.apis: dict[str, Callable[..., Any]] = {}
        self.scripts: Callable[..., Any] = lambda **_: None
        self.parameters: dict[str, Any] = {}
        self.children: dict[str, Any] = {}
        self.deny_roles = False
        self.calls: list[Any] = []
        self.published: list[dict[str, str]] = []
        self.credentials: list[Any] = []
        self.changes: list[tuple[str, str]] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.on_change: Callable[[Execution], None] = lambda _: None

    # effects

    def now(self) -> float:
        return self.time

    def api(
        self, service: str, operation: str, params: dict[str, Any], credentials: Any
    ) -> dict[str, Any]:
        self._called(f"{service}:{operation}", params, credentials)
        response = self.apis[f"{service}:{operation}"](**params)
        return {**(response or {}), "ResponseMetadata": {"RequestId": "req-1"}}

    def assume(self, role_arn: str, session_name: str) -> Any:
        if self.deny_roles:
            raise self.error("AccessDenied", "no", "AssumeRole")
        return {"role": role_arn, "session": session_name}

    def invoke(self, function_name: str, payload: Any, credentials: Any) -> InvokeResult:
        self._called(f"lambda:{function_name}", payload, credentials)
        answer = self.functions[function_name](payload)
        return answer if isinstance(answer, InvokeResult) else InvokeResult(json.dumps(answer))

    def script(
        self,
        code: str,
        handler: str,
        payload: Any,
        context: Any,
        credentials: Any,
        timeout: float,
        attachments: Any,
    ) -> ScriptResult:
        self._called("script", payload, credentials)
        answer = self.scripts(
            code=code, handler=handler, payload=payload, context=context, timeout=timeout
        )
        return answer if isinstance(answer, ScriptResult) else ScriptResult(answer)

    def start_automation(self, params: dict[str, Any], credentials: Any, parent: str) -> str:
        self._called("start", params, credentials)
        return "child-1"

    def automation(self, execution_id: str) -> Any:
        return self.children[execution_id]

    def stop_automation(self, execution_id: str) -> None:
        self._called("stop", execution_id, None)

    def get_parameter(self, name: str) -> Any:
        if name not in self.parameters:
            raise self.error("ParameterNotFound", name, "GetParameter")
        return self.parameters[name]

    def publish(self, topic_arn: str, subject: str, message: str, credentials: Any) -> None:
        self._called("sns:Publish", topic_arn, credentials)
        self.published.append({"topic": topic_arn, "subject": subject, "message": message})

    def wake(self, at: float, callback: Callable[[], None]) -> None:
        self.timers.append((at, callback))

    def changed(self, execution: Execution) -> None:
        change = execution.latest_change
        self.changes.append((change.step, change.status))
        self.on_change(execution)

    # what tests use

    @staticmethod
    def error(code: str, message: str, operation: str) -> ClientError:
        return ClientError({"Error": {"Code": code, "Message": message}}, operation)

    @staticmethod
    def parse(*steps: dict[str, Any], **top: Any) -> Document:
        return Document.parse(
            json.dumps({"schemaVersion": "0.3", "mainSteps": list(steps), **top}), "JSON"
        )

    def start(self, document: Document, parameters: Any = None, **facts: Any) -> Execution:
        return Execution(document, parameters or {}, effects=self, **{**FACTS, **facts})

    def run(
        self, *steps: dict[str, Any], given: Any = None, facts: Any = None, **top: Any
    ) -> Execution:
        """Start a document of these steps and go on until it ends or waits."""
        execution = self.start(self.parse(*steps, **top), given, **(facts or {}))
        self.drive(execution)
        return execution

    @staticmethod
    def drive(execution: Execution) -> int:
        turns = 1
        while execution.advance():
            turns += 1
        return turns

    def sleep(self, execution: Execution, seconds: float) -> None:
        """Let time pass, ringing each timer when it is due."""
        until = self.time + seconds
        while due := [timer for timer in self.timers if timer[0] <= until]:
            timer = min(due, key=lambda item: item[0])
            self.timers.remove(timer)
            self.time = max(self.time, timer[0])
            timer[1]()
            self.drive(execution)
        self.time = until

    @staticmethod
    def statuses(execution: Execution) -> dict[str, str]:
        return {run.step.name: run.status for run in execution.steps}

    def named(self) -> list[str]:
        return [name for name, _ in self.calls]

    def _called(self, name: str, params: Any, credentials: Any) -> None:
        self.calls.append((name, params))
        self.credentials.append(credentials)


@pytest.fixture
def world() -> World:
    return World()
