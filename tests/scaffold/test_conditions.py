"""A condition meets what its path leads to, and says nothing of what is not there."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from rules.netlib.conditions import (
    Check,
    Condition,
    at,
    differs,
    equals,
    given,
    lacks,
    one_of,
    unmet,
)


class Rule(NamedTuple):
    """As a permission is: a tuple with names."""

    port: int
    tags: tuple[tuple[str, str], ...] = ()


RESOURCE: dict[str, Any] = {
    "name": "web",
    "tags": {"Owner": "network", "kubernetes.io/cluster": "one", "a": {"b": "c"}},
    "rules": (Rule(22), Rule(443, (("Owner", "web"),))),
    "routes": [{"state": "active", "hops": [1, 2]}, {"state": "blackhole", "hops": []}],
    "none": None,
}

PATHS: dict[str, tuple[str, list[Any]]] = {
    "a name": ("name", ["web"]),
    "a name in an object": ("tags.Owner", ["network"]),
    "a tag whose name has dots": ("tags.kubernetes.io/cluster", ["one"]),
    "an object in an object": ("tags.a.b", ["c"]),
    "each element of a list": ("routes[].state", ["active", "blackhole"]),
    "the elements themselves": ("rules[]", [Rule(22), Rule(443, (("Owner", "web"),))]),
    "a list in a list": ("routes[].hops[]", [1, 2]),
    "the parts of tuples with names": ("rules[].port", [22, 443]),
    "tags that are pairs": ("rules[].tags.Owner", [None, "web"]),
    "a name that is not there": ("nothing", [None]),
    "a path beyond what is there": ("none.of.this", [None]),
    "a path through a text": ("name.of", [None]),
    "elements of what is no list": ("name[]", []),
    "elements of what is not there": ("nothing[].x", []),
}


@pytest.mark.parametrize(("path", "values"), PATHS.values(), ids=PATHS.keys())
def test_a_path_leads_to(path: str, values: list[Any]) -> None:
    assert [value for value, _ in at(RESOURCE, path)] == values


CHECKS: dict[str, tuple[Check, list[Any], list[Any]]] = {
    "equals": (equals("on"), ["on"], ["ON", None, "", True]),
    "differs": (differs("off"), ["on", None, "OFF"], ["off"]),
    "one of": (one_of(1, 2), [1, 2], [3, None, "1"]),
    "given": (given(), ["x", 0, False, [1]], [None, "", [], {}]),
    "lacks": (lacks("Trial"), ["office", None, "", 7], ["trial", "a TRIAL rule"]),
}


@pytest.mark.parametrize(("check", "good", "bad"), CHECKS.values(), ids=CHECKS.keys())
def test_a_check_holds(check: Check, good: list[Any], bad: list[Any]) -> None:
    assert all(check.holds(value) for value in good)
    assert not any(check.holds(value) for value in bad)
    assert check.must


def test_a_violation_has_all_that_is_wrong_and_where_it_is() -> None:
    closed = Condition("rules[].port", one_of(443), "a port is open")
    tagged = Condition("tags.Owner", given(), "nobody owns it")
    (found,) = unmet([closed, tagged], RESOURCE)
    assert (found.condition, found.found, found.elements) == (closed, (22,), (Rule(22),))
    assert found.to_json() == {
        "path": "rules[].port",
        "must": "be one of 443",
        "says": "a port is open",
        "found": [22],
    }


def test_what_is_in_no_list_is_in_the_resource_itself() -> None:
    (found,) = unmet([Condition("name", equals("db"), "it is no database")], RESOURCE)
    assert found.elements == (RESOURCE,)
