"""The command writes its findings in four formats, and ends with a code that says how it went."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from netmend import cli
from tests.lint.small import HEAD, two

GOOD = HEAD + two("")
WARNING = HEAD + two("onFailure: Continue")
ERROR = HEAD + two("").replace("PT1S", "P9D", 1)
COMMAND_DOCUMENT = 'schemaVersion: "2.2"\nmainSteps: []\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.main(["lint", *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


CODES = {
    "nothing is wrong": (GOOD, [], 0),
    "a warning alone": (WARNING, [], 0),
    "a warning and strict": (WARNING, ["--strict"], 2),
    "an error": (ERROR, [], 2),
    "no YAML": ("a: [", [], 1),
    "a runbook of another schema": (COMMAND_DOCUMENT, [], 2),
    "an unknown format": (GOOD, ["--format", "xml"], 64),
}


@pytest.mark.parametrize(("text", "options", "code"), CODES.values(), ids=CODES)
def test_the_exit_code_says_how_it_went(
    text: str, options: list[str], code: int, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.yaml").write_text(text, encoding="utf-8")
    assert run(capsys, "a.yaml", *options)[0] == code


def test_a_finding_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.yaml").write_text(ERROR, encoding="utf-8")
    _, told, progress = run(capsys, "a.yaml")
    assert told == (
        "a.yaml:7:17: error sleep-duration: a run sleeps at most 604799 seconds, which is under"
        " seven days - sleep in several steps\n"
    )
    assert progress == "runbooks: 1, errors: 1, warnings: 0\n"


def test_json_has_a_schema_version(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.yaml").write_text(WARNING, encoding="utf-8")
    told = json.loads(run(capsys, "a.yaml", "--format", "json")[1])
    assert told["schema_version"] == 1
    (one,) = told["findings"]
    assert (one["file"], one["line"], one["id"]) == ("a.yaml", 5, "silent-failure")
    assert set(one) == {"file", "line", "column", "level", "id", "reason", "fix"}


def test_csv_has_a_row_for_each_finding(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("=a.yaml").write_text(WARNING, encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(run(capsys, "=a.yaml", "--format", "csv")[1])))
    assert [row["id"] for row in rows] == ["silent-failure"]
    assert rows[0]["file"] == "'=a.yaml"


def test_markdown_is_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a|b.yaml").write_text(WARNING, encoding="utf-8")
    head, rule, row = run(capsys, "a|b.yaml", "--format", "md")[1].splitlines()
    assert head.startswith("| file | line |")
    assert rule.count("---") == 7
    assert row.startswith("| a\\|b.yaml | 5 |")


def test_a_folder_is_searched_and_what_is_no_runbook_left_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "deep").mkdir()
    (folder / "deep" / "a.yml").write_text(ERROR, encoding="utf-8")
    (folder / "b.json").write_text(json.dumps({"schemaVersion": "0.3", "mainSteps": 1}))
    (folder / "template.yaml").write_text("A: !Sub b\n", encoding="utf-8")
    (folder / "command.yaml").write_text(COMMAND_DOCUMENT, encoding="utf-8")
    code, told, progress = run(capsys, ".")
    assert code == 2
    assert [line.partition(":")[0] for line in told.splitlines()] == ["b.json", "deep/a.yml"]
    assert progress.startswith("runbooks: 2,")


def test_a_folder_without_runbooks_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told, progress = run(capsys, ".")
    assert (code, told) == (1, "")
    assert progress == "netmend: .: no runbook there - name a runbook, or its folder\n"


def test_what_cannot_be_read_hides_nothing_of_the_rest(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.yaml").write_text(ERROR, encoding="utf-8")
    Path("b.json").write_text('{"mainSteps": [}', encoding="utf-8")
    Path("c.yaml").write_bytes(b"\xff\xfe")
    code, told, progress = run(capsys, "a.yaml", "b.json", "c.yaml", "d.yaml")
    assert code == 1
    assert told.startswith("a.yaml:7:17: error")
    lines = progress.splitlines()
    assert lines[0].startswith("netmend: b.json:1:16: no JSON: ")
    assert lines[1] == "netmend: c.yaml: not UTF-8 at byte 0 - save it as UTF-8"
    assert lines[2].startswith("netmend: d.yaml: cannot be read: ")


def test_a_child_is_found_in_another_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parent = HEAD + (
        "mainSteps:\n  - name: Call\n    action: aws:executeAutomation\n"
        "    inputs:\n      DocumentName: Own-Good\n"
    )
    Path("Parent.yaml").write_text(parent, encoding="utf-8")
    assert "unknown-child" in run(capsys, "Parent.yaml")[1]
    Path("Good.yaml").write_text(GOOD, encoding="utf-8")
    assert run(capsys, ".")[:2] == (0, "")


def test_the_runbooks_of_this_project_have_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    code, told, _ = run(capsys)
    assert code == 0
    assert " error " not in told
