"""The list of what only AWS can show is complete in each entry, and each has its place in code."""

from __future__ import annotations

import re

import pytest

from tests.stacks import ROOT

TEXT = (ROOT / "docs" / "unverified.md").read_text(encoding="utf-8")
ENTRIES = re.findall(r"^(\d+)\. (\*\*.*?)(?=^\d+\. |^## |^Confirmed|\Z)", TEXT, re.MULTILINE | re.S)


def test_entries_are_numbered_from_one() -> None:
    assert [int(number) for number, _ in ENTRIES] == list(range(1, len(ENTRIES) + 1))


@pytest.mark.parametrize("entry", [pytest.param(text, id=number) for number, text in ENTRIES])
def test_an_entry_has_a_reason_a_dependant_a_check_and_a_place(entry: str) -> None:
    words = " ".join(entry.split())
    assert words.startswith("**")
    assert "*Leans on it:*" in words
    assert re.search(r"\*Check( \((observe|scratch)\))?:\*", words)
    (place,) = re.findall(r"\*In code:\* `([^`]+)`", words)
    assert (ROOT / place).exists()
