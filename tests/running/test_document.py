"""The documents that a run needs are found beside the one that is run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from netmend.errors import UserError
from netmend.running import document


def child(name: str) -> dict[str, Any]:
    return {
        "name": "Go",
        "action": "aws:executeAutomation",
        "inputs": {"DocumentName": name},
    }


def loop(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"name": "Each", "action": "aws:loop", "inputs": {"Steps": list(steps)}}


def write(path: Path, *steps: dict[str, Any], **top: Any) -> Path:
    content = {"schemaVersion": "0.3", "mainSteps": list(steps), **top}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


REST = {"name": "Rest", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}}
CHOICE = {"Which": {"type": "String", "default": "one"}}

FAMILIES: dict[str, tuple[list[dict[str, Any]], dict[str, Any], list[str], list[str]]] = {
    "by the file's name": ([child("one")], {}, ["one", "main"], []),
    "without a prefix": ([child("Example-one")], {}, ["Example-one", "main"], []),
    "in a loop": ([loop(child("one"))], {}, ["one", "main"], []),
    "by an ARN": (
        [child("arn:aws:ssm:us-east-1:123456789012:document/one")],
        {},
        ["one", "main"],
        [],
    ),
    "a child's child": ([child("two")], {}, ["two", "one", "main"], []),
    "by a parameter's default": ([child("{{ Which }}")], {}, ["one", "main"], []),
    "by a given parameter": ([child("{{ Which }}")], {"Which": "two"}, ["two", "one", "main"], []),
    "known only while it runs": ([child("{{ Look.Name }}")], {}, ["main"], []),
    "nowhere": ([child("three")], {}, ["main"], ["three"]),
    "itself": ([child("main")], {}, ["main"], []),
}


@pytest.mark.parametrize(("steps", "given", "found", "missing"), FAMILIES.values(), ids=FAMILIES)
def test_children_are_found(
    tmp_path: Path,
    steps: list[dict[str, Any]],
    given: dict[str, Any],
    found: list[str],
    missing: list[str],
) -> None:
    write(tmp_path / "one.yaml", REST)
    write(tmp_path / "two.json", child("one"))
    book = document.read(write(tmp_path / "main.json", *steps, parameters=CHOICE))
    books, absent = document.family(book, given)
    assert ([one.name for one in books], absent) == (found, missing)


NAMES: dict[str, tuple[str, str]] = {
    "as it is": ("AWS-StopInstance.yaml", "AWS-StopInstance"),
    "what AWS does not allow": ("stop it!.yaml", "stop-it-"),
    "too short": ("a.yaml", "a-runbook"),
}


@pytest.mark.parametrize(("file", "name"), NAMES.values(), ids=NAMES)
def test_a_document_bears_its_file_s_name(tmp_path: Path, file: str, name: str) -> None:
    assert document.read(write(tmp_path / file, REST)).name == name


ROLES: dict[str, tuple[str, str]] = {
    "a parameter": ("{{ Which }}", "Which"),
    "a parameter that is not declared": ("{{ Other }}", ""),
    "an ARN": ("arn:aws:iam::123456789012:role/x", ""),
    "none": ("", ""),
}


@pytest.mark.parametrize(("written", "parameter"), ROLES.values(), ids=ROLES)
def test_the_parameter_of_the_role_is_known(tmp_path: Path, written: str, parameter: str) -> None:
    path = write(tmp_path / "main.json", REST, parameters=CHOICE, assumeRole=written)
    assert document.read(path).role_parameter == parameter


def test_a_file_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "main.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="it is not UTF-8"):
        document.read(path)
    with pytest.raises(UserError, match="name a readable runbook file"):
        document.read(tmp_path / "absent.yaml")
