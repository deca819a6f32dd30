"""Documents are read and listed: one's own, and those that others share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from moto.ssm.models import Documents, ssm_backends

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.core import Sandbox
from netmend.sandbox.ssm import attachments, library
from netmend.sandbox.ssm.attachments import Attachments
from netmend.sandbox.ssm.documents import described
from netmend.sandbox.ssm.library import AWS_OWNED, Shelf
from netmend.sandbox.ssm.paging import page

FEW: Final = 10
"""ListDocuments shows so many where MaxResults is left out."""

OWNERS: Final = ("Amazon", "Private", "Public", "Self", "ThirdParty", "All")


@operation("ssm", "GetDocument")
def get(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The content of a version, in JSON unless another format is asked for."""
    shelf, version = _asked(call)
    form = str(call.params.get("DocumentFormat") or _usual(version))
    if form == "TEXT" and version.document_format != "TEXT":
        raise ApiError("ValidationException", "A document in JSON or YAML has no form as TEXT.")
    files = sandbox.state(Attachments, shelf.owner, shelf.region).files(
        version.name, version.document_version
    )
    identity = version.identity()
    shown = {name: identity[name] for name in GOT if name in identity}
    more = {"AttachmentsContent": attachments.described(files)} if files else {}
    return {
        **shown,
        "Status": version.status,
        "Content": version.text(form),
        "DocumentFormat": form,
        **more,
    }


GOT: Final = (
    "Name",
    "CreatedDate",
    "DisplayName",
    "VersionName",
    "DocumentVersion",
    "DocumentType",
    "Requires",
)


def _usual(version: Any) -> str:
    return "TEXT" if version.document_format == "TEXT" else "JSON"


@operation("ssm", "DescribeDocument")
def describe(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """A version without its content."""
    shelf, version = _asked(call)
    return {"Document": described(sandbox, call, shelf.documents, version, shelf.owner)}


def _asked(call: ApiCall) -> tuple[Shelf, Any]:
    shelf = library.shelf(call.account, call.region, call.params["Name"])
    wanted = call.params.get("DocumentVersion") or ""
    version = shelf.version(wanted, call.params.get("VersionName") or "")
    if version is None:
        message = f"Document {call.params['Name']} has no such version."
        raise ApiError("InvalidDocumentVersion", message)
    return shelf, version


@operation("ssm", "ListDocumentVersions")
def versions(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """All versions that the caller may see, newest first."""
    shelf = library.shelf(call.account, call.region, call.params["Name"])
    found = [shelf.version(number) for number in shelf.documents.versions]
    ordered = sorted(filter(None, found), key=lambda one: -int(one.document_version))
    shown, token = page(call, ordered, lambda one: str(one.document_version))
    default = shelf.documents.default_version
    return {"DocumentVersions": [_version(one, default) for one in shown], **token}


def _version(version: Any, default: str) -> dict[str, Any]:
    identity = version.identity()
    names = ("Name", "DisplayName", "DocumentVersion", "VersionName", "CreatedDate")
    return {
        **{name: identity[name] for name in (*names, "DocumentFormat") if name in identity},
        "IsDefaultVersion": version.document_version == default,
        "Status": version.status,
    }


@operation("ssm", "ListDocuments")
def list_documents(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The default versions of the documents that pass all filters, by name."""
    filters = _filters(call)
    owners = filters.pop("Owner", [""])
    if len(owners) != 1 or owners[0] not in ("", *OWNERS):
        raise ApiError("InvalidFilterKey", f"Owner takes one of {', '.join(OWNERS)}.")
    defaults = [documents.get_default_version() for documents in _owned(call, owners[0])]
    found = [
        version
        for version in defaults
        if all(_passes(call, version, key, values) for key, values in filters.items())
    ]
    shown, token = page(call, sorted(found, key=_name), _name, FEW)
    return {"DocumentIdentifiers": [_identifier(call, one) for one in shown], **token}


def _name(version: Any) -> str:
    return f"{version.name} {version.owner}"


def _filters(call: ApiCall) -> dict[str, Sequence[str]]:
    old = {one["key"]: [one["value"]] for one in call.params.get("DocumentFilterList") or []}
    new = {one.get("Key", ""): one.get("Values") or [] for one in call.params.get("Filters") or []}
    for key in {**old, **new}:
        if key not in (*FILTERS, "Owner") and not key.startswith("tag:"):
            raise ApiError("InvalidFilterKey", f"The filter key {key} isn't valid.")
    return {**old, **new}


def _owned(call: ApiCall, owner: str) -> list[Documents]:
    own = list(ssm_backends[call.account][call.region]._documents.values())
    if owner in ("Self", "Private"):
        shared = _shared_with(call, call.account) if owner == "Private" else []
        return [one for one in own if not _of_aws(one)] + shared
    if owner == "Amazon":
        return [one for one in own if _of_aws(one)]
    if owner == "Public":
        return _shared_with(call, "all")
    return [] if owner == "ThirdParty" else own


def _of_aws(documents: Documents) -> bool:
    return documents.get_default_version().name.startswith(AWS_OWNED)


def _shared_with(call: ApiCall, whom: str) -> list[Documents]:
    return [
        documents
        for account in list(ssm_backends)
        if account != call.account or whom == "all"
        for documents in ssm_backends[account][call.region]._documents.values()
        if whom in documents.permissions
    ]


def _passes(call: ApiCall, version: Any, key: str, values: Sequence[str]) -> bool:
    if not key.startswith("tag:"):
        return bool(FILTERS[key](version, values))
    return any(
        tag["Key"] == key.removeprefix("tag:") and tag["Value"] in values
        for tag in _tags(call, version)
    )


FILTERS: Final[Mapping[str, Any]] = {
    "Name": lambda version, values: version.name.startswith(tuple(values)),
    "DocumentType": lambda version, values: version.document_type in values,
    "PlatformTypes": lambda version, values: bool(set(version.platform_types) & set(values)),
    "TargetType": lambda version, values: version.target_type in values,
    "SchemaVersion": lambda version, values: version.schema_version in values,
    "SearchKeyword": lambda version, values: any(v.lower() in version.name.lower() for v in values),
    "CloudProviders": lambda version, values: bool(set(version.providers or ["AWS"]) & set(values)),
}


def _identifier(call: ApiCall, version: Any) -> dict[str, Any]:
    tags = _tags(call, version)
    return {**version.identity(), **({"Tags": tags} if tags else {})}


def _tags(call: ApiCall, version: Any) -> list[dict[str, str]]:
    return ssm_backends[version.owner][call.region]._get_documents_tags(version.name)
