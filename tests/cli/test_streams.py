"""Output that cannot be written is never success, and no encoding stops a command."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from netmend import cli
from tests.audit.chains import intent, outcome, sealed
from tests.stacks import ROOT

Captured = pytest.CaptureFixture[str]

RULE = "SECURITY_GROUP_NO_PUBLIC_INGRESS"
PROGRAM = "import sys; from netmend.cli import main; sys.exit(main())"
PORTS = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
ANYWHERE = {"CidrIp": "0.0.0.0/0", "Description": "für → alle"}
GROUP = {
    "GroupId": "sg-0123456789abcdef0",
    "GroupName": "wéb→",
    "OwnerId": "123456789012",
    "IpPermissions": [{**PORTS, "IpRanges": [ANYWHERE]}],
}

COMMANDS: dict[str, list[str]] = {
    "help": ["--help"],
    "a command's help": ["evaluate", "--help"],
    "the version": ["--version"],
    "evaluate": ["evaluate", RULE, "groups.jsonl"],
    "explain in text": ["explain", "groups.jsonl"],
    "explain in md": ["explain", "groups.jsonl", "--format", "md"],
    "explain in json": ["explain", "groups.jsonl", "--format", "json"],
    "explain a rule": ["explain", RULE],
    "report in md": ["report", "chain", "--format", "md"],
    "report a page": ["report", "chain"],
    "report in json": ["report", "chain", "--format", "json"],
    "report to a file": ["report", "chain", "--out", "report.html"],
    "evidence verify": ["evidence", "verify", "chain"],
    "completion": ["completion", "bash"],
    "verify --list": ["verify", "--list"],
    "bundle": ["bundle", "--out", "x.zip"],
}
OF_USERS = tuple(name for name in COMMANDS if name.startswith(("ev", "ex", "rep")))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Inputs with names and words beyond ASCII and Latin-1."""
    (tmp_path / "groups.jsonl").write_text(json.dumps(GROUP), encoding="utf-8")
    for name, body in sealed(intent(1), outcome(1)):
        path = tmp_path / "chain" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_what_does_not_fit_on_the_disk_is_not_success(
    command: list[str], here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    with open("/dev/full", "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert cli.main(command) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == (
        "netmend: standard output: cannot be written: No space left on device"
        " - send it where there is room"
    )


def run(command: list[str], **given: Any) -> subprocess.CompletedProcess[bytes]:
    """The command as a process of its own, which Python ends."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **given.pop("settings", {})}
    arguments = [sys.executable, "-c", PROGRAM, *command]
    return subprocess.run(arguments, stderr=subprocess.PIPE, env=environment, **given)


def to_full(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    with open("/dev/full", "wb") as stream:
        return run(command, stdout=stream)


def to_nobody(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as stream:
        return run(command, stdout=stream)


ENDS: dict[str, tuple[Callable[..., Any], str, list[bytes]]] = {
    "a full disk, text that is kept back": (to_full, "explain in text", [b"cannot be written"]),
    "a full disk, text that is not": (to_full, "evaluate", [b"cannot be written"]),
    "a reader that has left": (to_nobody, "explain in text", []),
    "a reader that has left a long text": (to_nobody, "explain a rule", []),
    "a reader that has left help": (to_nobody, "help", []),
}


@pytest.mark.parametrize(("send", "command", "says"), ENDS.values(), ids=ENDS.keys())
def test_python_ends_with_the_same_code_and_adds_nothing(
    send: Callable[..., Any], command: str, says: list[bytes], here: Path
) -> None:
    ended = send(COMMANDS[command])
    lines = ended.stderr.splitlines()
    assert ended.returncode == 1
    assert [says for says, line in zip(says, lines, strict=True) if says in line] == says


ABSENT: dict[str, tuple[str, str, int, str]] = {
    "standard output": (
        "stdout",
        "evaluate",
        1,
        "netmend: standard output is closed - leave it open, or send it to /dev/null\n",
    ),
    "standard error": ("stderr", "evaluate", 2, ""),
    "standard input": ("stdin", "evaluate", 2, ""),
}


@pytest.mark.parametrize(("stream", "command", "code", "line"), ABSENT.values(), ids=ABSENT.keys())
def test_a_stream_that_is_closed_is_done_without_or_asked_for(
    stream: str,
    command: str,
    code: int,
    line: str,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    monkeypatch.setattr(sys, stream, None)
    assert cli.main(COMMANDS[command]) == code
    assert capsys.readouterr().err == line
    if code == 2:
        getattr(sys, stream).close()


def test_nothing_to_read_is_told_where_standard_input_is_closed(
    monkeypatch: pytest.MonkeyPatch, refused: Callable[..., str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert "standard input is empty" in refused(["evaluate", RULE], 1)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
@pytest.mark.parametrize("name", OF_USERS)
def test_every_encoding_takes_what_users_wrote(
    name: str, encoding: str, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding=encoding, errors="strict")
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert cli.main(COMMANDS[name]) == (2 if "groups.jsonl" in COMMANDS[name] else 0)
    assert "netmend:" not in capsys.readouterr().err
    if name == "report a page":
        page = written.getvalue()
        assert cli.main(COMMANDS["report to a file"]) == 0
        assert page == (here / "report.html").read_bytes()
    elif name == "explain in text":
        assert "(wéb→) is NON_COMPLIANT".encode(encoding, "backslashreplace") in written.getvalue()
    else:
        assert written.getvalue()


SETTINGS: dict[str, dict[str, str]] = {
    "a narrow terminal": {"COLUMNS": "40"},
    "a wide terminal": {"COLUMNS": "300"},
    "a width that is none": {"COLUMNS": "wide"},
    "no colour": {"NO_COLOR": "1"},
    "a dumb terminal": {"TERM": "dumb"},
    "another language": {"LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8"},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS.keys())
def test_the_terminals_settings_change_no_refusal_and_no_code(
    settings: dict[str, str],
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Callable[..., str],
    capsys: Captured,
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert refused(["evalute"], 64).endswith("no such command 'evalute' - did you mean 'evaluate'?")
    assert cli.main(COMMANDS["explain in text"]) == 2
    told, errors = capsys.readouterr()
    assert (errors, "\x1b" in told) == ("", False)


def test_the_c_locale_stops_nothing(here: Path) -> None:
    bare = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    ended = run(COMMANDS["explain in text"], stdout=subprocess.PIPE, settings=bare)
    assert (ended.returncode, ended.stderr) == (2, b"")
    assert rb"(w\xe9b\u2192) is NON_COMPLIANT" in ended.stdout
