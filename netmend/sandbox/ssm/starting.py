"""StartAutomationExecution: a run begins when its document, parameters and role are in order."""

from __future__ import annotations

import re
from typing import Any, Final

from moto.utilities.utils import get_partition

from netmend.sandbox import iam
from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.automation import AutomationError, Document, Execution
from netmend.sandbox.core import Sandbox
from netmend.sandbox.ssm.documents import document as find_document
from netmend.sandbox.ssm.outside import PRINCIPAL, Outside
from netmend.sandbox.ssm.runs import Runs, later

REFERENCE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")


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
    later(sandbox, execution)
    return {"AutomationExecutionId": execution.facts.execution_id}


def _execution(sandbox: Sandbox, call: ApiCall) -> Execution:
    name = call.params["DocumentName"].rpartition("/")[2]
    version, document = find_document(call, name, call.params.get("DocumentVersion") or "$DEFAULT")
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
        execution.assume()
    except AutomationError as error:
        raise ApiError(error.code, error.message) from None
    return execution


def _role(document: Document, execution: Execution) -> str:
    """The role that a run will take, for which its starter needs iam:PassRole."""
    reference = REFERENCE.fullmatch(document.assume_role)
    if reference is None:
        return document.assume_role
    return str(execution.parameters.get(reference[1]) or "")
