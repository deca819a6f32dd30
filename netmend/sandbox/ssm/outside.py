"""What runs do to the world: calls through the sandbox's own gate, as the run's role."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError
from moto.utilities.utils import get_partition

from netmend.sandbox import events, iam
from netmend.sandbox.api import ApiError
from netmend.sandbox.automation import Execution, InvokeResult, ScriptFailed
from netmend.sandbox.core import Sandbox
from netmend.sandbox.ssm.runs import Runs, later

PRINCIPAL: Final = "ssm.amazonaws.com"


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
    ) -> Any:
        raise ScriptFailed("the sandbox does not run aws:executeScript")

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
            for execution in list(runs.by_id.values()):
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
