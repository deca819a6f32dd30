"""A selector finds what Jayway's JsonPath finds, which is what AWS reads responses with."""

import pytest

from netmend.sandbox.automation.selectors import MISSING, SelectorError, compiled, select

RESPONSE = {
    "Tags": [{"Key": "Name", "Value": "x"}, {"Key": "aws:stack", "Value": "y"}],
    "my-key": {"sub.key": 1, "with blank": 2},
    "Outputs": {"Step.ImageId": ["i-1"]},
    "Numbers": [1, 2, 3],
    "Text": "four",
    "Null": None,
    "Empty": [],
    "aws:stack": "z",
}

FOUND = {
    "a name": ("$.Text", "four"),
    "a name without the root": ("Text", "four"),
    "a list's item without the root": ("Tags[0].Key", "Name"),
    "an item from the end": ("$.Numbers[-1]", 3),
    "a slice": ("$.Numbers[0:2]", [1, 2]),
    "a name with a hyphen": ("$.my-key['with blank']", 2),
    "a name with a hyphen in brackets": ("$['my-key']['sub.key']", 1),
    "a name with a colon": ("$.aws:stack", "z"),
    "a quoted name with a dot": ("$.Outputs.'Step.ImageId'[0]", "i-1"),
    "a name in brackets after an index": ("$.Tags[0]['Key']", "Name"),
    "a filter": ("$.Tags[?(@.Key == 'Name')].Value", ["x"]),
    "a filter of two conditions": ("$.Tags[?(@.Key=='Name' && @.Value=='x')].Value", ["x"]),
    "a filter by a pattern": ("$.Tags[?(@.Key =~ /aws:.*/)].Value", ["y"]),
    "a filter by a pattern in any case": ("$.Tags[?(@.Key =~ /NAME/i)].Value", ["x"]),
    "a filter that lets nothing through": ("$.Tags[?(@.Key=='no')].Value", []),
    "every item": ("$.Tags[*].Key", ["Name", "aws:stack"]),
    "a deep scan": ("$..Key", ["Name", "aws:stack"]),
    "a list's length": ("$.Numbers.length()", 3),
    "a filter's length": ("$.Tags[?(@.Key=='Name')].length()", 1),
    "a text's length": ("$.Text.length()", 4),
    "an empty list's length": ("$.Empty.length()", 0),
    "the length of nothing": ("$.Gone.length()", MISSING),
    "null": ("$.Null", MISSING),
    "nothing": ("$.Gone.Deeper", MISSING),
    "an item of an empty list": ("$.Empty[0]", MISSING),
    "blanks around": (" $.Text ", "four"),
}


@pytest.mark.parametrize(("selector", "found"), FOUND.values(), ids=FOUND)
def test_a_selector_finds(selector, found):
    assert select(selector, RESPONSE) == found


@pytest.mark.parametrize(
    "selector", ["$.[", "$.Tags[?(@.Key", "$[", "", "$.Tags[?(@.Key in ['a'])]"]
)
def test_a_selector_that_is_none_is_named(selector):
    with pytest.raises(SelectorError, match="is not a JSONPath selector"):
        compiled(selector)
