"""The Automation API of Systems Manager, on top of the engine in `netmend.sandbox.automation`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError
from moto.ssm.models import ssm_backends
from moto.utilities.utils import get_partition

from netmend.sandbox import events, iam
from netmend.sandbox.api import ApiCall, ApiError, guard, operation
from netmend.sandbox.automation import (
    AutomationError,
    Document,
    Execution,
    InvokeResult,
    ScriptFailed,
)
from netmend.sandbox.core import Sandbox

PRINCIPAL: Final = "ssm.amazonaws.com"
PAGE: Final = 50
REFERENCE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass
class Runs:
    """The executions of one account and Region by id, in the order of their start."""

    by_id: dict[str, Execution] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)


@guard("ssm", "CreateDocument", "UpdateDocument")
def check_document(sandbox: Sandbox, call: ApiCall) -> None:
    """Refuse an Automation document that AWS would refuse."""
    name = call.params["Name"]
    kind = call.params.get("DocumentType") or _type_of(call, name)
    if kind != "Automation":
        return
    try:
        Document.parse(call.params["Content"], call.params.get("DocumentFormat") or "JSON")
    except AutomationError as error:
        raise ApiError(error.code, error.message) from None


def _type_of(call: ApiCall, name: str) -> str:
    documents = ssm_backends[call.account][call.region]._documents
    return str(documents[name].get_default_version().document_type) if name in documents else ""


@guard("ssm", "GetDocument", "DescribeDocument")
def default_version(sandbox: Sandbox, call: ApiCall) -> None:
    """`$DEFAULT` is a name that moto does not know."""
    if call.params.get("DocumentVersion") == "$DEFAULT":
        raise ApiError("NotImplemented", "leave DocumentVersion out for the default version", 501)


@operation("ssm", "StartAutomationExecution")
def start(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Begin a run; the steps are worked off behind the API."""
    for name in ("Targets", "TargetMaps", "TargetLocations", "TargetParameterName"):
        if call.params.get(name):
            raise ApiError("NotImplemented", f"the sandbox starts no runs with {name}", 501)
    runs = sandbox.state(Runs, call.account, call.region)
    token = call.params.get("ClientToken", "")
    if token and token in runs.tokens:
        return {"AutomationExecutionId": runs.tokens[token]}
    execution = _execution(sandbox, call)
    runs.by_id[execution.facts.execution_id] = execution
    if token:
        runs.tokens[token] = execution.facts.execution_id
    _later(sandbox, execution)
    return {"AutomationExecutionId": execution.facts.execution_id}


def _execution(sandbox: Sandbox, call: ApiCall) -> Execution:
    name = call.params["DocumentName"].rpartition("/")[2]
    version, document = _document(call, name, call.params.get("DocumentVersion") or "$DEFAULT")
    effects = Outside(sandbox, call.account, call.region)
    try:
        execution = Execution(
            document,
            call.params.get("Parameters") or {},
            execution_id=sandbox.uuid(),
            document_name=name,
            document_version=version,
            account=call.account,
            region=call.region,
            partition=get_partition(call.region),
            executed_by=call.caller.arn,
            effects=effects,
            caller_credentials=call.context.get("credentials"),
        )
        if role := _role(document, execution):
            iam.require_pass_role(sandbox, call.caller, role, PRINCIPAL)
    except AutomationError as error:
        raise ApiError(error.code, error.message) from None
    return execution


def _role(document: Document, execution: Execution) -> str:
    """The role that a run will take, for which its starter needs iam:PassRole."""
    reference = REFERENCE.fullmatch(document.assume_role)
    if reference is None:
        return document.assume_role
    return str(execution.parameters.get(reference[1]) or "")


def _document(call: ApiCall, name: str, version: str) -> tuple[str, Document]:
    documents = ssm_backends[call.account][call.region]._documents.get(name)
    if documents is None:
        message = f"Automation definition with name {name} was not found."
        raise ApiError("AutomationDefinitionNotFoundException", message)
    wanted = {"$DEFAULT": documents.default_version, "$LATEST": documents.latest_version}
    found = documents.find_by_version(wanted.get(version, version))
    if found is None or found.document_type != "Automation":
        message = f"Automation definition with name {name} has no version {version}."
        raise ApiError("AutomationDefinitionVersionNotFoundException", message)
    return str(found.document_version), Document.parse(found.content, found.document_format)


def _later(sandbox: Sandbox, execution: Execution, at: float | None = None) -> None:
    """One engine task is one step, so that several runs take turns."""

    def go_on() -> None:
        if execution.advance():
            _later(sandbox, execution)

    sandbox.engine.submit(f"automation {execution.facts.execution_id}", go_on, at=at)


