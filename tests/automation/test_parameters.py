"""Parameters on the wire are lists of texts; a run has typed and checked values."""

import pytest

from netmend.sandbox.automation import ParametersError

NAP = {"name": "nap", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}}
ROLE = "arn:aws:iam::123456789012:role/x"

TYPED = {
    "a String": ({"type": "String"}, ["x"], "x"),
    "a String of digits": ({"type": "String"}, ["007"], "007"),
    "a String with a reference": ({"type": "String"}, ["{{ x }}"], "{{ x }}"),
    "a StringList": ({"type": "StringList"}, ["a", "b"], ["a", "b"]),
    "an empty StringList": ({"type": "StringList"}, [], []),
    "an Integer": ({"type": "Integer"}, ["-3"], -3),
    "a Boolean": ({"type": "Boolean"}, ["true"], True),
    "a Boolean in Python's spelling": ({"type": "Boolean"}, ["False"], False),
    "a StringMap": ({"type": "StringMap"}, ['{"a": "b"}'], {"a": "b"}),
    "a MapList of one text a map": (
        {"type": "MapList"},
        ['{"a": 1}', '{"b": [2]}'],
        [{"a": 1}, {"b": [2]}],
    ),
    "a MapList in one text": ({"type": "MapList"}, ['[{"a": 1}]'], [{"a": 1}]),
    "a role": ({"type": "AWS::IAM::Role::Arn"}, [ROLE], ROLE),
    "an instance": (
        {"type": "AWS::EC2::Instance::Id"},
        ["i-0123456789abcdef0"],
        "i-0123456789abcdef0",
    ),
    "a list of instances": (
        {"type": "List<AWS::EC2::Instance::Id>"},
        ["i-01234567", "mi-01234567"],
        ["i-01234567", "mi-01234567"],
    ),
    "an allowed value": ({"type": "String", "allowedValues": ["a", "b"]}, ["b"], "b"),
    "an allowed number": ({"type": "Integer", "allowedValues": [1, 2]}, ["2"], 2),
    "an allowed truth": ({"type": "Boolean", "allowedValues": [True]}, ["true"], True),
    "allowed items": ({"type": "StringList", "allowedValues": ["a", "b"]}, ["b", "a"], ["b", "a"]),
    "a pattern that is found inside": ({"type": "String", "allowedPattern": "b"}, ["abc"], "abc"),
    "a pattern on a number": ({"type": "Integer", "allowedPattern": "^[0-9]{2}$"}, ["12"], 12),
    "a pattern on each item": (
        {"type": "StringList", "allowedPattern": "^sg-"},
        ["sg-1", "sg-2"],
        ["sg-1", "sg-2"],
    ),
    "a Java class that Python's re refuses": (
        {"type": "String", "allowedPattern": r"^[\w-\/]+$"},
        ["a-b/c"],
        "a-b/c",
    ),
    "a Java property class": ({"type": "String", "allowedPattern": r"^\p{Lu}$"}, ["Ä"], "Ä"),
    "a Java intersection": (
        {"type": "String", "allowedPattern": "^[a-z&&[^b]]$"},
        ["c"],
        "c",
    ),
    "a pattern on a map, which has no text of its own": (
        {"type": "StringMap", "allowedPattern": "^x$"},
        ['{"a": "b"}'],
        {"a": "b"},
    ),
    "a text longer than the 512 characters of the API's model, as findings are": (
        {"type": "String"},
        ["x" * 8_000],
        "x" * 8_000,
    ),
    "a character that Java writes as two halves": (
        {"type": "String", "allowedPattern": r"^[\u0020-\uD7FF\uD800\uDC00-\uDBFF\uDFFF]+$"},
        ["a \U0001f600"],
        "a \U0001f600",
    ),
    "lengths at their limits": (
        {"type": "String", "minChars": 2, "maxChars": 2},
        ["ab"],
        "ab",
    ),
    "a pattern that nobody matched for a default": (
        {"type": "String", "default": "", "allowedPattern": "^i-"},
        None,
        "",
    ),
    "an empty text": ({"type": "String"}, [""], ""),
    "an empty text that is the default, as a runbook hands it to its children": (
        {"type": "AWS::IAM::Role::Arn", "default": "", "allowedPattern": "^arn:"},
        [""],
        "",
    ),
    "a default of a list": ({"type": "StringList", "default": ["x"]}, None, ["x"]),
    "a number as the default of a String": ({"type": "String", "default": 5}, None, "5"),
}

