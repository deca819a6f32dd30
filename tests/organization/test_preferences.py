"""How far an operation goes is arithmetic: tolerance, concurrency, and what they stop."""

from __future__ import annotations

from typing import Any

import pytest

from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.stacksets import preferences

PENDING = "PENDING"

BOUNDS: dict[str, tuple[dict[str, Any], int, tuple[int, int]]] = {
    "nothing said: none may fail, one at a time": ({}, 10, (0, 1)),
    "counts are taken as they are": (
        {"FailureToleranceCount": 3, "MaxConcurrentCount": 4},
        10,
        (3, 4),
    ),
    "a share of the tolerance is rounded down": ({"FailureTolerancePercentage": 39}, 10, (3, 1)),
    "a share of the concurrency is rounded down": ({"MaxConcurrentPercentage": 39}, 10, (0, 3)),
    "but never to no account at all": ({"MaxConcurrentPercentage": 5}, 10, (0, 1)),
    "a tolerance may be rounded down to none": ({"FailureTolerancePercentage": 5}, 10, (0, 1)),
    "a tolerance of nought is no default": ({"FailureToleranceCount": 0}, 10, (0, 1)),
}


@pytest.mark.parametrize(("said", "count", "bounds"), BOUNDS.values(), ids=BOUNDS)
def test_bounds(said: dict[str, Any], count: int, bounds: tuple[int, int]) -> None:
    lane = preferences.lane(said, dict.fromkeys(map(str, range(count)), PENDING))
    assert (lane.tolerance, lane.concurrent) == bounds


def ran(said: dict[str, Any], failing: str, accounts: str = "abcdefgh") -> tuple[str, int]:
    """(accounts that were begun, the most that were in flight) where some of them fail."""
    lane = preferences.lane(said, dict.fromkeys(accounts, PENDING))
    begun, most = "", 0
    while not lane.over():
        begun += "".join(lane.begin())
        most = max(most, len(lane.flying))
        lane.end(failed=lane.flying[0] in failing)
    return begun, most


RUNS: dict[str, tuple[dict[str, Any], str, tuple[str, int]]] = {
    "all succeed one by one": ({}, "", ("abcdefgh", 1)),
    "the first failure ends it": ({}, "c", ("abc", 1)),
    "as many as are tolerated may fail": ({"FailureToleranceCount": 2}, "ab", ("abcdefgh", 1)),
    "one more ends it": ({"FailureToleranceCount": 2}, "abd", ("abcd", 1)),
    "strict concurrency is one more than may fail": (
        {"FailureToleranceCount": 1, "MaxConcurrentCount": 5},
        "",
        ("abcdefgh", 2),
    ),
    "strict concurrency falls with each failure": (
        {"FailureToleranceCount": 2, "MaxConcurrentCount": 5},
        "abc",
        ("abc", 3),
    ),
    "soft concurrency is what was asked for": (
        {
            "FailureToleranceCount": 0,
            "MaxConcurrentCount": 4,
            "ConcurrencyMode": "SOFT_FAILURE_TOLERANCE",
        },
        "a",
        ("abcd", 4),
    ),
}


@pytest.mark.parametrize(("said", "failing", "outcome"), RUNS.values(), ids=RUNS)
def test_runs(said: dict[str, Any], failing: str, outcome: tuple[str, int]) -> None:
    assert ran(said, failing) == outcome


def test_lane_goes_on_where_it_stood() -> None:
    done = {"a": "SUCCEEDED", "b": "FAILED", "c": "RUNNING", "d": PENDING}
    lane = preferences.lane({"FailureToleranceCount": 1}, done)
    assert (list(lane.waiting), lane.failed, lane.done) == (["c", "d"], 1, 2)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "tolerance said twice": (
        {"FailureToleranceCount": 1, "FailureTolerancePercentage": 1},
        "either FailureToleranceCount or FailureTolerancePercentage",
    ),
    "concurrency said twice": (
        {"MaxConcurrentCount": 1, "MaxConcurrentPercentage": 1},
        "either MaxConcurrentCount or MaxConcurrentPercentage",
    ),
    "an order with another Region": ({"RegionOrder": ["eu-west-2"]}, "eu-west-2"),
}


@pytest.mark.parametrize(("said", "why"), WRONG.values(), ids=WRONG)
def test_contradictions_are_refused(said: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        preferences.check(said, ["eu-west-1"])
