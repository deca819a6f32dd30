"""The list of what only AWS can show is complete, and in step with code and checks."""

from __future__ import annotations

import re

import pytest

from netmend.verification.checks import CHECKS
from rules.netlib.verified import MUST_PASS
from tests.stacks import ROOT

TEXT = (ROOT / "docs" / "unverified.md").read_text(encoding="utf-8")
ENTRIES = re.findall(r"^(\d+)\. (\*\*.*?)(?=^\d+\. |^## |^Confirmed|\Z)", TEXT, re.MULTILINE | re.S)
WORDS = {int(number): " ".join(text.split()) for number, text in ENTRIES}
CHECKED = {check.number for check in CHECKS}


def test_no_number_is_given_twice() -> None:
    assert len(ENTRIES) == len(WORDS)
    assert len(CHECKS) == len(CHECKED)


@pytest.mark.parametrize("number", WORDS)
def test_an_entry_has_a_reason_a_dependant_a_check_and_a_place(number: int) -> None:
    words = WORDS[number]
    assert words.startswith("**")
    assert "*Leans on it:*" in words
    assert "*Check:*" in words
    (place,) = re.findall(r"\*In code:\* `([^`]+)`", words)
    assert (ROOT / place).exists()


def test_every_check_has_its_entry() -> None:
    assert set(WORDS) >= CHECKED


@pytest.mark.parametrize("number", WORDS)
def test_an_entry_names_its_check_or_says_why_there_is_none(number: int) -> None:
    named = f"*Check:* `netmend verify --live` {number}"
    why_none = "*Check:* none in the command: "
    assert (named in WORDS[number]) == (number in CHECKED)
    assert (why_none in WORDS[number]) == (number not in CHECKED)


@pytest.mark.parametrize("number", WORDS)
def test_an_entry_says_whether_enforce_waits_for_it(number: int) -> None:
    assert (f"` {number}, must pass" in WORDS[number]) == (number in MUST_PASS)


def test_what_must_pass_can_be_checked() -> None:
    assert set(MUST_PASS) <= CHECKED
