"""A runbook file runs to its end, and its steps, its changes and its end are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.running.runs import NETWORK, Command

WEB = ("-p", "GroupId=@web")

ENDS: dict[str, tuple[str, tuple[str, ...], int, str, list[str]]] = {
    "a script, a branch and a call": (
        "close-port.yaml",
        WEB,
        0,
        "Success",
        ["Find", "Decide", "Revoke"],
    ),
    "a branch takes the other way": (
        "close-port.yaml",
        (*WEB, "-p", "Port=23"),
        0,
        "Success",
        ["Find", "Decide", "Nothing"],
    ),
    "a loop over a child": (
        "each.yaml",
        (*WEB, "-p", "Keys=one"),
        0,
        "Success",
        ["Put", "Mark", "EachKey"],
    ),
    "a wait for people ends the command": (
        "ask.yaml",
        ("-p", "SubnetId=@front"),
        2,
        "Waiting",
        ["Rest", "Ask"],
    ),
    "both approve": (
        "ask.yaml",
        ("-p", "SubnetId=@front", "--approve"),
        0,
        "Success",
        ["Rest", "Ask", "Close"],
    ),
    "one rejects": (
        "ask.yaml",
        ("-p", "SubnetId=@front", "--reject"),
        1,
        "Failed",
        ["Rest", "Ask"],
    ),
    "a pause waits": ("pause.yaml", (), 2, "Waiting", ["Hold"]),
    "a pause is resumed": ("pause.yaml", ("--approve",), 0, "Success", ["Hold", "Rest"]),
    "a pause is ended": ("pause.yaml", ("--reject",), 1, "Cancelled", ["Hold"]),
    "a call fails": ("fail.yaml", (), 1, "Failed", ["Look"]),
}


@pytest.mark.parametrize(("book", "options", "code", "status", "steps"), ENDS.values(), ids=ENDS)
def test_it_ends_as_the_document_says(
    run: Command, book: str, options: tuple[str, ...], code: int, status: str, steps: list[str]
) -> None:
    ran = run.seeded(book, *options, "--format", "json")
    assert (ran.code, ran.data["status"]) == (code, status)
    assert [one["name"] for one in ran.data["steps"]] == steps
    assert [line.split()[0].partition("[")[0] for line in table(ran.progress)] == [
        name for name in steps for _ in range(2 if answered(ran.data["steps"], name, code) else 1)
    ]


def table(progress: str) -> list[str]:
    """The lines of steps."""
    return [line for line in progress.splitlines() if " aws:" in line]


def answered(steps: list[dict[str, str]], name: str, code: int) -> bool:
    """Whether a step is told twice: as it waits, and with its answer."""
    action = next(one["action"] for one in steps if one["name"] == name)
    return action in ("aws:approve", "aws:pause") and code != 2


def test_time_jumps_by_the_clock_of_the_sandbox(run: Command) -> None:
    ran = run.seeded("ask.yaml", "-p", "SubnetId=@front", "--approve", "--format", "json")
    rest = next(one for one in ran.data["steps"] if one["name"] == "Rest")
    assert 300 <= rest["seconds"] < 301
    assert "5 min 0 s" in ran.progress


def test_a_step_tells_what_its_script_printed(run: Command) -> None:
    ran = run.seeded("close-port.yaml", *WEB, "--format", "json")
    assert ran.data["steps"][0]["log"] == ["open: 1"]
    assert "  | open: 1\n" in ran.progress


def test_rounds_of_a_loop_are_numbered(run: Command) -> None:
    ran = run.seeded("each.yaml", *WEB, "--format", "json")
    rounds = [one for one in ran.data["steps"] if one.get("loop")]
    assert [(one["name"], one["iteration"], one["value"]) for one in rounds] == [
        ("Mark", 1, "first"),
        ("Mark", 2, "second"),
    ]
    assert "Mark[2]" in ran.progress


def test_a_failure_is_its_bare_cause(run: Command) -> None:
    ran = run("fail.yaml")
    assert "does not exist" in ran.progress
    assert "Troubleshooting Guide" not in ran.progress + ran.told


def test_the_cause_of_a_child_is_the_run_s(run: Command, tmp_path: Path) -> None:
    child = {"name": "Go", "action": "aws:executeAutomation", "inputs": {"DocumentName": "inner"}}
    call = {"Service": "ec2", "Api": "DeleteSecurityGroup", "GroupId": "sg-0123456789abcdef0"}
    inner = {"name": "Drop", "action": "aws:executeAwsApi", "inputs": call}
    for name, step in (("outer", child), ("inner", inner)):
        text = json.dumps({"schemaVersion": "0.3", "mainSteps": [step]})
        (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
    ran = run(tmp_path / "outer.json", "--format", "json")
    assert ran.code == 1
    assert "InvalidGroup.NotFound" in ran.data["cause"]


CHANGES: dict[str, tuple[str, tuple[str, ...], list[str]]] = {
    "rules of a group": (
        "close-port.yaml",
        WEB,
        ["security group", "- ingress tcp 22 from 0.0.0.0/0"],
    ),
    "an attribute of a subnet": (
        "ask.yaml",
        ("-p", "SubnetId=@front", "--approve"),
        ["subnet", "MapPublicIpOnLaunch: true -> false"],
    ),
    "entries and routes": (
        "make.yaml",
        ("-p", "Acl=@edge", "-p", "Table=@out", "-p", "Gateway=@door"),
        ["+ entries ingress 90 deny tcp 22 0.0.0.0/0", "+ routes 0.0.0.0/0 to igw-"],
    ),
    "what a child has made": ("each.yaml", WEB, ["SSM parameter /groups/second created"]),
    "nothing": ("pause.yaml", ("--approve",), ["Nothing has changed."]),
}


@pytest.mark.parametrize(("book", "options", "lines"), CHANGES.values(), ids=CHANGES)
def test_what_changed_is_told(
    run: Command, book: str, options: tuple[str, ...], lines: list[str]
) -> None:
    ran = run.seeded(book, *options)
    for line in lines:
        assert line in ran.told


def test_every_call_that_writes_is_listed(run: Command) -> None:
    ran = run.seeded("each.yaml", *WEB, "--format", "json")
    written = [(one["operation"], one["by"]) for one in ran.data["writes"]]
    one_round = [("StartAutomationExecution", "the run"), ("PutParameter", "the run")]
    assert written == one_round * 2


def test_a_service_that_is_not_described_is_named(run: Command, tmp_path: Path) -> None:
    call = {"Service": "athena", "Api": "CreateWorkGroup", "Name": "team"}
    step = {"name": "Make", "action": "aws:executeAwsApi", "inputs": call}
    book = tmp_path / "other.json"
    book.write_text(json.dumps({"schemaVersion": "0.3", "mainSteps": [step]}), encoding="utf-8")
    ran = run(book)
    assert "athena: it is not described before and after" in ran.told
    assert "athena:CreateWorkGroup Name=team" in ran.told


REFUSED: dict[str, tuple[str, int, str]] = {
    "no document at all": ("[1, 2]", 1, "not well-formed"),
    "broken YAML": ("a: [", 1, "bad.yaml:1:5: no YAML"),
    "an unknown schema": ("schemaVersion: '9.9'\nmainSteps: []", 1, "schemaVersion"),
    "no steps": ("schemaVersion: '0.3'", 1, "mainSteps"),
    "an unknown action": (
        "schemaVersion: '0.3'\nmainSteps: [{name: A, action: 'aws:nothing', inputs: {}}]",
        1,
        "aws:nothing",
    ),
}


@pytest.mark.parametrize(("text", "code", "words"), REFUSED.values(), ids=REFUSED)
def test_a_bad_document_is_one_line(
    run: Command, tmp_path: Path, text: str, code: int, words: str
) -> None:
    book = tmp_path / "bad.yaml"
    book.write_text(text, encoding="utf-8")
    ran = run(book)
    assert (ran.code, ran.told) == (code, "")
    (line,) = ran.progress.splitlines()
    assert line.startswith("netmend: ")
    assert words in line
    assert "unexpected" not in line


WRONG: dict[str, tuple[tuple[str, ...], str]] = {
    "a name that is not declared": (("-p", "Group=x"), "did you mean GroupId?"),
    "a parameter is missing": ((), "needs GroupId (String) - add -p GroupId=..."),
    "no value": (("-p", "GroupId"), "write -p NAME=VALUE"),
    "twice the same text": (("-p", "GroupId=a", "-p", "GroupId=b"), "stands twice"),
    "no JSON": (("--parameters", "{"), "--parameters is not JSON"),
    "JSON, but no object": (("--parameters", "[]"), "is not a JSON object"),
    "a name that no network has": (("-p", "GroupId=@web"), "the network has nothing named 'web'"),
    "both answers": (("--approve", "--reject"), "exclude each other"),
    "two places": (("--network", NETWORK, "--endpoint", "http://127.0.0.1:1"), "exclude"),
    "an endpoint elsewhere": (
        ("-p", "GroupId=x", "--endpoint", "http://192.0.2.1:80"),
        "is no sandbox on this machine",
    ),
    "an endpoint that is encrypted": (
        ("-p", "GroupId=x", "--endpoint", "https://127.0.0.1:80"),
        "is no sandbox on this machine",
    ),
}


@pytest.mark.parametrize(("options", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_command_line_is_one_line(
    run: Command, options: tuple[str, ...], words: str
) -> None:
    ran = run("close-port.yaml", *options)
    assert (ran.code, ran.told) == (64, "")
    (line,) = ran.progress.splitlines()
    assert words in line


def test_a_child_that_lies_nowhere_is_named_before_the_run(run: Command, tmp_path: Path) -> None:
    step = {"name": "Go", "action": "aws:executeAutomation", "inputs": {"DocumentName": "Other"}}
    book = tmp_path / "alone.json"
    book.write_text(json.dumps({"schemaVersion": "0.3", "mainSteps": [step]}), encoding="utf-8")
    ran = run(book)
    assert ran.code == 1
    assert ran.progress.startswith("no document Other lies beside alone.json")
