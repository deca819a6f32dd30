"""A mistake in a runbook is told with its place, its remedy, and its cause before all else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netmend.errors import UserError
from netmend.running import document, given, told
from netmend.running.steps import bare
from tests.running.runs import Command

STEP = """\
schemaVersion: '0.3'
mainSteps:
  - name: Look
    action: aws:executeAwsApi
    inputs: {Service: ec2, Api: %s}
"""
MISTAKES: dict[str, tuple[str, str]] = {
    "an undeclared parameter is refused": (
        STEP % "DescribeVpcs, VpcIds: ['{{ Vpc }}']",
        "is not declared - {file}:5:57: there is no parameter Vpc: ",
    ),
    "an action that is not there is refused": (
        (STEP % "DescribeVpcs").replace("AwsApi", "AWSApi"),
        "{file}:4:13: there is no action aws:executeAWSApi: did you mean aws:executeAwsApi?",
    ),
    "an API that is not there fails the run": (
        STEP % "DescribeVpc",
        "{file}:5:33: error unknown-api: boto3's ec2 has no API DescribeVpc - did you mean",
    ),
    "JSON with a comma too many": (
        '{"schemaVersion": "0.3", "mainSteps": [],}',
        "{file}:1:42: no JSON",
    ),
    "nothing at all": ("", "{file}:1:1: no YAML: the document is empty"),
    "more than AWS takes": (
        STEP % "DescribeVpcs" + f"# {'x' * 70_000}\n",
        "{file}: The document has more than 65536 bytes - shorten it: ",
    ),
}


@pytest.mark.parametrize(("text", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_place_and_remedy(
    run: Command, tmp_path: Path, text: str, words: str
) -> None:
    book = tmp_path / "bad.yaml"
    book.write_text(text, encoding="utf-8")
    ran = run(book)
    assert ran.code == 1
    assert words.format(file=book) in ran.progress.splitlines()[-1]


def test_what_moto_refuses_is_shown_as_refused(run: Command, tmp_path: Path) -> None:
    book = tmp_path / "gone.yaml"
    call = "CreateRoute, RouteTableId: '@rt', DestinationCidrBlock: 0.0.0.0/0"
    text = STEP % f"{call}, GatewayId: igw-0123456789abcdef0"
    book.write_text(
        text.replace("'@rt'", "'{{ Table }}'").replace(
            "mainSteps", "parameters: {Table: {type: String}}\nmainSteps"
        ),
        encoding="utf-8",
    )
    network = tmp_path / "network.json"
    described = {"vpcs": {"v": {"cidr": "10.0.0.0/16"}}, "route_tables": {"rt": {"vpc": "v"}}}
    network.write_text(json.dumps(described), encoding="utf-8")
    ran = run(book, "--network", str(network), "-p", "Table=@rt", "--format", "json")
    (write,) = ran.data["writes"]
    assert write["error"] == "InvalidInternetGatewayID.NotFound"
    assert (ran.data["schema_version"], ran.data["failed_step"]) == (1, "Look")


def test_a_message_loses_the_words_around_it() -> None:
    guide = "Please refer to Automation Service Troubleshooting Guide for more diagnosis details."
    assert bare(f"Step fails when it is Polling. It is gone. {guide}") == "It is gone."


TRACES: dict[str, tuple[str, list[str]]] = {
    "what a script raised comes first": (
        'Traceback (most recent call last):\n  File "s.py", line 3, in main\n    go()\nKeyError: 1',
        ["KeyError: 1", "Traceback (most recent call last):", '  File "s.py", line 3, in main'],
    ),
    "with all the lines of its message": (
        "Traceback (most recent call last):\n  File 's.py'\n    go()\nValueError: a\nb",
        ["ValueError: a", "b", "Traceback (most recent call last):"],
    ),
    "another cause stays as it is": ("one\ntwo", ["one", "two"]),
}


@pytest.mark.parametrize(("cause", "lines"), TRACES.values(), ids=TRACES)
def test_a_cause_begins_with_what_was_raised(cause: str, lines: list[str]) -> None:
    assert told.causes(cause)[: len(lines)] == lines


def test_a_cause_cannot_steer_the_terminal() -> None:
    assert told.clean("  a\x1b[2Jb\tc") == "  a\ufffd[2Jb    c"


def test_parameters_come_from_a_file_as_the_aws_cli_names_it(tmp_path: Path) -> None:
    file = tmp_path / "given.json"
    file.write_text('{"A": "b"}', encoding="utf-8")
    assert given.whole(f"file://{file}") == given.whole(f"@{file}") == {"A": "b"}


NAMES: dict[str, tuple[str, str]] = {
    "the heading and the file agree": ("### Document name - Our-CloseIt", "Our-CloseIt"),
    "the heading is of another file": ("### Document name - Our-OpenIt", "CloseIt"),
    "there is no heading": ("Closes it.", "CloseIt"),
}


@pytest.mark.parametrize(("description", "name"), NAMES.values(), ids=NAMES)
def test_a_document_bears_the_name_of_its_heading(
    tmp_path: Path, description: str, name: str
) -> None:
    file = tmp_path / "CloseIt.json"
    file.write_text(json.dumps({"description": description}), encoding="utf-8")
    assert document.read(file).name == name


def test_a_refused_child_is_named_itself(run: Command, tmp_path: Path) -> None:
    child = "aws:executeAutomation\n    inputs: {DocumentName: Little}"
    (tmp_path / "Big.yaml").write_text(
        f"schemaVersion: '0.3'\nmainSteps:\n  - name: Go\n    action: {child}\n", encoding="utf-8"
    )
    little = tmp_path / "Little.yaml"
    little.write_text((STEP % "DescribeVpcs").replace("AwsApi", "Nothing"), encoding="utf-8")
    ran = run(tmp_path / "Big.yaml")
    assert ran.progress.startswith("netmend: Little: InvalidDocumentContent: ")
    assert f"{little}:4:13: " in ran.progress


def test_the_reader_of_a_document_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone\.yaml: No such file"):
        document.read(tmp_path / "gone.yaml")
