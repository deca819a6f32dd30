"""Documents are made in versions, of which one is the default, and deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from moto.ssm.models import Documents, ssm_backends

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.core import Sandbox
from netmend.sandbox.ssm import attachments
from netmend.sandbox.ssm.attachments import Attachments
from netmend.sandbox.ssm.versions import Version

RESERVED: Final = ("aws-", "amazon", "amzn")
"""AWS reserves AWS- and the like too; they are let in, for runbooks of others call AWS's own."""

MOST_DOCUMENTS: Final = 500
MOST_VERSIONS: Final = 1_000
KEPT: Final = ("DisplayName", "TargetType", "CloudProviders")
"""What a new version takes over from the one before, where the update does not say it."""


@operation("ssm", "CreateDocument")
def create(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Make a document's first version, which is its default."""
    name, known = call.params["Name"], _documents(call)
    if name.startswith(RESERVED):
        message = f"The document name {name} begins with {', '.join(RESERVED)}: AWS's own."
        raise ApiError("ValidationException", message)
    if name in known:
        raise ApiError("DocumentAlreadyExists", f"Document with name {name} already exists.")
    if len(known) >= MOST_DOCUMENTS:
        message = f"You can have at most {MOST_DOCUMENTS} active SSM documents."
        raise ApiError("DocumentLimitExceeded", message)
    made = _version(sandbox, call, "1", call.params)
    known[name] = Documents(made)
    tags = {tag["Key"]: tag["Value"] for tag in call.params.get("Tags") or []}
    if tags:
        ssm_backends[call.account][call.region].add_tags_to_resource("Document", name, tags)
    return {"DocumentDescription": described(sandbox, call, known[name], made)}


@operation("ssm", "UpdateDocument")
def update(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Make a further version, which is not the default yet."""
    found = own(call)
    wanted = call.params.get("DocumentVersion") or found.latest_version
    if wanted not in ("$LATEST", found.latest_version):
        message = f"Only the latest version, {found.latest_version}, can be updated."
        raise ApiError("InvalidDocumentVersion", message)
    if len(found.versions) >= MOST_VERSIONS:
        message = f"A document has at most {MOST_VERSIONS} versions: delete some."
        raise ApiError("DocumentVersionLimitExceeded", message)
    latest = found.versions[found.latest_version]
    made = _version(sandbox, call, str(_newest(found) + 1), _taken_over(latest, call.params))
    _check_new(found, made)
    found.add_new_version(made)
    return {"DocumentDescription": described(sandbox, call, found, made)}


def _taken_over(latest: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    before = (latest.display_name, latest.target_type, latest.providers)
    return {
        **dict(zip(KEPT, before, strict=True)),
        **params,
        "DocumentType": latest.document_type,
        "Requires": latest.requires,
    }


def _newest(found: Documents) -> int:
    return max(int(number) for number in found.versions)


def _check_new(found: Documents, made: Version) -> None:
    if made.version_name and found.find_by_version_name(made.version_name):
        message = "The version name has already been used in this document."
        raise ApiError("DuplicateDocumentVersionName", message)
    same = ("content", "target_type", "attachments", "document_format")
    for version in found.versions.values():
        if all(getattr(version, name) == getattr(made, name) for name in same):
            raise ApiError(
                "DuplicateDocumentContent",
                f"The content is that of version {version.document_version}: change it.",
            )


def _version(sandbox: Sandbox, call: ApiCall, number: str, given: Mapping[str, Any]) -> Version:
    made = Version(call.account, call.params["Name"], number, sandbox.clock.now(), given)
    files = attachments.fetch(sandbox, call)
    _check_files(made, files)
    if files:
        kept = sandbox.state(Attachments, call.account, call.region)
        kept.by_version[made.name, number] = files
    return made


def _check_files(made: Version, files: Mapping[str, bytes]) -> None:
    """The content may say what hash each file must have."""
    declared = made.files if isinstance(made.files, dict) else {}
    for name, entry in declared.items():
        sums = entry.get("checksums") if isinstance(entry, dict) else None
        wanted = sums.get("sha256") if isinstance(sums, dict) else None
        if name in files and wanted and hashlib.sha256(files[name]).hexdigest() != wanted:
            message = f"The attachment {name} has not the checksum that the content says."
            raise ApiError("InvalidDocumentContent", message)


@operation("ssm", "UpdateDocumentDefaultVersion")
def update_default(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Make a version the one that is meant by the bare name."""
    found, number = own(call), call.params["DocumentVersion"]
    if number not in found.versions:
        raise ApiError("InvalidDocumentVersion", f"The document has no version {number}.")
    found.update_default_version(number)
    named = found.versions[number].version_name
    described = {"Name": call.params["Name"], "DefaultVersion": number}
    return {"Description": described | ({"DefaultVersionName": named} if named else {})}


@operation("ssm", "DeleteDocument")
def delete(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Delete a document, or one version that is not its default."""
    found, name = own(call), call.params["Name"]
    if found.is_shared():
        message = "Must unshare document first before delete: ModifyDocumentPermission does it."
        raise ApiError("InvalidDocumentOperation", message)
    numbers = _meant(call, found)
    if found.default_version in numbers and len(numbers) < len(found.versions):
        message = "Default version of the document can't be deleted."
        raise ApiError("InvalidDocumentOperation", message)
    kept = sandbox.state(Attachments, call.account, call.region)
    for number in numbers:
        kept.drop(name, number)
        del found.versions[number]
    if not found.versions:
        del _documents(call)[name]
        ssm_backends[call.account][call.region]._resource_tags["Document"].pop(name, None)
    else:
        found.latest_version = str(_newest(found))
    return {}


def _meant(call: ApiCall, found: Documents) -> list[str]:
    """The versions that a DeleteDocument means: all of them where it names none."""
    number, named = call.params.get("DocumentVersion"), call.params.get("VersionName")
    if not number and not named:
        return list(found.versions)
    aliases = {"$DEFAULT": found.default_version, "$LATEST": found.latest_version}
    number = aliases.get(str(number), number)
    meant = [
        version.document_version
        for version in found.versions.values()
        if number in (None, version.document_version) and named in (None, version.version_name)
    ]
    if not meant:
        raise ApiError("InvalidDocumentVersion", "The document version doesn't exist.")
    return meant


def own(call: ApiCall) -> Documents:
    """The account's own document of that name; raises ApiError."""
    found = _documents(call).get(call.params["Name"])
    if found is None:
        message = f"Document with name {call.params['Name']} does not exist."
        raise ApiError("InvalidDocument", message)
    return found


def described(
    sandbox: Sandbox, call: ApiCall, found: Documents, version: Any, owner: str = ""
) -> dict[str, Any]:
    """The DocumentDescription structure of a version."""
    account = owner or call.account
    kept = sandbox.state(Attachments, account, call.region)
    files = kept.files(version.name, version.document_version)
    tags = ssm_backends[account][call.region]._get_documents_tags(version.name)
    more = {
        "Description": version.description,
        "Parameters": version.parameter_list,
        "Tags": tags,
        "AttachmentsInformation": [{"Name": name} for name in files],
    }
    return {
        **version.identity(),
        "Hash": version.hash,
        "HashType": "Sha256",
        "Status": version.status,
        "LatestVersion": found.latest_version,
        "DefaultVersion": found.default_version,
        **{name: value for name, value in more.items() if value},
    }


def _documents(call: ApiCall) -> dict[str, Documents]:
    return ssm_backends[call.account][call.region]._documents
