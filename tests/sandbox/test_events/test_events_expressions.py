"""A schedule expression says when it fires next."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from netmend.sandbox.events import expressions

CRONS = [
    ("cron(0 12 * * ? *)", "2026-01-01T13:00", ["2026-01-02T12:00", "2026-01-03T12:00"], "daily"),
    ("cron(*/15 * * * ? *)", "2026-01-01T00:50", ["2026-01-01T01:00", "2026-01-01T01:15"], "steps"),
    ("cron(5/20 8 * * ? *)", "2026-01-01T08:30", ["2026-01-01T08:45"], "steps from an offset"),
    ("cron(0 9 ? * MON-FRI *)", "2026-01-02T10:00", ["2026-01-05T09:00"], "on working days"),
    (
        "cron(0 9 ? * 2#1 *)",
        "2026-01-01T00:00",
        ["2026-01-05T09:00", "2026-02-02T09:00"],
        "the 1st",
    ),
    ("cron(0 9 ? * FRIL *)", "2026-01-01T00:00", ["2026-01-30T09:00"], "the last Friday"),
    ("cron(0 9 L * ? *)", "2026-02-01T00:00", ["2026-02-28T09:00"], "the last day of the month"),
    ("cron(0 9 LW * ? *)", "2026-02-01T00:00", ["2026-02-27T09:00"], "the last working day"),
    ("cron(0 9 1W * ? *)", "2026-02-01T00:00", ["2026-02-02T09:00"], "a working day near the 1st"),
    ("cron(0 0 29 2 ? *)", "2026-01-01T00:00", ["2028-02-29T00:00"], "a leap day"),
    ("cron(0 0 1,15 JAN,JUL ? 2027)", "2026-01-01T00:00", ["2027-01-01T00:00"], "a year"),
    ("cron(0 22-1 1 1 ? *)", "2026-01-01T00:30", ["2026-01-01T01:00"], "a range around midnight"),
    ("cron(0 0 1 1 ? 2020)", "2026-01-01T00:00", [None], "a year that is over"),
    ("at(2026-05-01T10:00:00)", "2026-01-01T00:00", ["2026-05-01T10:00", None], "one moment"),
    ("rate(1 hour)", "2026-01-01T00:30", ["2026-01-01T01:00", "2026-01-01T02:00"], "each hour"),
    ("rate(5 minutes)", "2026-01-01T00:00", ["2026-01-01T00:05"], "each five minutes"),
]


def epoch(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "after", "expected"), [pytest.param(*case[:3], id=case[3]) for case in CRONS]
)
def test_the_next_moments_are(text, after, expected):
    found, moment = [], epoch(after)
    for _ in expected:
        following = expressions.parse(text).next(moment, epoch("2026-01-01T00:00"))
        found.append(following)
        moment = following or moment
    assert found == [epoch(text) if text else None for text in expected]


ZONES = [
    (
        "cron(30 2 * * ? *)",
        "2026-03-29T00:00",
        "2026-03-30T00:30",
        "a minute that spring leaves out",
    ),
    ("cron(0 3 * * ? *)", "2026-03-29T00:00", "2026-03-29T01:00", "the first minute after it"),
    ("cron(30 2 * * ? *)", "2026-10-25T00:31", "2026-10-26T01:30", "a minute that autumn repeats"),
    ("cron(0 12 * * ? *)", "2026-07-01T00:00", "2026-07-01T10:00", "noon in summer"),
    ("at(2026-07-01T12:00:00)", "2026-01-01T00:00", "2026-07-01T10:00", "one moment there"),
]


@pytest.mark.parametrize(
    ("text", "after", "expected"), [pytest.param(*case[:3], id=case[3]) for case in ZONES]
)
def test_in_berlin_the_next_moment_is(text, after, expected):
    found = expressions.parse(text, "Europe/Berlin").next(epoch(after), 0)
    assert found is not None
    assert expressions.shown(found) == f"{expected}:00Z"


REFUSED = [
    ("cron(0 12 * * * *)", "must be \\?", "both days"),
    ("cron(0 12 ? * ? *)", "must be \\?", "neither day"),
    ("cron(0 12 * * ?)", "6 fields", "five fields"),
    ("cron(60 12 * * ? *)", "not from 0 to 59", "a minute too many"),
    ("cron(0 12 ? * MOO *)", "not from 1 to 7", "no day of the week"),
    ("cron(0 12 ? * 2#6 *)", "not from 1 to 5", "a sixth Monday"),
    ("cron(0/0 12 * * ? *)", "no value", "a step of nothing"),
    ("rate(0 minutes)", "positive", "a rate of nothing"),
    ("rate(1 minutes)", "singular", "one minutes"),
    ("rate(5 minute)", "plural", "five minute"),
    ("rate(5 seconds)", "minutes, hours or days", "seconds"),
    ("at(2026-05-01)", "at\\(yyyy", "a day alone"),
    ("daily", "neither", "a word"),
]


@pytest.mark.parametrize(
    ("text", "words"), [pytest.param(*case[:2], id=case[2]) for case in REFUSED]
)
def test_an_expression_is_refused_for(text, words):
    with pytest.raises(ValueError, match=words):
        expressions.parse(text)


def test_an_unknown_time_zone_is_refused():
    with pytest.raises(ValueError, match="Mars/Olympus is no time zone"):
        expressions.parse("rate(1 hour)", "Mars/Olympus")
