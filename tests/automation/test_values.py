"""Types are kept inside a run, converted by AWS's list, and shown as texts."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from netmend.sandbox.automation.selectors import MISSING, SelectorError, select
from netmend.sandbox.automation.values import ConversionError, convert, plain, text, wire

CONVERTED = {
    "a text as text": ("x", "String", "x"),
    "a number as text": (3, "String", "3"),
    "a truth as text": (True, "String", "true"),
    "a list of one as text": (["x"], "String", "x"),
    "digits as a number": ("-12", "Integer", -12),
    "a list of one number as a number": ([7], "Integer", 7),
    "a whole fraction as a number": (3.0, "Integer", 3),
    "the word true as a truth": ("True", "Boolean", True),
    "a list of one truth as a truth": ([False], "Boolean", False),
    "a text as a list": ("x", "StringList", ["x"]),
    "a number as a list": (3, "StringList", ["3"]),
    "a truth as a list": (True, "StringList", ["true"]),
    "a list of numbers as texts": ([1, 2], "StringList", ["1", "2"]),
    "an empty list as a list": ([], "StringList", []),
    "a map as a map": ({"a": 1}, "StringMap", {"a": 1}),
    "a list of maps": ([{"a": 1}], "MapList", [{"a": 1}]),
    "an empty list of maps": ([], "MapList", []),
}
UNCONVERTED = {
    "a map as text": ({"a": 1}, "String"),
    "two items as text": (["a", "b"], "String"),
    "an empty list as text": ([], "String"),
    "words as a number": ("three", "Integer"),
    "a fraction as a number": (1.5, "Integer"),
    "a truth as a number": (True, "Integer"),
    "a number as a truth": (1, "Boolean"),
    "a map as a list": ({"a": 1}, "StringList"),
    "a list of maps as a list of texts": ([{"a": 1}], "StringList"),
    "JSON text as a map": ('{"a": 1}', "StringMap"),
    "one map as a list of maps": ({"a": 1}, "MapList"),
    "nothing as text": (None, "String"),
}
WRITTEN = {
    "a text": ("x", "x", ["x"]),
    "a number": (3, "3", ["3"]),
    "a truth": (False, "false", ["false"]),
    "a list of one": (["x"], "x", ["x"]),
    "a list": (["a", "b"], '["a","b"]', ["a", "b"]),
    "an empty list": ([], "[]", []),
    "a map": ({"a": 1}, '{"a":1}', ['{"a":1}']),
    "a list of maps": ([{"a": 1}, {}], '[{"a":1},{}]', ['[{"a":1},{}]']),
    "signs that are special in HTML": (
        {"q": "a=1&b<'2'>"},
        '{"q":"a=1&b<\'2\'>"}',
        ['{"q":"a\\u003d1\\u0026b\\u003c\\u00272\\u0027\\u003e"}'],
    ),
    "another alphabet": ({"a": "ü"}, '{"a":"ü"}', ['{"a":"ü"}']),
}
RESPONSE = {
    "Vpcs": [{"Id": "vpc-1", "Tags": [{"Key": "a", "Value": "1"}]}, {"Id": "vpc-2", "Tags": []}],
    "Count": 0,
    "Empty": [],
    "Null": None,
    "a-b": {"c d": 1},
}
SELECTED = {
    "the whole": ("$", RESPONSE),
    "a member": ("$.Count", 0),
    "a member without a dollar": ("Vpcs[0].Id", "vpc-1"),
    "an element": ("$.Vpcs[1].Id", "vpc-2"),
    "an element that is not there": ("$.Vpcs[2].Id", MISSING),
    "a member of the wrong case": ("$.vpcs", MISSING),
    "a member of a number": ("$.Count.x", MISSING),
    "null": ("$.Null", MISSING),
    "a hyphen": ("$.a-b", {"c d": 1}),
    "a quoted member": ("$['a-b']['c d']", 1),
    "a deep scan": ("$..Id", ["vpc-1", "vpc-2"]),
    "a deep scan of nothing": ("$..Nothing", []),
    "a deep scan under an absent member": ("$.Gone..Id", MISSING),
    "every element": ("$.Vpcs[*].Id", ["vpc-1", "vpc-2"]),
    "every element of an empty list": ("$.Empty[*].Id", []),
    "every element of an absent list": ("$.Gone[*].Id", MISSING),
    "a filter": ("$.Vpcs[?(@.Id == 'vpc-2')].Id", ["vpc-2"]),
    "a filter in a deep place": ("$.Vpcs[0].Tags[?(@.Key=='a')].Value", ["1"]),
}


@pytest.mark.parametrize(("value", "type_name", "expected"), CONVERTED.values(), ids=CONVERTED)
def test_aws_converts(value, type_name, expected):
    found = convert(value, type_name)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(("value", "type_name"), UNCONVERTED.values(), ids=UNCONVERTED)
def test_aws_does_not_convert(value, type_name):
    with pytest.raises(ConversionError, match=f"not convertible to {type_name}"):
        convert(value, type_name)


@pytest.mark.parametrize(("value", "inside", "shown"), WRITTEN.values(), ids=WRITTEN)
def test_a_value_is_written(value, inside, shown):
    assert text(value) == inside
    assert wire(value) == shown


@pytest.mark.parametrize(("selector", "expected"), SELECTED.values(), ids=SELECTED)
def test_a_selector_finds(selector, expected):
    assert select(selector, RESPONSE) == expected


@pytest.mark.parametrize("selector", ["", "$.[", "$..", "[[[", "$.a ="])
def test_a_selector_that_cannot_be_parsed_is_named(selector):
    with pytest.raises(SelectorError, match="is not a JSONPath selector"):
        select(selector, {})


def test_a_response_becomes_json():
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    response = {"t": moment, "b": b"hi", "d": Decimal(3), "e": Decimal("0.5"), "l": (1, {"x": 2})}
    assert plain(response) == {
        "t": "2026-01-02T03:04:05+00:00",
        "b": "aGk=",
        "d": 3,
        "e": 0.5,
        "l": [1, {"x": 2}],
    }


@pytest.mark.parametrize("value", [object(), float("nan"), {"x": iter([])}])
def test_what_json_cannot_hold_is_no_output(value):
    with pytest.raises(TypeError, match="cannot be an output of a step"):
        plain(value)
