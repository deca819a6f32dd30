"""What runs do to the world: calls through the sandbox's own gate, as the run's role."""

from __future__ import annotations

import base64
import contextlib
import json
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError
from moto.utilities.utils import get_partition

from netmend.sandbox import events, iam
from netmend.sandbox.api import ApiError
from netmend.sandbox.automation import Execution, InvokeResult, ScriptResult, StatusError
from netmend.sandbox.automation.effects import ScriptRunning
from netmend.sandbox.core import Sandbox
from netmend.sandbox.scripts.job import Job
from netmend.sandbox.scripts.running import Scripts, behind, run, variables
from netmend.sandbox.ssm.runs import Runs, later, withdraw

PRINCIPAL: Final = "ssm.amazonaws.com"

PARENT: Final[ContextVar[tuple[str, str, str] | None]] = ContextVar("parent", default=None)
"""(account, Region, id) of the execution whose step calls StartAutomationExecution just now."""


@dataclass
class Outside:
    """The effects of the runs of one account and Region."""

    sandbox: Sandbox
    account: str
    region: str

    def now(self) -> float:
        return self.sandbox.clock.time()

    def client(self, service: str, credentials: Any) -> Any:
        return self.sandbox.lend(service, self.region, credentials)

    def api(
        self, service: str, operation: str, params: dict[str, Any], credentials: Any
    ) -> Mapping[str, Any]:
        client = self.client(service, credentials)
        methods = {api: method for method, api in client.meta.method_to_api_mapping.items()}
        answer: Mapping[str, Any] = getattr(client, methods[operation])(**params)
        return answer

    def assume(self, role_arn: str, session_name: str) -> Any:
        arn = f"arn:{get_partition(self.region)}:ssm:{self.region}:{self.account}"
        try:
            return iam.assume(
                self.sandbox,
                role_arn,
                PRINCIPAL,
                session_name,
                self.region,
                source_account=self.account,
                source_arn=f"{arn}:automation-execution/{session_name}",
            )
        except ApiError as error:
            answer = {"Error": {"Code": error.code, "Message": error.message}}
            raise ClientError(answer, "AssumeRole") from None

    def invoke(self, function_name: str, payload: Any, credentials: Any) -> InvokeResult:
        answer = self.client("lambda", credentials).invoke(
            FunctionName=function_name, Payload=json.dumps(payload).encode(), LogType="Tail"
        )
        text = answer["Payload"].read().decode()
        log = base64.b64decode(answer.get("LogResult", "")).decode()
        return InvokeResult(text, answer.get("FunctionError", ""), log)

    def script(
        self,
        code: str,
        handler: str,
        payload: Any,
        context: Mapping[str, str],
        credentials: Any,
        timeout: float,
        attachments: Mapping[str, bytes],
    ) -> ScriptResult | ScriptRunning:
        """In process to its end; at the door behind the other runs' backs, so that they go on."""
        job_id = self.sandbox.uuid()
        offset = self.sandbox.clock.time() - time.time()
        environment = variables(self.sandbox, self.region, credentials)

        def job(root: str, names: tuple[str, ...]) -> Job:
            text = json.dumps(payload)
            facts = dict(context)
            return Job(job_id, root, names, code, handler, text, facts, environment, offset)

        def result() -> ScriptResult:
            return run(self.sandbox, job, attachments, timeout)

        if self.sandbox.endpoint_url is None:
            return result()
        execution_id = context["automation:EXECUTION_ID"]

        def ended() -> None:
            self.sandbox.engine.submit(f"script {job_id}", lambda: self.nudge(execution_id))

        return ScriptRunning(job_id, behind(result, ended))

    def nudge(self, execution_id: str) -> None:
        """What the execution's step waits for has ended."""
        execution = self.sandbox.state(Runs, self.account, self.region).by_id.get(execution_id)
        if execution is not None and not execution.ended:
            execution.nudge()
            later(self.sandbox, execution)

    def start_automation(self, params: dict[str, Any], credentials: Any, parent: str) -> str:
        token = PARENT.set((self.account, self.region, parent))
        try:
            answer = self.client("ssm", credentials).start_automation_execution(**params)
        finally:
            PARENT.reset(token)
        return str(answer["AutomationExecutionId"])

    def automation(self, execution_id: str) -> Mapping[str, Any]:
        """Also of a run above this one, which may be in another account or Region."""
        places = self.sandbox.states(Runs).values()
        runs = next(runs for runs in places if execution_id in runs.by_id)
        return runs.told(runs.by_id[execution_id])

    def stop_automation(self, execution_id: str) -> None:
        """A script that runs is killed, a child is cancelled; what has ended stays as it is."""
        self.sandbox.state(Scripts, "", "").stop(execution_id)
        child = self.sandbox.state(Runs, self.account, self.region).by_id.get(execution_id)
        if child is None or child.ended:
            return
        with contextlib.suppress(StatusError):  # it is stopping already
            child.stop("Cancel")
        withdraw(self.sandbox, child)
        later(self.sandbox, child)

    def get_parameter(self, name: str) -> str | list[str]:
        found: str = self.client("ssm", None).get_parameter(Name=name)["Parameter"]["Value"]
        return found

    def publish(self, topic_arn: str, subject: str, message: str, credentials: Any) -> None:
        self.client("sns", credentials).publish(
            TopicArn=topic_arn, Subject=subject, Message=message
        )

    def wake(self, at: float, callback: Callable[[], None]) -> None:
        runs = self.sandbox.state(Runs, self.account, self.region)

        def awake() -> None:
            callback()
            for execution in list(runs.active.values()):
                if execution.ready:
                    later(self.sandbox, execution)

        self.sandbox.engine.submit("automation wakes", awake, at=at)

    def changed(self, execution: Execution) -> None:
        change, facts = execution.latest_change, execution.facts
        if change.step:
            return
        events.publish(
            self.sandbox,
            self.account,
            self.region,
            "aws.ssm",
            "EC2 Automation Execution Status-change Notification",
            {
                "ExecutionId": facts.execution_id,
                "Definition": facts.document_name,
                "DefinitionVersion": facts.document_version,
                "Status": change.status,
                "ExecutedBy": facts.executed_by,
            },
        )
