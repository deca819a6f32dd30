"""What hides in a text is made visible, and what is missing is no error."""

from __future__ import annotations

import pytest

from netmend.audit.text import (
    between,
    brief,
    clock,
    duration,
    own_error,
    sentence,
    text,
    visible,
)
from tests.audit.chains import LAMBDA_ERROR, OWN_WORDS

HIDDEN = {
    "plain text stays": ("Ärger, 日本語, 42", "Ärger, 日本語, 42"),
    "an override of direction is shown": ("a\u202eb", "a⟨U+202E⟩b"),
    "an isolate is shown": ("\u2066a", "⟨U+2066⟩a"),
    "a zero-width space is shown": ("a\u200bb", "a⟨U+200B⟩b"),
    "a control character is shown": ("a\x00\x1b[31m", "a⟨U+0000⟩⟨U+001B⟩[31m"),
    "lines and tabs stay": ("a\n\tb", "a\n\tb"),
    "a tag character is shown": ("\U000e0041", "⟨U+E0041⟩"),
    "what XML forbids is shown": ("\ufffe", "⟨U+FFFE⟩"),
}


@pytest.mark.parametrize(("said", "shown"), HIDDEN.values(), ids=HIDDEN.keys())
def test_nothing_hides(said: str, shown: str) -> None:
    assert visible(said) == shown


def test_an_endless_text_is_cut_and_says_so() -> None:
    shown = visible("x" * 100_000)
    assert len(shown) < 2100
    assert shown.endswith("… (cut, it has 100,000 characters)")


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ({"a": {"b": "c"}}, "c"),
        ({"a": {"b": 3}}, "3"),
        ({"a": {"b": [1, None]}}, "[1, null]"),
        ({"a": {}}, ""),
        ({"a": "b"}, ""),
        ([], ""),
        (None, ""),
    ],
    ids=str,
)
def test_a_value_at_a_path_is_text_whatever_it_is(record: object, found: str) -> None:
    assert text(record, "a", "b") == found


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, "not known"),
        (0.314, "0.31 s"),
        (42.4, "42 s"),
        (200, "3 min 20 s"),
        (7500.2, "2 h 5 min"),
        (273_600, "3 d 4 h"),
    ],
)
def test_a_duration_is_told_in_two_units(seconds: float | None, told: str) -> None:
    assert duration(seconds) == told


def test_times_without_a_zone_or_backwards_give_no_seconds() -> None:
    first, last = "2026-11-01T12:00:00Z", "2026-11-01T13:00:01+01:00"
    assert between(first, last) == 1.0
    assert between(last, first) is None
    assert between("2026-11-01T12:00:00", last) is None
    assert clock(last) == "2026-11-01 12:00:01"
    assert clock("noon") == "noon"


def test_a_long_list_of_ports_is_cut() -> None:
    assert brief("tcp/1,2,3") == "tcp/1,2,3"
    assert brief("tcp/1,2,3,4,5,6,7,8,9,10, udp/1") == "tcp/1,2,3,4,5,6,7, …, udp/1"


AROUND = "Step fails when it is Execute/Cancelling action. {} Please refer to Automation Service "
AROUND += "Troubleshooting Guide for more diagnosis details."
FAILURES = {
    "a whole error document": (LAMBDA_ERROR, OWN_WORDS),
    "a document that was cut": (LAMBDA_ERROR[:330], OWN_WORDS),
    "a type that the message does not name": (
        'Plan: x {"errorMessage": "no \\"x\\"", "errorType": "KeyError"}',
        'Plan: KeyError: no "x"',
    ),
    "a type alone": ('{"errorType": "Runtime.ExitError"}', "Runtime.ExitError"),
    "a message that is no JSON": ('Plan: {"errorMessage": "\\x"}', 'Plan: "\\x"'),
    "what Automation says alike": (
        AROUND.format("It was Rejected by eve."),
        "It was Rejected by eve.",
    ),
    "any other failure": ("Close: still open", "Close: still open"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("said", "told"), FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_is_told_by_its_own_words(said: str, told: str) -> None:
    assert own_error(said) == told


def test_a_sentence_ends_once() -> None:
    assert [sentence(said) for said in ("a", "a.", "a?", "a …", "")] == [
        "a.",
        "a.",
        "a?",
        "a …",
        "",
    ]