REFUSED = {
    "no value and no default": ({"type": "String"}, None, "has no default and must be given"),
    "a null default": ({"type": "String", "default": None}, None, "must be given"),
    "a value that is no list": ({"type": "String"}, "x", "must be given as a list of texts"),
    "a number in the list": ({"type": "Integer"}, [3], "must be given as a list of texts"),
    "two values for a String": ({"type": "String"}, ["a", "b"], "must have exactly one value"),
    "no value for a String": ({"type": "String"}, [], "must have exactly one value"),
    "an empty text that does not match": (
        {"type": "AWS::EC2::Instance::Id"},
        [""],
        'has value "" that does not match',
    ),
    "51 texts": ({"type": "StringList"}, ["x"] * 51, "at most 50 texts"),
    "words for an Integer": ({"type": "Integer"}, ["three"], "is not of type Integer"),
    "a fraction for an Integer": ({"type": "Integer"}, ["1.5"], "is not of type Integer"),
    "yes for a Boolean": ({"type": "Boolean"}, ["yes"], "is not of type Boolean"),
    "a list for a StringMap": ({"type": "StringMap"}, ["[]"], "is not of type StringMap"),
    "broken JSON for a StringMap": ({"type": "StringMap"}, ["{"], "is not of type StringMap"),
    "texts for a MapList": ({"type": "MapList"}, ["[1]"], "is not of type MapList"),
    "a value outside those allowed": (
        {"type": "String", "allowedValues": ["Install", "Uninstall"]},
        ["install"],
        'Parameter "P" has value "install" not found in [Install, Uninstall].',
    ),
    "an item outside those allowed": (
        {"type": "StringList", "allowedValues": ["a"]},
        ["a", "b"],
        'has value "b" not found in [a]',
    ),
    "a value that does not match": (
        {"type": "String", "allowedPattern": "^sg-[0-9a-f]+$"},
        ["vpc-1"],
        'has value "vpc-1" that does not match ^sg-[0-9a-f]+$',
    ),
    "an item that does not match": (
        {"type": "StringList", "allowedPattern": "^sg-"},
        ["sg-1", "x"],
        'has value "x" that does not match',
    ),
    "a Java intersection that leaves the value out": (
        {"type": "String", "allowedPattern": "^[a-z&&[^b]]$"},
        ["b"],
        "does not match",
    ),
    "a role that is no ARN": ({"type": "AWS::IAM::Role::Arn"}, ["admin"], "does not match ^arn:"),
    "a bucket in capitals": ({"type": "AWS::S3::Bucket::Name"}, ["ABC"], "does not match"),
    "a pattern that is no pattern": (
        {"type": "String", "allowedPattern": "("},
        ["x"],
        "has an allowedPattern that cannot be matched",
    ),
    "too few items": ({"type": "StringList", "minItems": 2}, ["a"], "has 1 items, not 2 to 1"),
    "too many items": ({"type": "StringList", "maxItems": 1}, ["a", "b"], "has 2 items, not 0 to"),
    "too many characters": ({"type": "String", "maxChars": 1}, ["ab"], "has 2 chars, not 0 to 1"),
}


def start(world, entry, texts):
    document = world.parse(NAP, parameters={"P": entry})
    return world.start(document, {} if texts is None else {"P": texts})


@pytest.mark.parametrize(("entry", "texts", "value"), TYPED.values(), ids=TYPED)
def test_a_parameter_gets_its_type(world, entry, texts, value):
    found = start(world, entry, texts).parameters["P"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("entry", "texts", "message"), REFUSED.values(), ids=REFUSED)
def test_a_bad_parameter_keeps_the_run_from_starting(world, entry, texts, message):
    with pytest.raises(ParametersError) as refusal:
        start(world, entry, texts)
    assert message in refusal.value.message
    assert refusal.value.code == "InvalidAutomationExecutionParametersException"


def test_a_parameter_that_is_not_declared_is_refused_with_those_that_are(world):
    with pytest.raises(ParametersError, match='Unknown parameter "Q": the document declares P'):
        world.start(world.parse(NAP, parameters={"P": {"type": "String"}}), {"Q": ["x"]})


def test_a_pattern_that_never_ends_is_given_up(world, monkeypatch):
    monkeypatch.setattr("netmend.sandbox.automation.parameters.MATCH_SECONDS", 0.05)
    entry = {"type": "String", "allowedPattern": "^(a|aa)+$"}
    with pytest.raises(ParametersError, match="cannot be matched"):
        start(world, entry, ["a" * 100 + "!"])


STORED = {
    "a text": ("String", "value", "value"),
    "a number": ("Integer", "3", 3),
    "a list with commas": ("StringList", "a,b", ["a", "b"]),
    "a list": ("StringList", ["a", "b"], ["a", "b"]),
}


@pytest.mark.parametrize(("type_name", "stored", "value"), STORED.values(), ids=STORED)
def test_a_default_from_parameter_store_is_read_at_the_start(world, type_name, stored, value):
    world.parameters["/a/b"] = stored
    run = start(world, {"type": type_name, "default": "{{ ssm:/a/b }}"}, None)
    assert run.parameters["P"] == value


def test_a_default_that_parameter_store_does_not_have_keeps_the_run_from_starting(world):
    with pytest.raises(ParametersError, match="cannot be read"):
        start(world, {"type": "String", "default": "{{ssm:gone}}"}, None)


def test_a_given_value_is_preferred_to_parameter_store(world):
    run = start(world, {"type": "String", "default": "{{ssm:gone}}"}, ["here"])
    assert run.parameters["P"] == "here"
