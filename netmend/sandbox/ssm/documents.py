"""Automation documents are checked when they come, and found by name and version."""

from __future__ import annotations

from functools import lru_cache

from moto.ssm.models import ssm_backends

from netmend.sandbox.api import ApiCall, ApiError, guard
from netmend.sandbox.automation import AutomationError, Document
from netmend.sandbox.core import Sandbox


@guard("ssm", "CreateDocument", "UpdateDocument")
def check_document(sandbox: Sandbox, call: ApiCall) -> None:
    """Refuse an Automation document that AWS would refuse."""
    name = call.params["Name"]
    kind = call.params.get("DocumentType") or _type_of(call, name)
    if kind != "Automation":
        return
    try:
        _parsed(call.params["Content"], call.params.get("DocumentFormat") or "JSON")
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


def document(call: ApiCall, name: str, version: str) -> tuple[str, Document]:
    documents = ssm_backends[call.account][call.region]._documents.get(name)
    if documents is None:
        message = f"Automation definition with name {name} was not found."
        raise ApiError("AutomationDefinitionNotFoundException", message)
    wanted = {"$DEFAULT": documents.default_version, "$LATEST": documents.latest_version}
    found = documents.find_by_version(wanted.get(version, version))
    if found is None or found.document_type != "Automation":
        message = f"Automation definition with name {name} has no version {version}."
        raise ApiError("AutomationDefinitionVersionNotFoundException", message)
    return str(found.document_version), _parsed(found.content, found.document_format)


@lru_cache(maxsize=64)
def _parsed(content: str, text_format: str) -> Document:
    return Document.parse(content, text_format)  # 50 ms for a runbook, and it never changes
