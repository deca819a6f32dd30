"""A pattern matches and is refused as EventBridge matches and refuses it."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.events.patterns import matches, may_match

ACCOUNT = "123456789012"

EVENT = {
    "source": "aws.config",
    "account": ACCOUNT,
    "detail": {
        "rule": "netmend-x",
        "type": "NON_COMPLIANT",
        "none": None,
        "yes": True,
        "port": 22,
        "ipv4": "10.1.2.3",
        "ipv6": "2001:db8::5",
        "names": ["a", "b"],
        "empty": [],
        "items": [{"port": 22, "cidr": "10.0.0.0/8"}, {"port": 80, "cidr": "0.0.0.0/0"}],
        "deep": [[{"id": "x"}]],
        "file": "a/b/c.txt",
        "star": "a*b",
    },
}

FIRES = [
    ({"account": [ACCOUNT]}, "a text that is equal"),
    ({"source": ["x", "aws.config"]}, "one of several texts"),
    ({"detail": {"port": [22]}}, "a number that is equal"),
    ({"detail": {"none": [None]}}, "null"),
    ({"detail": {"yes": [True]}}, "a truth value"),
    ({"detail": {"names": ["b"]}}, "an element of an array"),
    ({"detail": {"rule": [{"prefix": "netmend-"}]}}, "a prefix"),
    ({"detail": {"rule": [{"prefix": {"equals-ignore-case": "NETMEND"}}]}}, "a prefix, any case"),
    ({"detail": {"file": [{"suffix": ".txt"}]}}, "a suffix"),
    ({"detail": {"file": [{"suffix": {"equals-ignore-case": ".TXT"}}]}}, "a suffix, any case"),
    ({"detail": {"type": [{"anything-but": "COMPLIANT"}]}}, "anything but a text"),
    ({"detail": {"type": [{"anything-but": ["A", "B"]}]}}, "anything but a list"),
    ({"detail": {"port": [{"anything-but": [80, 443]}]}}, "anything but numbers"),
    ({"detail": {"rule": [{"anything-but": {"prefix": "aws-"}}]}}, "anything but a prefix"),
    ({"detail": {"rule": [{"anything-but": {"prefix": ["a", "b"]}}]}}, "but several prefixes"),
    ({"detail": {"rule": [{"anything-but": {"suffix": "-y"}}]}}, "anything but a suffix"),
    ({"detail": {"rule": [{"anything-but": {"wildcard": "*-y"}}]}}, "anything but a wildcard"),
    ({"detail": {"type": [{"anything-but": {"equals-ignore-case": "x"}}]}}, "but any case"),
    ({"detail": {"names": [{"anything-but": ["a"]}]}}, "one element is something else"),
    ({"detail": {"gone": [{"exists": False}]}}, "what is not there"),
    ({"detail": {"gone": {"deeper": [{"exists": False}]}}}, "what is under what is not there"),
    ({"detail": {"empty": [{"exists": False}]}}, "an empty array holds nothing"),
    ({"detail": {"none": [{"exists": True}]}}, "null is there"),
    ({"detail": {"gone": ["x", {"exists": False}]}}, "a text or nothing"),
    ({"detail": {"port": [{"numeric": ["=", 22]}]}}, "a number compared"),
    ({"detail": {"port": [{"numeric": [">", 0, "<=", 22]}]}}, "a range of numbers"),
    ({"detail": {"ipv4": [{"cidr": "10.0.0.0/8"}]}}, "an address in a range"),
    ({"detail": {"ipv6": [{"cidr": "2001:db8::/32"}]}}, "an IPv6 address in a range"),
    ({"detail": {"type": [{"equals-ignore-case": "non_compliant"}]}}, "equal but for case"),
    ({"detail": {"file": [{"wildcard": "a/*/c.*"}]}}, "a wildcard"),
    ({"detail": {"star": [{"wildcard": "a\\*b"}]}}, "a wildcard's escaped star"),
    ({"$or": [{"source": ["x"]}, {"account": [ACCOUNT]}]}, "one of two"),
    ({"detail": {"$or": [{"port": [1]}, {"yes": [True]}], "rule": ["netmend-x"]}}, "or, and more"),
    ({"detail": {"items": {"port": [80]}}}, "a field of one of several objects"),
    ({"detail": {"items": {"port": [80], "cidr": ["0.0.0.0/0"]}}}, "two fields of one object"),
    ({"detail": {"deep": {"id": ["x"]}}}, "an array in an array"),
]

SILENT = [
    ({"source": ["aws.ec2"]}, "another text"),
    ({"source": ["aws.config"], "account": ["1"]}, "all fields count"),
    ({"detail": {"port": ["22"]}}, "a text is no number"),
    ({"detail": {"yes": [1]}}, "a number is no truth value"),
    ({"detail": {"none": ["null"]}}, "a text is not null"),
    ({"detail": {"rule": [{"prefix": "other-"}]}}, "another prefix"),
    ({"detail": {"port": [{"prefix": "2"}]}}, "a number has no prefix"),
    ({"detail": {"type": [{"anything-but": ["NON_COMPLIANT"]}]}}, "the one that may not be"),
    ({"detail": {"gone": [{"anything-but": "x"}]}}, "what is not there is not anything"),
    ({"detail": {"rule": [{"exists": False}]}}, "what is there"),
    ({"detail": {"items": {"port": [{"exists": False}]}}}, "what is in each object"),
    ({"detail": {"items": [{"exists": True}]}}, "exists asks for leaves"),
    ({"detail": {"port": [{"numeric": [">", 22]}]}}, "a number too small"),
    ({"detail": {"rule": [{"numeric": ["=", 22]}]}}, "a text compared as a number"),
    ({"detail": {"ipv4": [{"cidr": "10.2.0.0/16"}]}}, "an address outside"),
    ({"detail": {"ipv4": [{"cidr": "2001:db8::/32"}]}}, "an address of the other family"),
    ({"detail": {"rule": [{"cidr": "10.0.0.0/8"}]}}, "a text that is no address"),
    ({"detail": {"file": [{"wildcard": "a/*/d.*"}]}}, "another wildcard"),
    ({"$or": [{"source": ["x"]}, {"account": ["1"]}]}, "none of two"),
    ({"detail": {"items": {"port": [22], "cidr": ["0.0.0.0/0"]}}}, "fields of two objects"),
    ({"detail": {"names": {"x": ["a"]}}}, "a text has no fields"),
]


def cases(table):
    return [pytest.param(pattern, id=name) for pattern, name in table]


@pytest.mark.parametrize("pattern", cases(FIRES))
def test_a_pattern_matches(pattern):
    assert matches(json.dumps(pattern), EVENT)


@pytest.mark.parametrize("pattern", cases(SILENT))
def test_a_pattern_does_not_match(pattern):
    assert not matches(json.dumps(pattern), EVENT)


REFUSED = [
    ('{"source": [{"prefx": "a"}]}', "Unrecognized match type prefx", "a typo"),
    ('{"source": "aws.config"}', '"source" must be an object or an array', "a bare text"),
    ('{"source": []}', "Empty arrays are not allowed", "an empty list"),
    ('{"detail": {}}', "Empty objects are not allowed", "an empty object"),
    ("{}", "Empty objects are not allowed", "an empty pattern"),
    ('{"source": [{}]}', "Empty objects are not allowed", "an empty filter"),
    ('["x"]', "Filter is not an object", "a list"),
    ("{", "Invalid JSON", "no JSON"),
    ('{"a": [{"prefix": "a", "suffix": "b"}]}', "Only one key allowed", "two filters in one"),
    ('{"a": [{"prefix": 1}]}', "prefix match pattern must be a string", "a prefix, no text"),
    ('{"a": [{"exists": "x"}]}', "must be either true or false", "exists of a text"),
    ('{"a": [{"wildcard": "a**b"}]}', "Consecutive wildcard characters", "two stars"),
    ('{"a": [{"wildcard": "a\\\\b"}]}', "Invalid escape character", "a stray backslash"),
    ('{"a": [{"numeric": 5}]}', "Value of numeric must be an array", "a bare number"),
    ('{"a": [{"numeric": ["~", 5]}]}', "Unrecognized numeric range operator", "a strange sign"),
    ('{"a": [{"numeric": [">", 5, "<", 1]}]}', "Bottom must be less than top", "an empty range"),
    ('{"a": [{"cidr": "10.0.0.0"}]}', "Malformed CIDR", "a range without its bits"),
    ('{"a": [{"cidr": "10.0.0.300/8"}]}', "Malformed CIDR", "no address"),
    ('{"a": [{"anything-but": ["x", 1]}]}', "mixed type is not supported", "mixed types"),
    (
        '{"a": [{"anything-but": {"cidr": "x"}}]}',
        "Unsupported anything-but",
        "anything but a range",
    ),
    ('{"$or": [{"a": ["x"]}]}', "at least 2 objects", "one alternative"),
    ('{"a": [["x"]]}', "Match value must be", "a list in a list"),
    ('{"a": ["' + "x" * 4096 + '"]}', "at most 4096", "a pattern that is too long"),
]


@pytest.mark.parametrize(
    ("text", "words"), [pytest.param(text, words, id=name) for text, words, name in REFUSED]
)
def test_a_pattern_is_refused_for(sandbox, text, words):
    events = sandbox.client("events")
    envelope = json.dumps({"id": "1"})
    for refused in (
        lambda: events.put_rule(Name="r", EventPattern=text),
        lambda: events.test_event_pattern(EventPattern=text, Event=envelope),
    ):
        with pytest.raises(ClientError) as raised:
            refused()
        error = raised.value.response["Error"]
        if error["Code"] == "ValidationException":  # the model's own limit, kept before ours
            continue
        assert error["Code"] == "InvalidEventPatternException"
        assert error["Message"].startswith("Event pattern is not valid. Reason: ")
        assert words in error["Message"]


WHOLE = {
    "id": "1",
    "time": "2026-01-01T00:00:00Z",
    "region": "us-east-1",
    "resources": [],
    "detail-type": "x",
}


@pytest.mark.parametrize(("source", "expected"), [("aws.config", True), ("aws.ec2", False)])
def test_a_pattern_is_tried_by_the_api(sandbox, source, expected):
    answer = sandbox.client("events").test_event_pattern(
        EventPattern=json.dumps({"source": [source]}), Event=json.dumps({**EVENT, **WHOLE})
    )
    assert answer["Result"] is expected


def test_an_event_without_its_envelope_is_not_tried(sandbox):
    with pytest.raises(ClientError, match="it has no id"):
        sandbox.client("events").test_event_pattern(
            EventPattern='{"source": ["x"]}', Event='{"source": "x"}'
        )


KNOWN = {"source": "aws.ec2", "detail-type": "call", "detail": {"eventName": "CreateRoute"}}
POSSIBLE = [
    ({"source": ["aws.ec2"]}, True, "a field that is known and right"),
    ({"source": ["aws.s3"]}, False, "a field that is known and wrong"),
    ({"resources": ["x"]}, True, "a field that is not known"),
    ({"detail": {"eventName": ["CreateRoute"], "errorCode": [{"exists": False}]}}, True, "both"),
    ({"detail": {"eventName": ["DeleteRoute"]}}, False, "a name within that is wrong"),
    ({"$or": [{"source": ["x"]}, {"region": ["y"]}]}, True, "an alternative that is not known"),
    ({"$or": [{"source": ["x"]}, {"source": ["y"]}]}, False, "no alternative is right"),
]


@pytest.mark.parametrize(
    ("pattern", "expected"), [pytest.param(p, e, id=name) for p, e, name in POSSIBLE]
)
def test_a_match_is_possible_by_what_is_known(pattern, expected):
    assert may_match(json.dumps(pattern), KNOWN) is expected
