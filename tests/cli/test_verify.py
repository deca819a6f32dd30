"""The checks say what they will do, ask first, and answer in a table or in JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import StringIO

import pytest

from netmend import cli
from netmend.sandbox.core import Sandbox
from netmend.verification.stage import leftovers
from rules.netlib.verified import MUST_PASS
from tests.loop.world import World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with Sandbox() as sandbox:
        yield World(sandbox, mode="observe")


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO(typed))
    for stream in (sys.stdin, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)


USAGE = {
    "without --live or --list": ((), "add --live, or --list"),
    "a check that is none": (("--live", "--only", "3,99"), "there is no check 99 - known: 1, 2, 3"),
    "a check that is no number": (("--live", "--only", "x"), "there is no check x"),
    "a wait of no time": (("--live", "--timeout", "0"), "invalid value for '--timeout'"),
    "a format that is none": (("--live", "--format", "csv"), "invalid value for '--format'"),
}


@pytest.mark.parametrize(("arguments", "said"), USAGE.values(), ids=USAGE)
def test_wrong_use_is_one_line(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["verify", *arguments]) == 64
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


def test_list_needs_no_aws(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [int(line.split()[0]) for line in lines if "must pass" in line] == list(MUST_PASS)


def test_nothing_is_done_where_nobody_can_be_asked(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["verify", "--live"]) == 2
    assert "nobody is at a terminal to ask - add --yes" in capsys.readouterr().err
    assert leftovers(world.client("ec2")) == []


def test_no_is_the_answer_that_leaves_everything_as_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at_a_terminal(monkeypatch, "\n")
    assert cli.main(["verify", "--live"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Account 123456789012, Region us-east-1, as arn:aws:iam::" in err
    assert "netmend-scratch-*" in err
    assert "CreateSecurityGroup" not in err
    assert err.endswith("nothing was checked\n")


def test_yes_at_the_terminal_runs_the_checks(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.settle()
    at_a_terminal(monkeypatch, "y\n")
    assert cli.main(["verify", "--live", "--only", "12"]) == 0
    out = capsys.readouterr().out
    assert " 12  passed       a history begins with the item of laterTime" in out
    assert "1 passed, 0 failed, 0 not checked." in out
    assert "Mode enforce is allowed here." in out


def test_json_alone_is_on_stdout(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.settle()
    asked = ["verify", "--live", "--yes", "--only", "12", "--format", "json"]
    assert cli.main(asked) == 0
    found = json.loads(capsys.readouterr().out)
    assert [c["id"] for c in found["checks"] if c["state"] == "passed"] == [12]


def test_place_without_netmend_is_one_line(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert cli.main(["verify", "--live", "--yes"]) == 1
    err = capsys.readouterr().err
    assert (
        err == "netmend: Netmend is not deployed in eu-west-1 - deploy it first, in mode observe\n"
    )
