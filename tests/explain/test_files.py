"""Files are taken as users have them: one object, a CLI's answer, a list, lines, facts beside."""

from __future__ import annotations

import json
from typing import Any

import pytest

from netmend.errors import UserError
from netmend.explain.files import resources
from tests.rules.ec2_group import describe, item

ONE, OTHER = describe([], group_id="sg-11111111"), describe([], group_id="sg-22222222")
OLD = {**item([]), "configurationItemCaptureTime": "2026-01-01T00:00:00.000Z"}
NEW = {**item([]), "configurationItemCaptureTime": "2026-02-01T00:00:00.000Z"}
FACTS = {"prefix_lists": {"pl-0a1b": ["0.0.0.0/0"]}}

READ: dict[str, tuple[str, list[Any]]] = {
    "one object on a line": (json.dumps(ONE), [ONE]),
    "one object as an editor lays it out": (json.dumps(ONE, indent=4), [ONE]),
    "with a byte order mark": ("\ufeff" + json.dumps(ONE), [ONE]),
    "a list": (json.dumps([ONE, OTHER]), [ONE, OTHER]),
    "what describe-security-groups answers": (
        json.dumps({"SecurityGroups": [ONE, OTHER]}, indent=4),
        [ONE, OTHER],
    ),
    "the newest of a history": (json.dumps({"configurationItems": [OLD, NEW]}), [NEW]),
    "what batch-get-resource-config answers": (
        json.dumps({"baseConfigurationItems": [NEW], "unprocessedResourceKeys": []}),
        [NEW],
    ),
    "an answer with facts beside it": (
        json.dumps({"resource": {"SecurityGroups": [ONE]}, "facts": FACTS}),
        [{"resource": ONE, "facts": FACTS}],
    ),
    "lines": (f"{json.dumps(ONE)}\n\n{json.dumps(OTHER)}\n", [ONE, OTHER]),
    "lines of answers": (
        "\n".join(json.dumps({"SecurityGroups": [one]}) for one in (ONE, OTHER)),
        [ONE, OTHER],
    ),
}


@pytest.mark.parametrize(("text", "expected"), READ.values(), ids=READ.keys())
def test_every_resource_of_a_file_is_found(text: str, expected: list[Any]) -> None:
    found = list(resources(text, "f"))
    assert [one.raw for one in found if not isinstance(one, UserError)] == expected
    assert len(found) == len(expected)


def test_each_line_has_its_place_and_a_broken_one_stops_no_other() -> None:
    text = f"{json.dumps(ONE)}\n{{\n\n{json.dumps(OTHER)}"
    first, broken, last = resources(text, "f")
    assert not isinstance(first, UserError)
    assert not isinstance(last, UserError)
    assert (first.place, last.place) == ("f:1", "f:4")
    assert str(broken).startswith("f:2: column 2: Expecting property name")


REFUSED: dict[str, tuple[str, str]] = {
    "nothing": (" \n", "f is empty: there is nothing to explain - give a resource as JSON"),
    "one object that breaks off": ('{\n "GroupId": 7,\n', "f:3:1: Expecting property name"),
    "too deep": ("[" * 100_000, "f: beyond JSON"),
    "a number": ("7", "f: 7 is no resource - a JSON object is expected"),
    "a list of numbers": ("[7]", "f: 7 is no resource"),
    "an answer without a resource": (
        '{"SecurityGroups": []}',
        "f: the answer holds no resource - ask for one that exists",
    ),
    "an answer with something else in it": ('{"SecurityGroups": ["sg-1"]}', "holds no resource"),
    "rules alone": (
        '{"SecurityGroupRules": []}',
        "f: SecurityGroupRules are no whole resource - give the answer of describe-security-groups",
    ),
}


@pytest.mark.parametrize(("text", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_resource_is_told_in_one_line(text: str, says: str) -> None:
    try:
        (told,) = resources(text, "f")
    except UserError as error:
        told = error  # type: ignore[assignment]
    assert isinstance(told, UserError)
    assert says in str(told)
    assert "\n" not in str(told)
