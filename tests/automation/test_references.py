"""References keep types, lists are spliced, and nothing is resolved twice."""

import pytest

from netmend.sandbox.automation.references import Unresolved, names, resolve, resolve_known

VALUES = {
    "Text": "x",
    "Number": 3,
    "Truth": True,
    "List": ["a", "b"],
    "One": ["a"],
    "None": [],
    "Map": {"k": [1]},
    "Maps": [{"FromPort": 22}],
    "Trap": "{{ Text }}",
    "step.Out": "y",
    "global:REGION": "eu-west-1",
}

RESOLVED = {
    "a whole text": ("{{ Text }}", "x"),
    "without blanks": ("{{Text}}", "x"),
    "with many blanks": ("{{   Text }}", "x"),
    "a whole number": ("{{ Number }}", 3),
    "a whole truth": ("{{ Truth }}", True),
    "a whole list": ("{{ List }}", ["a", "b"]),
    "a whole map": ("{{ Map }}", {"k": [1]}),
    "an output": ("{{ step.Out }}", "y"),
    "a system variable": ("{{ global:REGION }}", "eu-west-1"),
    "a number inside a text": ("n={{ Number }}", "n=3"),
    "a truth inside a text": ("t={{ Truth }}", "t=true"),
    "a list of one inside a text": ("l={{ One }}", "l=a"),
    "a list inside a text": ("l={{ List }}", 'l=["a","b"]'),
    "a map inside a text": ("m={{ Map }}", 'm={"k":[1]}'),
    "two inside a text": ("{{ Text }}{{ Number }}", "x3"),
    "a list in a list": (["{{ List }}"], ["a", "b"]),
    "a list between others": (["0", "{{ List }}", "9"], ["0", "a", "b", "9"]),
    "an empty list in a list": (["{{ None }}"], []),
    "a text in a list": (["{{ Text }}"], ["x"]),
    "maps in a list": (["{{ Maps }}"], [{"FromPort": 22}]),
    "a list in a list in a list": ([["{{ List }}"]], [["a", "b"]]),
    "a list inside a text in a list": (["l={{ List }}"], ['l=["a","b"]']),
    "deep in maps": ({"a": {"b": ["{{ Number }}"]}}, {"a": {"b": [3]}}),
    "a value that looks like a reference": ("{{ Trap }}", "{{ Text }}"),
    "such a value inside a text": ("a{{ Trap }}b", "a{{ Text }}b"),
    "a key that looks like a reference": ({"{{ Text }}": 1}, {"{{ Text }}": 1}),
    "braces that are no reference": ("awk '{{print $2}}'", "awk '{{print $2}}'"),
    "values that are no texts": ([1, None, True, 0.5], [1, None, True, 0.5]),
}


def lookup(name):
    if name not in VALUES:
        raise Unresolved(name, "it is not there")
    return VALUES[name]


@pytest.mark.parametrize(("value", "expected"), RESOLVED.values(), ids=RESOLVED)
def test_a_reference_becomes(value, expected):
    found = resolve(value, lookup)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("value", ["{{ Gone }}", "a {{ Gone }}", ["{{ Gone }}"], {"a": "{{Gone}}"}])
def test_a_reference_without_a_value_names_itself(value):
    with pytest.raises(Unresolved, match=r"\{\{ Gone \}\} has no value: it is not there"):
        resolve(value, lookup)


def test_where_names_may_be_unknown_they_stay_as_written():
    value = {"a": "{{ Gone }}", "b": "{{ Text }} {{Gone}}", "c": ["{{ Gone }}"]}
    assert resolve_known(value, lookup) == {
        "a": "{{ Gone }}",
        "b": "x {{Gone}}",
        "c": ["{{ Gone }}"],
    }


def test_the_document_is_never_changed():
    document = {"a": ["{{ List }}"], "b": {"c": "{{ Map }}"}}
    resolve(document, lookup)
    assert document == {"a": ["{{ List }}"], "b": {"c": "{{ Map }}"}}


def test_names_are_found_in_order():
    assert names({"a": ["{{ x }}", "{{ y.z }}-{{ x }}"], "b": 1}) == ["x", "y.z", "x"]
