"""What cannot be read, written or judged is told, whatever is wrong with the file."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from netmend import cli
from tests.audit.chains import intent, outcome, question, sealed

Refused = Callable[..., str]
Captured = pytest.CaptureFixture[str]

RULE = "SECURITY_GROUP_NO_PUBLIC_INGRESS"
GROUP = "sg-0123456789abcdef0"
SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
CLOSED = json.dumps({"GroupId": GROUP, "OwnerId": "123456789012", "IpPermissions": []}).encode()
OPEN = CLOSED.replace(b"[]", json.dumps([SSH]).encode())
ONE = "one JSON object"

CONTENTS: dict[str, tuple[bytes, str]] = {
    "binary": (bytes(range(256)), "no UTF-8"),
    "in another encoding": (CLOSED.replace(b"sg-", b"\xe9"), "no UTF-8 - encode it so"),
    "as PowerShell redirects it": (CLOSED.decode().encode("utf-16"), "no UTF-8 - encode it so"),
    "cut off": (CLOSED[:-5], ONE),
    "an id that stands twice": (
        CLOSED.replace(b"{", b'{"GroupId": "sg-1", ', 1),
        "'GroupId' stands twice in one object",
    ),
    "rules that stand twice": (
        OPEN[:-1] + b', "IpPermissions": []}',
        "'IpPermissions' stands twice in one object",
    ),
    "a name that stands twice within an event": (
        json.dumps({"invokingEvent": '{"a": 1, "a": 2}'}).encode(),
        "invokingEvent is not JSON: 'a' stands twice",
    ),
    "nested without end": (b"[" * 100_000, "it is nested too deep"),
    "endless digits": (b'{"GroupId": ' + b"9" * 5000 + b"}", "beyond JSON"),
    "an id that is a number": (b'{"GroupId": 5}', "GroupId must be text, not 5"),
    "rules that are text": (CLOSED.replace(b"[]", b'"x"'), "IpPermissions"),
    "a port that is text": (OPEN.replace(b"22", b'"a"', 1), "'a' is no tcp port"),
    "a number": (b"5", "a JSON object is expected"),
    "an item of an unknown status": (
        b'{"resourceType": "AWS::EC2::SecurityGroup", "configurationItemStatus": "Odd"}',
        "configurationItemStatus 'Odd' - OK is expected",
    ),
}


@pytest.mark.parametrize(("content", "says"), CONTENTS.values(), ids=CONTENTS.keys())
def test_explain_says_of_a_file_what_is_wrong_with_it(
    content: bytes, says: str, tmp_path: Path, refused: Refused
) -> None:
    file = tmp_path / "groups.json"
    file.write_bytes(content)
    line = refused(["explain", str(file)], 1)
    assert line.startswith(f"netmend: {file}")
    assert says in line


@pytest.mark.parametrize(("content", "says"), CONTENTS.values(), ids=CONTENTS.keys())
def test_evaluate_answers_a_line_with_what_is_wrong_with_it(
    content: bytes, says: str, tmp_path: Path, capsys: Captured
) -> None:
    file = tmp_path / "groups.json"
    file.write_bytes(content)
    assert cli.main(["evaluate", RULE, str(file)]) == 1
    told, errors = capsys.readouterr()
    assert errors == ""
    answers = [json.loads(line) for line in told.splitlines()]
    assert any(says in answer["error"] for answer in answers)
    assert all(" - " in answer["error"] for answer in answers)


PLACES: dict[str, tuple[list[str], int, str]] = {
    "a file that is not there": (["evaluate", RULE, "nowhere"], 1, "nowhere: cannot be read: No"),
    "a file without a name": (["evaluate", RULE, ""], 1, "a file without a name: cannot be read"),
    "a folder to judge": (["evaluate", RULE, "folder"], 1, "folder: cannot be read: Is a directo"),
    "a folder to explain": (["explain", "./folder"], 1, "./folder: cannot be read: Is a directory"),
    "an empty file to judge": (["evaluate", RULE, "empty"], 1, "empty is empty: nothing was judge"),
    "an empty file to explain": (["explain", "./empty"], 1, "empty is empty: there is nothing to"),
    "a file that breaks off": (["explain", "/proc/self/mem"], 1, "cannot be read: Input/output"),
    "a rule for another type": (["explain", "./pl.json"], 1, "pl.json: no rule judges AWS::EC2::P"),
    "wrong parameters for a file": (
        ["explain", "./open.json", "--parameters", '{"GuardedPorts": "x"}'],
        64,
        f"it takes ports and ranges such as 22,8000-8080,tcp/5432,udp/161 (0 to 65535)"
        f" - see netmend explain {RULE}",
    ),
    "a time that is none": (["report", "chain", "--out", "x"], 1, "SOURCE_DATE_EPOCH is soon - ma"),
    "no evidence": (["evidence", "verify", "folder"], 1, "no evidence in folder - name the folder"),
    "evidence nowhere": (["evidence", "verify", "nowhere"], 1, "nowhere: cannot be read: No such"),
    "a file for evidence": (["report", "empty"], 1, "empty: cannot be read: Not a directory"),
    "a report into a folder": (["report", "chain", "--out", "folder"], 1, "folder: cannot be writ"),
    "a report into a file": (["report", "chain", "--out", "empty/x"], 1, "empty/x: cannot be writ"),
    "a report onto a full disk": (
        ["report", "chain", "--out", "/dev/full"],
        1,
        "/dev/full: cannot be written: No space left on device - name a file",
    ),
    "a zip into a folder": (["bundle", "--out", "folder"], 1, "folder: cannot be written: Is a di"),
    "a zip onto a full disk": (["bundle", "--out", "/dev/full"], 1, "No space left on device - na"),
    "a zip that is not there": (["bundle", "--check", "x.zip"], 1, "No such file or directory - n"),
    "a zip that is none": (["bundle", "--check", "empty"], 1, "no zip that can be read"),
    "a folder for a zip": (["bundle", "--check", "folder"], 1, "no zip that can be read: Is a dir"),
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own folder, which is not the repository's."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    (tmp_path / "open.json").write_bytes(OPEN)
    (tmp_path / "closed.json").write_bytes(CLOSED)
    (tmp_path / "half.jsonl").write_bytes(OPEN + b"\n{\n" + CLOSED)
    (tmp_path / "pl.json").write_text('{"resourceType": "AWS::EC2::PrefixList"}')
    for name, body in sealed(intent(1), outcome(1), question(2)):
        path = tmp_path / "chain" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("rules/none.py", "")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("arguments", "code", "says"), PLACES.values(), ids=PLACES.keys())
def test_what_cannot_be_read_or_written_is_named_as_the_user_named_it(
    arguments: list[str],
    code: int,
    says: str,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Refused,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon" if "SOURCE" in says else "0")
    assert says in refused(arguments, code)


CODES: dict[str, tuple[list[str], int]] = {
    "a closed group": (["evaluate", RULE, "closed.json"], 0),
    "a closed group explained": (["explain", "closed.json"], 0),
    "an open group": (["evaluate", RULE, "open.json"], 2),
    "an open group explained": (["explain", "open.json"], 2),
    "an open group beside a broken line": (["evaluate", RULE, "half.jsonl"], 1),
    "an open group beside a broken line, explained": (["explain", "half.jsonl"], 1),
    "a whole chain": (["evidence", "verify", "chain"], 0),
    "a chain by another head": (["evidence", "verify", "chain", "--head", f"3:{'0' * 64}"], 2),
    "a report by another head": (["report", "chain", "--head", f"3:{'0' * 64}", "--out", "x"], 2),
    "another zip": (["bundle", "--check", "other.zip"], 2),
    "a rule's page": (["explain", RULE], 0),
    "the checks": (["verify", "--list"], 0),
    "a script for a shell": (["completion", "fish"], 0),
}


@pytest.mark.parametrize(("arguments", "code"), CODES.values(), ids=CODES.keys())
def test_wherever_it_is_run_the_exit_code_says_how_it_went(
    arguments: list[str], code: int, here: Path, capsys: Captured
) -> None:
    assert cli.main(arguments) == code
    assert "Traceback" not in capsys.readouterr().err


def test_a_resource_that_no_rule_judges_does_not_hide_the_next(
    here: Path, capsys: Captured
) -> None:
    foreign = b'{"resourceType": "AWS::EC2::PrefixList"}\n'
    (here / "mixed.jsonl").write_bytes(foreign + OPEN)
    assert cli.main(["explain", "mixed.jsonl"]) == 1
    told, errors = capsys.readouterr()
    assert told.startswith(f"{GROUP} is NON_COMPLIANT")
    assert errors.startswith("netmend: mixed.jsonl:1: no rule judges AWS::EC2::PrefixList - rules ")


def test_a_broken_record_is_a_problem_and_one_that_cannot_be_read_wins_over_it(
    here: Path, refused: Refused, capsys: Captured
) -> None:
    first, *_, last = sorted((here / "chain").rglob("*.json"))
    last.write_bytes(b"{}")
    assert cli.main(["evidence", "verify", "chain"]) == 2
    capsys.readouterr()
    first.unlink()
    first.symlink_to(first.name)
    assert "cannot be read" in refused(["evidence", "verify", "chain"], 1)


def test_a_name_cannot_forge_a_line_of_the_verdict(here: Path, capsys: Captured) -> None:
    (here / "chain" / "\x1b[2J\n3 records: complete.json").write_text("{}")
    assert cli.main(["evidence", "verify", "chain"]) == 2
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("\ufffd[2J 3 records: complete.json is not named like")
    assert last == "3 records: 1 problem in the chain"


def test_a_name_that_is_no_text_is_reported_all_the_same(here: Path, capsys: Captured) -> None:
    Path(os.fsdecode(b"chain/\xff.json")).write_text("{}")
    for form in ("html", "md", "json"):
        assert cli.main(["report", "chain", "--format", form, "--out", "told"]) == 2
        assert (here / "told").read_text("utf-8")
    assert capsys.readouterr().out == "told\n" * 3
