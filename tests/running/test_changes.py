"""Two pictures differ where resources came, went, or are not as they were; order is nothing."""

from __future__ import annotations

from typing import Any

import pytest

from netmend.running import told
from netmend.running.changes import differences
from netmend.running.recorder import plain, writes

KEY = ("bucket", "b", "us-east-1")

DIFFERENT: dict[str, tuple[dict[str, Any] | None, dict[str, Any] | None, str, list[Any]]] = {
    "a text": (
        {"State": "on"},
        {"State": "off"},
        "changed",
        [{"path": "State", "before": "on", "after": "off"}],
    ),
    "a leaf within": (
        {"a": {"b": 1}},
        {"a": {"b": 2}},
        "changed",
        [{"path": "a.b", "before": 1, "after": 2}],
    ),
    "a list": (
        {"r": ["x", "y"]},
        {"r": ["y", "z"]},
        "changed",
        [{"path": "r", "removed": ["x"], "added": ["z"]}],
    ),
    "a list that came": (
        {},
        {"r": ["z"]},
        "changed",
        [{"path": "r", "removed": [], "added": ["z"]}],
    ),
    "a tag": (
        {"Tags": [{"Key": "a", "Value": "1"}]},
        {"Tags": [{"Key": "a", "Value": "2"}]},
        "changed",
        [{"path": "Tags", "removed": ["a=1"], "added": ["a=2"]}],
    ),
    "it came": (None, {"a": 1}, "created", [{"path": "a", "before": None, "after": 1}]),
    "it went": ({"a": 1}, None, "deleted", [{"path": "a", "before": 1, "after": None}]),
}


@pytest.mark.parametrize(("old", "new", "change", "details"), DIFFERENT.values(), ids=DIFFERENT)
def test_a_difference_is_told(
    old: dict[str, Any] | None, new: dict[str, Any] | None, change: str, details: list[Any]
) -> None:
    before, after = ({} if one is None else {KEY: one} for one in (old, new))
    (found,) = differences(before, after)
    assert (found["change"], found["details"]) == (change, details)


ALIKE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the same": ({"a": 1}, {"a": 1}),
    "another order": ({"a": ["x", "y"]}, {"a": ["y", "x"]}),
    "nothing and an empty list": ({"a": []}, {}),
    "what changes by itself": ({"ResponseMetadata": {"a": 1}}, {"ResponseMetadata": {"a": 2}}),
}


@pytest.mark.parametrize(("old", "new"), ALIKE.values(), ids=ALIKE)
def test_what_is_alike_is_not_told(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert differences({KEY: old}, {KEY: new}) == []


WRITES: dict[str, bool] = {
    "AuthorizeSecurityGroupIngress": True,
    "PutParameter": True,
    "SetRepositoryPolicy": True,
    "Invoke": True,
    "DescribeVpcs": False,
    "ListObjectsV2": False,
    "HeadBucket": False,
    "AssumeRole": False,
}


@pytest.mark.parametrize("operation", WRITES)
def test_a_write_is_known_by_its_name(operation: str) -> None:
    assert writes("any", operation) is WRITES[operation]


def test_parameters_become_plain_and_short() -> None:
    assert plain({"Body": b"abc", "Long": "x" * 3000, "List": (1, None)}) == {
        "Body": "3 bytes",
        "Long": "x" * 2000 + "...",
        "List": [1, None],
    }


def test_the_runs_own_calls_stand_before_those_that_others_made_for_it() -> None:
    made = [("a", "arn:planner"), ("b", told.OWN), ("c", "arn:detector"), ("d", told.OWN)]
    writes = [{"operation": name, "by": by} for name, by in made]
    assert [one["operation"] for one in told.own_first(writes)] == ["b", "d", "a", "c"]
