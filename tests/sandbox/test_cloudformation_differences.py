"""What a template says is compared with what stands as its type means it."""

from __future__ import annotations

from typing import Any

import pytest

from netmend.sandbox.cloudformation import differences
from netmend.sandbox.cloudformation.shapes import JSON, STRING, MapOf

COMPARED = [
    pytest.param(STRING, True, "true", [], id="a boolean and its text"),
    pytest.param(STRING, 5, "5.0", ["NOT_EQUAL"], id="other texts differ"),
    pytest.param({"A": STRING}, {"A": "1"}, {"A": "1", "B": "2"}, [], id="a default of AWS's"),
    pytest.param(MapOf(STRING), {"A": "1"}, {"A": "1", "B": "2"}, ["ADD"], id="a new key"),
    pytest.param([STRING], ["a", "b"], ["b", "a"], [], id="the order of a list"),
    pytest.param([STRING], ["a"], ["a", "b"], ["ADD"], id="one more"),
    pytest.param([STRING], ["a", "b"], ["b"], ["REMOVE"], id="one less"),
    pytest.param([STRING], ["a", "b"], ["b", "c"], ["NOT_EQUAL"], id="another"),
    pytest.param(JSON, '{"a": [1]}', {"a": [1]}, [], id="JSON as text and as an object"),
    pytest.param(JSON, {"a": 1}, '{"a": 2}', ["NOT_EQUAL"], id="JSON that differs"),
    pytest.param(JSON, {"a": 1}, "a: 1\n", [], id="YAML is JSON too"),
]


@pytest.mark.parametrize(("shape", "expected", "actual", "kinds"), COMPARED)
def test_values_are_compared_as_their_type_is(
    shape: Any, expected: Any, actual: Any, kinds: list[str]
) -> None:
    found = differences.between(shape, expected, actual)
    assert [one["DifferenceType"] for one in found] == kinds
