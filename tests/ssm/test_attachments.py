"""Files attached to a document are read when it is made, and are there for its scripts."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from netmend.sandbox.ssm.attachments import Attachments
from tests.ssm.world import ACCOUNT, REGION, World, nap, refused

CODE = b"def main(events, context):\n    return {'said': events['Say']}\n"
FILES = {"tools/main.py": CODE, "tools/more.py": b"", "tools/deep/no.py": b"x", "other.py": b"o"}


def bucket(world: World) -> None:
    s3 = world.client("s3")
    s3.create_bucket(Bucket="files")
    for key, content in FILES.items():
        s3.put_object(Bucket="files", Key=key, Body=content)


SOURCES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a file": ({"Key": "S3FileUrl", "Values": ["s3://files/tools/main.py"]}, ["main.py"]),
    "a file by its address": (
        {"Key": "S3FileUrl", "Values": ["https://s3.amazonaws.com/files/tools/main.py"]},
        ["main.py"],
    ),
    "a file by the address of its bucket": (
        {"Key": "S3FileUrl", "Values": ["https://files.s3.us-east-1.amazonaws.com/other.py"]},
        ["other.py"],
    ),
    "a file under another name": (
        {"Key": "S3FileUrl", "Values": ["s3://files/other.py"], "Name": "mine.py"},
        ["mine.py"],
    ),
    "the files of a folder": (
        {"Key": "SourceUrl", "Values": ["s3://files/tools"]},
        ["main.py", "more.py"],
    ),
}


@pytest.mark.parametrize(("source", "names"), SOURCES.values(), ids=SOURCES)
def test_is_attached(world: World, source: dict[str, Any], names: list[str]) -> None:
    bucket(world)
    world.document("Nap", nap(), Attachments=[source])
    kept = world.sandbox.state(Attachments, ACCOUNT, REGION).files("Nap", "1")
    described = world.ssm.describe_document(Name="Nap")["Document"]["AttachmentsInformation"]
    content = world.ssm.get_document(Name="Nap")["AttachmentsContent"]
    assert list(kept) == [one["Name"] for one in described] == names
    assert [one["Hash"] for one in content] == [
        hashlib.sha256(file).hexdigest() for file in kept.values()
    ]


@pytest.mark.parametrize("reference", ["Nap/1/main.py", "Nap/main.py"])
def test_a_file_of_another_document_is_attached(world: World, reference: str) -> None:
    bucket(world)
    source = {"Key": "S3FileUrl", "Values": ["s3://files/tools/main.py"]}
    world.document("Nap", nap(), Attachments=[source])
    world.document(
        "Other", nap(), Attachments=[{"Key": "AttachmentReference", "Values": [reference]}]
    )
    kept = world.sandbox.state(Attachments, ACCOUNT, REGION)
    assert kept.files("Other", "1") == {"main.py": CODE}
    world.ssm.delete_document(Name="Other")
    assert kept.files("Other", "1") == {}


WRONG: dict[str, list[dict[str, Any]]] = {
    "a file that is not there": [{"Key": "S3FileUrl", "Values": ["s3://files/none.py"]}],
    "a bucket that is not there": [{"Key": "SourceUrl", "Values": ["s3://none/tools"]}],
    "an address elsewhere": [{"Key": "S3FileUrl", "Values": ["https://example.com/a.py"]}],
    "S3 without TLS": [
        {"Key": "S3FileUrl", "Values": ["http://s3.amazonaws.com/files/tools/main.py"]}
    ],
    "a reference to nothing": [{"Key": "AttachmentReference", "Values": ["Nap/1/none.py"]}],
    "no values": [{"Key": "S3FileUrl"}],
    "two files of one name": [
        {"Key": "S3FileUrl", "Values": ["s3://files/other.py"]},
        {"Key": "S3FileUrl", "Values": ["s3://files/tools/main.py"], "Name": "other.py"},
    ],
}


@pytest.mark.parametrize("sources", WRONG.values(), ids=WRONG)
def test_is_refused(world: World, sources: list[dict[str, Any]]) -> None:
    bucket(world)
    asked = {"Name": "Nap", "Content": json.dumps(nap()), "DocumentType": "Automation"}
    code, _ = refused(world.ssm.create_document, **asked, Attachments=sources)
    assert code == "InvalidDocumentContent"
    assert world.ssm.list_documents()["DocumentIdentifiers"] == []


def test_a_file_has_the_checksum_that_the_content_says(world: World) -> None:
    bucket(world)
    source = {"Key": "S3FileUrl", "Values": ["s3://files/tools/main.py"]}
    for said, passes in ((hashlib.sha256(CODE).hexdigest(), True), ("0" * 64, False)):
        content = nap(files={"main.py": {"checksums": {"sha256": said}}})
        asked = {"Name": f"Nap{passes}", "Content": json.dumps(content), "Attachments": [source]}
        asked["DocumentType"] = "Automation"
        if passes:
            world.ssm.create_document(**asked)
        else:
            assert refused(world.ssm.create_document, **asked)[0] == "InvalidDocumentContent"


def test_a_script_runs_what_is_attached(world: World) -> None:
    bucket(world)
    inputs = {
        "Runtime": "python3.11",
        "Handler": "main.main",
        "Attachment": "main.py",
        "InputPayload": {"Say": "hello"},
    }
    outputs = [{"Name": "Said", "Selector": "$.Payload.said", "Type": "String"}]
    step = {"name": "Run", "action": "aws:executeScript", "inputs": inputs, "outputs": outputs}
    source = {"Key": "S3FileUrl", "Values": ["s3://files/tools/main.py"]}
    content = {"schemaVersion": "0.3", "outputs": ["Run.Said"], "mainSteps": [step]}
    world.document("Script", content | {"files": {"main.py": {}}}, Attachments=[source])
    assert world.run("Script")["Outputs"] == {"Run.Said": ["hello"]}