@dataclass
class Outside:
    """What runs do to the world: calls through the sandbox's own gate, as the run's role."""

    sandbox: Sandbox
    account: str
    region: str

    def now(self) -> float:
        return self.sandbox.clock.time()

    def client(self, service: str, credentials: Any) -> Any:
        return self.sandbox.client(service, self.region, credentials)

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
            raise ClientError(answer, "AssumeRole") from None  # type: ignore[arg-type]

    def invoke(self, function_name: str, payload: Any, credentials: Any) -> InvokeResult:
        answer = self.client("lambda", credentials).invoke(
            FunctionName=function_name, Payload=json.dumps(payload).encode(), LogType="Tail"
        )
        text = answer["Payload"].read().decode()
        return InvokeResult(text, answer.get("FunctionError", ""), answer.get("LogResult", ""))

    def script(
        self,
        code: str,
        handler: str,
        payload: Any,
        context: Mapping[str, str],
        credentials: Any,
        timeout: float,
    ) -> Any:
        raise ScriptFailed("the sandbox does not run aws:executeScript yet")

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
            for execution in runs.by_id.values():
                if execution.ready:
                    _later(self.sandbox, execution)

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


@operation("ssm", "GetAutomationExecution")
def get(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """One run, as it stands."""
    return {"AutomationExecution": _run(sandbox, call).record()}


@operation("ssm", "DescribeAutomationStepExecutions")
def steps(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The steps of a run, filtered and paged."""
    record = _run(sandbox, call).record()
    return _page(call, record["StepExecutions"], "StepExecutions", STEP_FILTERS)


@operation("ssm", "DescribeAutomationExecutions")
def list_runs(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The runs of this account and Region, newest first."""
    runs = sandbox.state(Runs, call.account, call.region).by_id.values()
    found = []
    for run in reversed(runs):
        record = run.record()
        for absent in ("StepExecutions", "StepExecutionsTruncated", "Parameters"):
            record.pop(absent, None)
        found.append(record)
    return _page(call, found, "AutomationExecutionMetadataList", RUN_FILTERS)


STEP_FILTERS: Final = {
    "StepName": "StepName",
    "Action": "Action",
    "StepExecutionStatus": "StepStatus",
    "StepExecutionId": "StepExecutionId",
}
RUN_FILTERS: Final = {
    "DocumentNamePrefix": "DocumentName",
    "ExecutionStatus": "AutomationExecutionStatus",
    "ExecutionId": "AutomationExecutionId",
    "CurrentAction": "CurrentAction",
}


def _page(
    call: ApiCall, found: list[dict[str, Any]], name: str, filters: Mapping[str, str]
) -> dict[str, Any]:
    for given in call.params.get("Filters") or []:
        key = filters.get(given["Key"])
        if key is None:
            raise ApiError("NotImplemented", f"the sandbox has no filter {given['Key']}", 501)
        prefix = given["Key"].endswith("Prefix")
        found = [f for f in found if _matches(str(f.get(key, "")), given["Values"], prefix)]
    first = int(call.params.get("NextToken") or 0)
    last = first + int(call.params.get("MaxResults") or PAGE)
    return {name: found[first:last], **({"NextToken": str(last)} if last < len(found) else {})}


def _matches(value: str, wanted: Iterable[str], prefix: bool) -> bool:
    return any(value.startswith(w) if prefix else value == w for w in wanted)


@operation("ssm", "SendAutomationSignal")
def signal(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Answer a run that waits."""
    execution = _run(sandbox, call)
    try:
        execution.signal(
            call.params["SignalType"], call.params.get("Payload") or {}, call.caller.arn
        )
    except AutomationError as error:
        raise ApiError(error.code, error.message) from None
    _later(sandbox, execution)
    return {}


@operation("ssm", "StopAutomationExecution")
def stop(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Cancel a run, or let it end after its current step."""
    execution = _run(sandbox, call)
    try:
        execution.stop(call.params.get("Type") or "Cancel")
    except AutomationError as error:
        raise ApiError(error.code, error.message) from None
    _later(sandbox, execution)
    return {}


def _run(sandbox: Sandbox, call: ApiCall) -> Execution:
    wanted = call.params["AutomationExecutionId"]
    found = sandbox.state(Runs, call.account, call.region).by_id.get(wanted)
    if found is None:
        message = f"An automation execution with the ID {wanted} was not found."
        raise ApiError("AutomationExecutionNotFoundException", message)
    return found
