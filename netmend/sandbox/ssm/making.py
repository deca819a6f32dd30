"""An execution is made of a document of the library, its parameters and the role that it takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from botocore.exceptions import ClientError
from moto.utilities.utils import get_partition

from netmend.sandbox import iam
from netmend.sandbox.api import ApiCall, ApiError
from netmend.sandbox.automation import AutomationError, Document, Execution
from netmend.sandbox.automation.role import NOT_ASSUMED
from netmend.sandbox.automation.scope import Facts
from netmend.sandbox.core import Sandbox
from netmend.sandbox.ssm import library
from netmend.sandbox.ssm.attachments import Attachments
from netmend.sandbox.ssm.outside import PRINCIPAL, Outside

REFERENCE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True)
class Order:
    """A StartAutomationExecution to be carried out. parent: see `About`."""

    sandbox: Sandbox
    call: ApiCall
    parent: tuple[str, str, str] | None = None

    def members(self, others: Mapping[str, Any]) -> dict[str, Any]:
        """What the record of the run tells of its start."""
        kin = {"ParentAutomationExecutionId": self.parent[2]} if self.parent else {}
        return {**others, **kin}


@dataclass(frozen=True)
class Runbook:
    """A document in one version, ready to be run."""

    name: str
    version: str
    document: Document
    attachments: Mapping[str, bytes] = field(default_factory=dict)


def runbook(order: Order) -> Runbook:
    """The Automation document that is asked for; raises ApiError in the words of the API."""
    call = order.call
    name = str(call.params["DocumentName"])
    wanted = str(call.params.get("DocumentVersion") or "$DEFAULT")
    shelf = library.find(call.account, call.region, name)
    if shelf is None:
        message = f"Automation definition with name {name} was not found."
        raise ApiError("AutomationDefinitionNotFoundException", message)
    found = shelf.version(wanted)
    if found is None or found.document_type != "Automation":
        message = f"Automation definition with name {name} has no version {wanted}."
        raise ApiError("AutomationDefinitionVersionNotFoundException", message)
    kept = order.sandbox.state(Attachments, shelf.owner, shelf.region)
    version = str(found.document_version)
    return Runbook(
        str(found.name),
        version,
        parsed(found.content, found.document_format),
        kept.files(str(found.name), version),
    )


@lru_cache(maxsize=64)
def parsed(content: str, text_format: str) -> Document:
    """The document of this text; raises DocumentError."""
    return Document.parse(content, text_format)  # 50 ms for a runbook, and it never changes


def facts(order: Order, book: Runbook) -> Facts:
    """What the new run is called and where it runs."""
    call = order.call
    return Facts(
        order.sandbox.uuid(),
        book.name,
        book.version,
        call.account,
        call.region,
        get_partition(call.region),
        call.caller.arn,
        call.context.get("credentials"),
        order.parent[2] if order.parent else "",
        book.attachments,
    )


def execution(
    order: Order, book: Runbook, parameters: Mapping[str, Any], known: Facts | None = None
) -> Execution:
    """A run that has its role and waits to be admitted; raises ApiError."""
    called = known or facts(order, book)
    try:
        made = Execution(
            book.document,
            parameters,
            execution_id=called.execution_id,
            document_name=called.document_name,
            document_version=called.document_version,
            account=called.account,
            region=called.region,
            partition=called.partition,
            executed_by=called.executed_by,
            effects=Outside(order.sandbox, called.account, called.region),
            caller_credentials=called.caller_credentials,
            parent_id=called.parent_id,
            attachments=called.attachments,
        )
        if role := _role(book.document, made):
            iam.require_pass_role(
                order.sandbox, order.call.caller, role, PRINCIPAL, order.call.region
            )
        made.assume()
    except AutomationError as error:
        raise ApiError(error.code, error.message) from None
    return made


def role_credentials(order: Order, book: Runbook, called: Facts) -> Any:
    """What the parent of runs in other accounts acts with; raises ApiError."""
    given = order.call.params.get("Parameters") or {}
    name = role_parameter(book.document)
    declared = {one.name: one.default for one in book.document.parameters}
    role = (given.get(name) or [declared[name]])[0] if name else book.document.assume_role
    if not isinstance(role, str) or not role:
        return called.caller_credentials
    iam.require_pass_role(order.sandbox, order.call.caller, role, PRINCIPAL, order.call.region)
    try:
        return Outside(order.sandbox, called.account, called.region).assume(
            role, called.execution_id
        )
    except ClientError:
        code = "InvalidAutomationExecutionParametersException"
        raise ApiError(code, NOT_ASSUMED) from None


def role_parameter(document: Document) -> str:
    """The name of the parameter that names the role of a document's runs; '' without one."""
    reference = REFERENCE.fullmatch(document.assume_role)
    return reference[1] if reference else ""


def _role(document: Document, made: Execution) -> str:
    """The role that a run will take, for which its starter needs iam:PassRole."""
    name = role_parameter(document)
    return str(made.parameters.get(name) or "") if name else document.assume_role
