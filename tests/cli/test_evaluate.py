"""`netmend evaluate` answers each line as it comes; its exit code is the worst of the answers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from netmend import cli

RULE = "SECURITY_GROUP_NO_PUBLIC_INGRESS"
NETMEND = [sys.executable, "-c", "import sys; from netmend.cli import main; sys.exit(main())"]


def group(name: str, *sources: str) -> bytes:
    """A line: a security group, as Describe gives it, that admits SSH from the sources."""
    ranges = [{"CidrIp": source} for source in sources]
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": ranges}
    empty: dict[str, list[Any]] = {"Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []}
    body = {
        "GroupId": name,
        "GroupName": "web",
        "VpcId": "vpc-0123456789abcdef0",
        "OwnerId": "123456789012",
        "IpPermissions": [{**ssh, **empty}] if sources else [],
        "IpPermissionsEgress": [],
    }
    return json.dumps(body).encode() + b"\n"


OPEN, CLOSED = group("sg-1", "0.0.0.0/0"), group("sg-2", "10.0.0.0/8")

FILES = {
    "nothing": (b"", [], 1),
    "blank lines alone": (b"\n \n", [], 1),
    "a closed group": (CLOSED, ["COMPLIANT"], 0),
    "an open group": (OPEN + CLOSED, ["NON_COMPLIANT", "COMPLIANT"], 2),
    "a line that is no JSON": (b"{\n" + CLOSED, ["error", "COMPLIANT"], 1),
    "an open group and a line that is no JSON": (OPEN + b"{\n", ["NON_COMPLIANT", "error"], 1),
    "a line that is no UTF-8": (CLOSED.replace(b"web", b"\xff"), ["error"], 1),
    "no newline at the end": (OPEN.strip(), ["NON_COMPLIANT"], 2),
}


@pytest.mark.parametrize("from_file", [True, False], ids=["a file", "standard input"])
@pytest.mark.parametrize(("body", "verdicts", "code"), FILES.values(), ids=FILES.keys())
def test_each_line_is_answered_and_the_worst_answer_is_the_exit_code(
    body: bytes,
    verdicts: list[str],
    code: int,
    from_file: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "groups.jsonl"
    file.write_bytes(body)
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(body)))
    assert cli.main(["evaluate", RULE, *([str(file)] if from_file else [])]) == code
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer.get("compliance", "error") for answer in answers] == verdicts


@pytest.mark.parametrize("body", [b"", b"\n\n"], ids=["no line", "blank lines"])
def test_an_empty_input_is_told_in_one_line(
    body: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "groups.jsonl"
    file.write_bytes(body)
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(body)))
    for name, arguments in ((str(file), [str(file)]), ("standard input", [])):
        assert cli.main(["evaluate", RULE, *arguments]) == 1
        line = f"netmend: {name} is empty: nothing was judged - give one JSON object a line\n"
        assert capsys.readouterr() == ("", line)


def test_parameters_decide(tmp_path: Path) -> None:
    file = tmp_path / "groups.jsonl"
    file.write_bytes(OPEN)
    parameters = json.dumps({"GuardedPorts": "3389"})
    assert cli.main(["evaluate", RULE, str(file), "--parameters", parameters]) == 0


REFUSED = {
    "a rule misspelt": (
        ["security_group_no_public_ingres"],
        64,
        f"no rule security_group_no_public_ingres - did you mean {RULE}?",
    ),
    "a file that is not there": (
        [RULE, "nowhere.jsonl"],
        1,
        "nowhere.jsonl: cannot be read: No such file or directory"
        " - name a readable file, or - for standard input",
    ),
}


@pytest.mark.parametrize(("arguments", "code", "line"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_evaluated_is_told_in_one_line(
    arguments: list[str], code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["evaluate", *arguments]) == code
    assert capsys.readouterr() == ("", f"netmend: {line}\n")


def test_a_bad_value_names_parameter_and_value_before_any_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "groups.jsonl"
    file.write_bytes(OPEN)
    parameters = json.dumps({"GuardedPorts": "22-"})
    assert cli.main(["evaluate", RULE, str(file), "--parameters", parameters]) == 64
    told = capsys.readouterr()
    assert told.out == ""
    assert "GuardedPorts" in told.err
    assert "22-" in told.err
    assert told.err.count("\n") == 1


def running(**files: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*NETMEND, "evaluate", RULE], stdin=subprocess.PIPE, **files)


def first_answer(process: subprocess.Popen[bytes]) -> Any:
    """What it says of one line while it waits for the next."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(OPEN)
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def test_an_answer_comes_before_the_next_line_does() -> None:
    with running(stdout=subprocess.PIPE) as process:
        assert first_answer(process)["id"] == "sg-1"
        process.communicate()
        assert process.returncode == 2


def test_an_interrupt_ends_with_130_and_no_word() -> None:
    with running(stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        first_answer(process)
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert process.communicate()[1] == b""


def test_a_reader_that_leaves_gets_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as broken, running(stdout=broken, stderr=subprocess.PIPE) as run:
        assert run.communicate(OPEN * 3)[1] == b""
        assert run.returncode == 1  # not all was said
