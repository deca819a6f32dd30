"""Files attached to a version of a document, read from where they lie when the version is made."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from botocore.exceptions import ClientError

from netmend.sandbox.api import ApiCall, ApiError
from netmend.sandbox.core import Sandbox

MOST_FILES: Final = 20


@dataclass
class Attachments:
    """The files of the documents of one account and Region, by document name and version."""

    by_version: dict[tuple[str, str], dict[str, bytes]] = field(default_factory=dict)

    def files(self, name: str, version: str) -> Mapping[str, bytes]:
        """The content of each file by its name."""
        return self.by_version.get((name, version), {})

    def drop(self, name: str, version: str) -> None:
        """Forget the files of a version that is deleted."""
        self.by_version.pop((name, version), None)


def fetch(sandbox: Sandbox, call: ApiCall) -> dict[str, bytes]:
    """The files that a CreateDocument or UpdateDocument names; raises ApiError."""
    files: dict[str, bytes] = {}
    for source in call.params.get("Attachments") or []:
        if not source.get("Values"):
            raise _invalid("an attachment has no Values")
        for name, content in READERS[source["Key"]](sandbox, call, source):
            if name in files:
                raise _invalid(f"two attachments are called {name}")
            files[name] = content
    if len(files) > MOST_FILES:
        raise _invalid(f"{len(files)} files are attached, of which a document takes {MOST_FILES}")
    return files


def described(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """AttachmentsContent, without the address from which AWS lets one load it."""
    return [
        {
            "Name": name,
            "Size": len(content),
            "Hash": hashlib.sha256(content).hexdigest(),
            "HashType": "Sha256",
        }
        for name, content in files.items()
    ]


Files = list[tuple[str, bytes]]


def _one(sandbox: Sandbox, call: ApiCall, source: Mapping[str, Any]) -> Files:
    bucket, key = _place(source["Values"][0])
    name = str(source.get("Name") or key.rpartition("/")[2])
    return [(name, _read(sandbox, call, bucket, key))]


def _folder(sandbox: Sandbox, call: ApiCall, source: Mapping[str, Any]) -> Files:
    """Name and Values say a folder, of which `files` in the document's content names the files."""
    bucket, prefix = _place(source["Values"][0])
    head = f"{prefix.rstrip('/')}/" if prefix else ""
    client = sandbox.lend("s3", call.region, call.context.get("credentials"))
    try:
        listed = client.list_objects_v2(Bucket=bucket, Prefix=head).get("Contents", [])
    except ClientError as problem:
        raise _unreadable(f"s3://{bucket}/{head}", problem) from None
    keys = [item["Key"] for item in listed if "/" not in item["Key"][len(head) :]]
    return [
        (key[len(head) :], _read(sandbox, call, bucket, key)) for key in keys if key[len(head) :]
    ]


def _reference(sandbox: Sandbox, call: ApiCall, source: Mapping[str, Any]) -> Files:
    """A file of another document of the account: NAME/VERSION/FILE, or NAME/FILE of the latest."""
    document, *version, wanted = str(source["Values"][0]).split("/")
    kept = sandbox.state(Attachments, call.account, call.region).by_version
    found = [
        files[wanted]
        for (name, number), files in kept.items()
        if name == document and wanted in files and version in ([], [number])
    ]
    if not found:
        raise _invalid(f"there is no attachment {source['Values'][0]}")
    return [(str(source.get("Name") or wanted), found[-1])]


READERS: Final = {
    "S3FileUrl": _one,
    "SourceUrl": _folder,
    "AttachmentReference": _reference,
}


def _place(address: str) -> tuple[str, str]:
    """Bucket and key of s3://BUCKET/KEY or of either form of https address."""
    url = urlsplit(address)
    if url.scheme == "s3":
        return url.netloc, url.path.lstrip("/")
    host, path = url.netloc, unquote(url.path.lstrip("/"))
    if url.scheme != "https" or ".amazonaws.com" not in host or not path:
        raise _invalid(f"{address} is no place in S3: give s3://BUCKET/KEY")
    if host.startswith(("s3.", "s3-")):
        bucket, _, key = path.partition("/")
        return bucket, key
    return host.partition(".s3")[0], path


def _read(sandbox: Sandbox, call: ApiCall, bucket: str, key: str) -> bytes:
    client = sandbox.lend("s3", call.region, call.context.get("credentials"))
    try:
        content: bytes = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as problem:
        raise _unreadable(f"s3://{bucket}/{key}", problem) from None
    return content


def _unreadable(address: str, problem: ClientError) -> ApiError:
    return _invalid(f"the attachment {address} cannot be read: {problem}")


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidDocumentContent", message)
