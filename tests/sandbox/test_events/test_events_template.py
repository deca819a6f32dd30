"""Paths and input templates do what EventBridge was seen to do."""

from __future__ import annotations

import json

import pytest

from netmend.sandbox.events import template

RULE = "arn:aws:events:us-east-1:123456789012:rule/drift"
ARRIVED = "2026-11-24T10:00:05Z"
EVENT = {
    "version": "0",
    "id": "7bf73129-1428-4cd3-a780-95db273d1602",
    "detail-type": "Config Rules Compliance Change",
    "source": "aws.config",
    "account": "123456789012",
    "time": "2026-11-24T10:00:00Z",
    "region": "us-east-1",
    "resources": ["arn:one", "arn:two"],
    "detail": {
        "resourceId": "sg-1",
        "instance-id": "i-1",
        "count": 3,
        "flag": True,
        "nothing": None,
        "quoted": 'say "no"',
        "result": {"complianceType": "NON_COMPLIANT", "ids": ["a", "b"]},
    },
}
PATHS = {
    "id": "$.detail.resourceId",
    "instance": "$.detail.instance-id",
    "type": "$.detail-type",
    "count": "$.detail.count",
    "flag": "$.detail.flag",
    "nothing": "$.detail.nothing",
    "quoted": "$.detail.quoted",
    "result": "$.detail.result",
    "ids": "$.detail.result.ids",
    "second": "$.resources[1]",
    "absent": "$.detail.absent",
    "deeper": "$.detail.resourceId.deeper",
}


def rendered(text: str) -> str:
    values = template.variables(EVENT, PATHS, RULE, ARRIVED)
    return template.render(text, values)


RENDERED = [
    pytest.param('{"r": [<id>]}', '{"r":["sg-1"]}', id="a text outside quotes gets quotes"),
    pytest.param('{"r": ["<id>"]}', '{"r":["sg-1"]}', id="a text within quotes gets no others"),
    pytest.param(
        '{"r": "group <id> of \\"<instance>\\""}',
        '{"r":"group sg-1 of \\"i-1\\""}',
        id="escaped quotes do not end a text",
    ),
    pytest.param('"<id> is in <second>"', '"sg-1 is in arn:two"', id="a template may be a text"),
    pytest.param(
        '"first <id>"\n"second <instance>"',
        '"first sg-1"\n"second i-1"',
        id="a template may be several texts",
    ),
    pytest.param(
        '[<count>, <flag>, <nothing>, "<count>", "<flag>"]',
        '[3,true,null,"3","true"]',
        id="numbers, booleans and null stay what they are",
    ),
    pytest.param(
        "<result>",
        '{"complianceType":"NON_COMPLIANT","ids":["a","b"]}',
        id="an object is written as JSON",
    ),
    pytest.param(
        '{"r": "<result>"}',
        '{"r":"{complianceType:NON_COMPLIANT,ids:[a,b]}"}',
        id="an object within quotes loses its own quotes",
    ),
    pytest.param('{"r": <ids>}', '{"r":["a","b"]}', id="a list is written as JSON"),
    pytest.param('{"r": <absent>}', '{"r":""}', id="what is not there is an empty text"),
    pytest.param('"no <absent>"', '"no "', id="what is not there leaves nothing in a text"),
    pytest.param('{"r": <deeper>}', '{"r":""}', id="a path does not go into a text"),
    pytest.param('{"r": <quoted>}', '{"r": "say "no""}', id="quotes in a value are not escaped"),
    pytest.param('{"t": "<type>"}', '{"t":"Config Rules Compliance Change"}', id="keys with -"),
    pytest.param(
        "[<aws.events.rule-arn>, <aws.events.rule-name>, <aws.events.event.ingestion-time>]",
        f'["{RULE}","drift","{ARRIVED}"]',
        id="the rule and the time of arrival are known",
    ),
    pytest.param(
        "<aws.events.event.json>",
        json.dumps(EVENT, separators=(",", ":")),
        id="the event's JSON is the whole event",
    ),
]


@pytest.mark.parametrize(("text", "expected"), RENDERED)
def test_a_template_is_rendered_so_that(text, expected):
    assert rendered(text) == expected


def test_the_event_variable_is_the_event_without_its_detail():
    copy = json.loads(rendered("<aws.events.event>"))
    assert set(copy) == (set(EVENT) - {"detail", "detail-type"}) | {"detailType"}
    assert copy["time"] == ARRIVED


ACCEPTED = [
    '{"ResourceId": [<id>], "Role": ["arn:aws:iam::1:role/x"]}',
    '"<id> and <aws.events.rule-name>"',
    '"one"\n"two <id>"',
    "<result>",
    '{"a": "<id>, \\"<id>\\""}',
]


@pytest.mark.parametrize("text", ACCEPTED)
def test_a_good_template_is_taken(text):
    template.check_template(text, PATHS)


WRONG = [
    pytest.param('{"r": <other>}', "invalid placeholder other", id="an unknown variable"),
    pytest.param("<id> is open", "not JSON", id="a text without quotes"),
    pytest.param('{"r": [<id>}', "not JSON", id="a bracket that is not closed"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_a_template_is_refused_for(text, words):
    with pytest.raises(template.TemplateError, match=words):
        template.check_template(text, PATHS)


FOUND = [
    ("$", EVENT),
    ("$.detail.count", 3),
    ("$.resources[0]", "arn:one"),
    ("$.detail.result.ids[1]", "b"),
]


@pytest.mark.parametrize(("path", "value"), FOUND)
def test_a_path_finds(path, value):
    template.check_path(path)
    assert template.find(EVENT, path) == (True, value)


@pytest.mark.parametrize("path", ["$.detail.other", "$.resources[2]", "$.source.x", "$.detail[0]"])
def test_a_path_finds_nothing(path):
    assert template.find(EVENT, path) == (False, None)


@pytest.mark.parametrize("path", ["detail.id", "$.detail[*]", "$..id", "$.a b", "$['detail']", ""])
def test_a_path_in_another_notation_is_refused(path):
    with pytest.raises(template.TemplateError, match="dot notation"):
        template.check_path(path)
