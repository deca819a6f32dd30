"""The examples of docs/running.md are what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from netmend import cli
from netmend.catalog import ROOT
from netmend.running.network import SECTIONS

PAGE = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
FILE = re.compile(r"^`([\w.-]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^```console\n\$ netmend (.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ID = {r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b": "RUN", r"\bsg-[0-9a-f]{17}\b": "SG"}


@pytest.mark.parametrize("example", EXAMPLE.findall(PAGE), ids=lambda one: one[0])
def test_an_example_says_what_it_does(
    example: tuple[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, text in FILE.findall(PAGE):
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    command, shown = example
    cli.main(shlex.split(command))
    told, progress = capsys.readouterr()
    assert normal(progress + told) == normal(shown)


def normal(text: str) -> str:
    """Without ids."""
    for pattern, name in ID.items():
        text = re.sub(pattern, name, text)
    return text


def test_the_table_of_sections_is_complete() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE, re.MULTILINE))
    assert list(rows) == list(SECTIONS)
    for section, row in rows.items():
        fields = SECTIONS[section]
        wanted = [f"`{name}`" + ("*" if fields[name].needed else "") for name in fields]
        told = re.findall(r"`\w+`\*?", re.sub(r"\([^)]*\)", "", row))
        assert [one for one in told if one != "`tags`"] == [w for w in wanted if w != "`tags`"]
