"""Templates are read as CloudFormation reads them: form, parameters, functions, order."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from netmend.sandbox.cloudformation import parameters, references, template, tracked
from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.scope import NO_VALUE, NotYet, Pending, Scope
from netmend.sandbox.cloudformation.template import Template

TOPIC = "Resources: {Topic: {Type: 'AWS::SNS::Topic'}}\n"

BODY = """
Parameters:
  Mode: {Type: String}
  Ports: {Type: CommaDelimitedList}
  Nothing: {Type: CommaDelimitedList, Default: ""}
  Days: {Type: Number, Default: 90}
Mappings:
  Homes: {aws: {region: us-east-1, zones: [a, b]}}
Conditions:
  IsEnforce: !Equals [!Ref Mode, enforce]
  IsQuiet: !Not [Condition: IsEnforce]
  HasPorts: !Not [!Equals [!Join ["", !Ref Ports], ""]]
  Both: !And [Condition: IsEnforce, Condition: HasPorts]
  Either: !Or [Condition: IsQuiet, !Equals [a, a]]
  IsNinety: !Equals [!Ref Days, "90"]
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Quiet: {Type: AWS::SNS::Topic, Condition: IsQuiet}
"""
NAMES: dict[str, Any] = {
    "Mode": "enforce",
    "Ports": ["22", "3389"],
    "Nothing": [""],
    "Days": "90",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::AccountId": "123456789012",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "netmend",
}
ZONES = ["eu-west-1a", "eu-west-1b"]


def scope() -> Scope:
    exports = {"shared-topic": "arn:of:topic"}
    return Scope(template.parse(BODY), NAMES, NotYet(), exports, lambda region: ZONES)


def value(text: str) -> Any:
    """The resolved value of one YAML line."""
    parsed = template.parse(f"Metadata: {{X: {text}}}\n{TOPIC}")
    return scope().resolve(parsed.body["Metadata"]["X"])


RESOLVED = [
    pytest.param("!Ref Mode", "enforce", id="a parameter is its value"),
    pytest.param("!Ref Ports", ["22", "3389"], id="a list parameter is a list"),
    pytest.param("!Ref Nothing", [""], id="an empty list parameter holds one empty text"),
    pytest.param("{Ref: 'AWS::Partition'}", "aws", id="a pseudo parameter in long form"),
    pytest.param("{a: !Ref 'AWS::NoValue', b: 1}", {"b": 1}, id="NoValue takes its key away"),
    pytest.param("[1, !Ref 'AWS::NoValue', 2]", [1, 2], id="NoValue takes its list entry away"),
    pytest.param("!If [IsEnforce, x, y]", "x", id="If takes the first branch of a truth"),
    pytest.param("!If [IsQuiet, x, y]", "y", id="If takes the second branch otherwise"),
    pytest.param(
        "{a: !If [IsQuiet, x, !Ref 'AWS::NoValue']}", {}, id="If with NoValue takes its key away"
    ),
    pytest.param("!If [IsQuiet, !Ref Quiet, none]", "none", id="an untaken branch is not resolved"),
    pytest.param("!If [Both, x, y]", "x", id="And of two conditions"),
    pytest.param("!If [Either, x, y]", "x", id="Or of a condition and an expression"),
    pytest.param("!If [IsNinety, x, y]", "x", id="a number equals its text"),
    pytest.param("!Join ['-', [a, !Ref Mode, 1]]", "a-enforce-1", id="Join takes scalars as text"),
    pytest.param("!Join [',', !Ref Ports]", "22,3389", id="Join of a list parameter"),
    pytest.param("!Select [1, !Ref Ports]", "3389", id="Select from a list parameter"),
    pytest.param("!Select ['0', [a, b]]", "a", id="Select by a text index"),
    pytest.param("!Split [',', 'a,b,']", ["a", "b", ""], id="Split keeps empty ends"),
    pytest.param("!Select [0, !Split ['-', 'a-b']]", "a", id="Select of a Split"),
    pytest.param("!FindInMap [Homes, !Ref 'AWS::Partition', region]", "us-east-1", id="FindInMap"),
    pytest.param("!FindInMap [Homes, aws, zones]", ["a", "b"], id="FindInMap may give a list"),
    pytest.param("!Base64 abc", "YWJj", id="Base64"),
    pytest.param("!GetAZs ''", ZONES, id="GetAZs of the stack's Region"),
    pytest.param("!ImportValue shared-topic", "arn:of:topic", id="ImportValue"),
    pytest.param("!ImportValue {'Fn::Sub': 'shared-topic'}", "arn:of:topic", id="of a Sub"),
    pytest.param(
        "!Cidr ['10.0.0.0/16', 2, 8]", ["10.0.0.0/24", "10.0.1.0/24"], id="Cidr cuts blocks"
    ),
    pytest.param("!Sub 'm=${Mode}'", "m=enforce", id="Sub of a parameter"),
    pytest.param(
        "!Sub 'arn:${AWS::Partition}:s3:::b-${AWS::AccountId}'",
        "arn:aws:s3:::b-123456789012",
        id="Sub of pseudo parameters",
    ),
    pytest.param("!Sub '${!Mode} ${Mode}'", "${Mode} enforce", id="Sub leaves a literal"),
    pytest.param("!Sub ['${A}/${Mode}', {A: !Ref Mode}]", "enforce/enforce", id="Sub with a map"),
    pytest.param("!Sub ['${A}', {A: '${Mode}'}]", "${Mode}", id="Sub never substitutes twice"),
    pytest.param("!Sub ['${Mode}', {Mode: own}]", "own", id="Sub's own map wins"),
    pytest.param("!Sub 'x {{ Y }} \"${Mode}\"'", 'x {{ Y }} "enforce"', id="Sub in a runbook"),
    pytest.param("{a: {b: [!Sub '${Mode}']}}", {"a": {"b": ["enforce"]}}, id="deep in a value"),
    pytest.param("!Ref Topic", Pending({"Ref": "Topic"}), id="a resource waits"),
    pytest.param(
        "!GetAtt Topic.TopicName",
        Pending({"Fn::GetAtt": ["Topic", "TopicName"]}),
        id="an attribute waits",
    ),
    pytest.param(
        "!Join [':', [!Ref Mode, !Ref Topic]]",
        Pending({"Fn::Join": [":", ["enforce", Pending({"Ref": "Topic"})]]}),
        id="what holds a resource waits with the rest resolved",
    ),
    pytest.param("2012-10-17", "2012-10-17", id="a date stays the text that it is"),
]


@pytest.mark.parametrize(("text", "expected"), RESOLVED)
def test_a_value_resolves(text: str, expected: Any) -> None:
    assert value(text) == expected


UNRESOLVABLE = [
    pytest.param("!Ref Quiet", r"Unresolved resource dependencies \[Quiet\]", id="not made"),
    pytest.param("!GetAtt Quiet.TopicName", "undefined resource Quiet", id="nor its attribute"),
    pytest.param("!If [Missing, a, b]", "Unresolved condition dependency Missing", id="condition"),
    pytest.param("!Select [2, [a, b]]", "nonexistent value at index 2", id="past the end"),
    pytest.param("!Select [x, [a, b]]", "an integer index and a list", id="not an index"),
    pytest.param("!Join [a]", "list of 2 arguments", id="too few arguments"),
    pytest.param("!Join [',', a]", "a list of strings to be joined", id="not a list"),
    pytest.param("!Join [',', [[a]]]", "must resolve to a string", id="a list inside the list"),
    pytest.param("!Sub '${Ports}'", "must resolve to a string", id="a list in a text"),
    pytest.param("!Sub '${a b}'", "alphanumeric characters", id="a name with a space"),
    pytest.param("!Sub '${Nowhere}'", r"\[Nowhere\]", id="a name that nothing has"),
    pytest.param("!FindInMap [Homes, aws, x]", "mapping for Homes::aws::x", id="no such key"),
    pytest.param("!ImportValue nothing", "No export named nothing found", id="no such export"),
    pytest.param("!Length [a]", "no function Fn::Length", id="a function of an extension"),
    pytest.param("{Ref: Mode, x: 1}", "stands beside other keys", id="a function among keys"),
    pytest.param("!Cidr ['10.0.0.0/24', 4, 8]", "cannot cut", id="blocks that do not fit"),
]


@pytest.mark.parametrize(("text", "message"), UNRESOLVABLE)
def test_a_value_that_cannot_resolve_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        value(text)


def test_no_value_alone_is_no_value() -> None:
    assert value("!Ref 'AWS::NoValue'") is NO_VALUE


MALFORMED = [
    pytest.param("a: [", "YAML not well-formed", id="broken YAML"),
    pytest.param('{"Resources": ', "JSON not well-formed", id="broken JSON"),
    pytest.param("just text", "unsupported structure", id="no object"),
    pytest.param("Parameters: {}", "At least one Resources member", id="no resources"),
    pytest.param(f"Resource: {{}}\n{TOPIC}", r"properties \[Resource\]", id="misspelt section"),
    pytest.param(f"Transform: AWS::Serverless-2016-10-31\n{TOPIC}", "no transforms", id="macro"),
    pytest.param(
        "Resources: {'Fn::ForEach::X': [A, [b], {'T${A}': {Type: 'AWS::SNS::Topic'}}]}",
        "no transforms, macros or loops",
        id="loop",
    ),
    pytest.param(
        "Resources: {A: {Type: 'AWS::SNS::Topic', Properties: {'Fn::Transform': {Name: X}}}}",
        "no transforms",
        id="transform inside a resource",
    ),
    pytest.param("Resources: {A: {}}", r"\[/Resources/A\] Every Resources object", id="no type"),
    pytest.param(
        "Resources: {a-b: {Type: 'AWS::SNS::Topic'}}", "a-b is non alphanumeric", id="bad id"
    ),
    pytest.param(
        "Resources: {A: {Type: 'AWS::SNS::Topic', Propertys: {}}}", "Propertys", id="misspelt key"
    ),
    pytest.param(
        "Resources: {A: {Type: 'AWS::SNS::Topic', UpdatePolicy: {}}}",
        "UpdatePolicy",
        id="an attribute that the sandbox does not act on",
    ),
    pytest.param(
        "Resources: {A: {Type: 'AWS::SNS::Topic', DeletionPolicy: Snapshot}}",
        "no DeletionPolicy 'Snapshot'",
        id="snapshots",
    ),
    pytest.param(
        "Resources: {A: {Type: 'AWS::SNS::Topic', Properties: {TopicName: }}}",
        r"\[/Resources/A/Properties/TopicName\] 'null' values",
        id="null",
    ),
    pytest.param(
        TOPIC + "Outputs: {O: {Value: '{{resolve:ssm:/x}}'}}",
        "the dynamic reference {{resolve:ssm:/x}} stands outside",
        id="a dynamic reference outside of properties",
    ),
    pytest.param(
        "Resources: {A: {Type: 'AWS::SNS::Topic', "
        "Properties: {TopicName: '{{resolve:ssm-secure:/x:1}}'}}}",
        r"SSM Secure reference is not supported in: \[/Resources/A/Properties/TopicName\]",
        id="a secure reference",
    ),
    pytest.param(f"Parameters: {{A: {{}}}}\n{TOPIC}", "contain a Type member", id="no type"),
    pytest.param(f"Parameters: {{A: {{Type: String, Min: 1}}}}\n{TOPIC}", "Min", id="bad key"),
    pytest.param(f"Outputs: {{A: {{}}}}\n{TOPIC}", "Output A must contain a Value", id="no value"),
    pytest.param(f"{TOPIC}{TOPIC}", "duplicate key 'Resources' at line 2", id="written twice"),
    pytest.param(f"AWSTemplateFormatVersion: 2011-01-01\n{TOPIC}", "FormatVersion", id="version"),
    pytest.param(
        json.dumps({"Resources": {f"A{n}": {"Type": "AWS::SNS::Topic"} for n in range(501)}}),
        "Number of resources, 501, is greater than maximum allowed, 500",
        id="more than 500 resources",
    ),
]


@pytest.mark.parametrize(("text", "message"), MALFORMED)
def test_a_malformed_template_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        template.parse(text)


def test_json_and_yaml_give_the_same_template() -> None:
    short = template.parse("Resources: {A: {Type: T, Properties: {X: !GetAtt B.C.D}}}")
    long = template.parse(
        '{"Resources": {"A": {"Type": "T", "Properties": {"X": {"Fn::GetAtt": "B.C.D"}}}}}'
    )
    used = [list(references.references(t.resources)) for t in (short, long)]
    assert used[0] == used[1] == [references.Reference("B", "C.D")]


def with_parameter(declaration: str) -> Template:
    return template.parse(f"Parameters: {{P: {declaration}}}\n{TOPIC}")


READINGS: list[Any] = [
    pytest.param(lambda x: None, ["A", "B", "C"], id="nothing read"),
    pytest.param(lambda x: x.get("A"), ["B", "C"], id="one key"),
    pytest.param(lambda x: x["B"]["X"], ["A", "C"], id="one key of an inner object"),
    pytest.param(lambda x: x["B"], ["A", "B/X", "C"], id="an inner object unopened"),
    pytest.param(lambda x: x["C"][0].get("Y"), ["A", "B", "C/1/Z"], id="an entry of a list"),
    pytest.param(lambda x: [i.get("Y") for i in x["C"]], ["A", "B", "C/1/Z"], id="every entry"),
    pytest.param(lambda x: "A" in x, ["A", "B", "C"], id="asking whether a key is there"),
    pytest.param(lambda x: list(x), ["A", "B", "C"], id="the keys alone"),
    pytest.param(lambda x: dict(x), ["B/X", "C/0/Y", "C/1/Z"], id="a copy of the outer object"),
    pytest.param(lambda x: {**x}, ["B/X", "C/0/Y", "C/1/Z"], id="unpacking"),
    pytest.param(lambda x: list(x.items()), ["B/X", "C/0/Y", "C/1/Z"], id="all items"),
    pytest.param(json.dumps, [], id="written out as JSON"),
    pytest.param(deepcopy, [], id="copied in full"),
    pytest.param(tracked.take, [], id="taken in full"),
]


@pytest.mark.parametrize(("read", "left"), READINGS)
def test_what_was_not_read_is_known(read: Callable[[Any], Any], left: list[str]) -> None:
    properties = tracked.TrackedDict({"A": 1, "B": {"X": 2}, "C": [{"Y": 3}, {"Z": 4}]})
    read(properties)
    assert tracked.unread(properties) == left


ALLOWED = [
    pytest.param("{Type: String, Default: a}", {}, "a", id="the default"),
    pytest.param("{Type: String, Default: a}", {"P": "b"}, "b", id="what is given wins"),
    pytest.param("{Type: String, Default: ''}", {}, "", id="an empty default is a default"),
    pytest.param("{Type: Number, Default: 7}", {}, "7", id="a number is its text"),
    pytest.param("{Type: Number, AllowedValues: [1, 90]}", {"P": "90"}, "90", id="among values"),
    pytest.param("{Type: String, AllowedPattern: '[a-z]+'}", {"P": "ab"}, "ab", id="by pattern"),
    pytest.param(
        "{Type: CommaDelimitedList}", {"P": "a, b"}, ["a", "b"], id="list items are trimmed"
    ),
    pytest.param("{Type: 'List<Number>'}", {"P": "1,2"}, ["1", "2"], id="a list of numbers"),
    pytest.param(
        "{Type: 'AWS::SSM::Parameter::Value<String>'}", {"P": "/p"}, "read /p", id="from SSM"
    ),
]


@pytest.mark.parametrize(("declaration", "given", "expected"), ALLOWED)
def test_a_parameter_has_its_value(declaration: str, given: dict[str, str], expected: Any) -> None:
    declared = with_parameter(declaration)
    full = parameters.complete(declared, given)
    assert parameters.references(declared, full, lambda name: f"read {name}") == {"P": expected}


FORBIDDEN = [
    pytest.param("{Type: String}", {}, r"Parameters: \[P\] must have values", id="missing"),
    pytest.param(
        "{Type: String, Default: a}",
        {"Q": "x"},
        r"Parameters: \[Q\] do not exist in the template",
        id="unknown",
    ),
    pytest.param(
        "{Type: String, AllowedValues: [a]}",
        {"P": "b"},
        "Parameter 'P' must be one of AllowedValues",
        id="not among the values",
    ),
    pytest.param(
        "{Type: String, AllowedPattern: '[a-z]+'}",
        {"P": "ab1"},
        r"Parameter 'P' must match pattern \[a-z\]\+",
        id="the pattern matches only a part",
    ),
    pytest.param(
        "{Type: String, AllowedPattern: '[a-z]+', ConstraintDescription: must be letters}",
        {"P": "1"},
        "Parameter P failed to satisfy constraint: must be letters",
        id="with the author's description",
    ),
    pytest.param(
        "{Type: CommaDelimitedList, AllowedPattern: '[a-z]+'}",
        {"P": "a,1"},
        "must match pattern",
        id="one item of a list",
    ),
    pytest.param(
        "{Type: String, MinLength: 2}", {"P": "a"}, "at least 2 characters", id="too short"
    ),
    pytest.param("{Type: String, MaxLength: 2}", {"P": "abc"}, "at most 2 char", id="too long"),
    pytest.param("{Type: Number, MinValue: 1}", {"P": "0"}, "not less than 1", id="too small"),
    pytest.param("{Type: Number, MaxValue: 9}", {"P": "10"}, "not greater than 9", id="too big"),
    pytest.param("{Type: Number}", {"P": "ten"}, "must be a number", id="no number"),
    pytest.param("{Type: String, MinLength: 1, Default: ''}", {}, "at least 1", id="the default"),
    pytest.param("{Type: Strang}", {"P": "a"}, "no type Strang of parameter P", id="type"),
    pytest.param("{Type: String}", {"P": "x" * 4097}, "at most 4096 bytes", id="too many bytes"),
]


@pytest.mark.parametrize(("declaration", "given", "message"), FORBIDDEN)
def test_a_value_that_is_not_allowed_is_refused(
    declaration: str, given: dict[str, str], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        parameters.complete(with_parameter(declaration), given)


def resources(**properties: str) -> Template:
    lines = [f"{n}: {{Type: 'AWS::SNS::Topic', {p}}}" for n, p in properties.items()]
    return template.parse(f"Resources: {{{', '.join(lines)}}}")


STRAY = [
    pytest.param("Properties: {TopicName: !Ref B}", r"dependencies \[B\]", id="Ref"),
    pytest.param("Properties: {TopicName: !GetAtt B.C}", "undefined resource B", id="GetAtt"),
    pytest.param("Properties: {TopicName: !Sub '${B}'}", r"dependencies \[B\]", id="Sub"),
    pytest.param("Properties: {TopicName: !Sub '${B.C}'}", "undefined resource B", id="Sub GetAtt"),
    pytest.param("DependsOn: B", r"dependencies \[B\]", id="DependsOn"),
    pytest.param("Condition: B", "Unresolved condition dependency B", id="Condition"),
    pytest.param("Properties: {X: !If [B, 1, 2]}", "Unresolved condition dependency B", id="If"),
    pytest.param("Properties: {X: !Ref 'AWS::Regio'}", "AWS::Regio", id="a pseudo parameter"),
]


@pytest.mark.parametrize(("attribute", "message"), STRAY)
def test_a_name_that_nothing_defines_is_refused(attribute: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        references.check(resources(A=attribute))


def test_a_condition_may_not_ask_for_a_resource() -> None:
    asks = template.parse("Conditions: {X: !Equals [!Ref Topic, a]}\n" + TOPIC)
    with pytest.raises(ValidationError, match="Cannot reference resources in the Conditions"):
        references.check(asks)


def made_in_order(parsed: Template) -> list[str]:
    return references.order(references.needs(parsed, lambda kind: ()))


def test_what_is_needed_comes_first_and_the_rest_in_the_worst_order() -> None:
    parsed = resources(
        A="Properties: {X: !Ref C}", B="DependsOn: [A]", C="Properties: {}", D="Properties: {}"
    )
    assert made_in_order(parsed) == ["D", "C", "A", "B"]


@pytest.mark.parametrize(
    "properties",
    [
        pytest.param({"A": "Properties: {X: !Ref A}"}, id="itself"),
        pytest.param({"A": "Properties: {X: !GetAtt B.X}", "B": "DependsOn: A"}, id="one another"),
    ],
)
def test_resources_that_wait_for_one_another_are_refused(properties: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=r"Circular dependency between resources: \[A"):
        made_in_order(resources(**properties))
