"""The door answers whatever is sent to it, and nothing that is sent ends it."""

from __future__ import annotations

import html
import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from netmend.sandbox.api import OPERATIONS
from netmend.sandbox.core import Sandbox
from netmend.sandbox.door import LOOPBACK, Door
from netmend.sandbox.doors import DOORS

SIGNED = (
    "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/{}/aws4_request, "
    "SignedHeaders=host, Signature=0"
)
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefg", "bcdefgh", strict=True))
    + "]><Tagging>&h;</Tagging>"
)
DEEP = "[" * 100_000


@pytest.fixture(scope="module")
def opened() -> Iterator[tuple[Sandbox, Door]]:
    with Sandbox() as sandbox:
        door = Door(sandbox).open()
        yield sandbox, door
        door.close()


def sent(door: Door, method: str, path: str, headers: dict[str, str], body: str) -> tuple[int, str]:
    _, _, port = door.url.rpartition(":")
    connection = http.client.HTTPConnection(LOOPBACK, int(port), timeout=20)
    connection.request(method, path, body.encode(), headers)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


def signed(service: str, **headers: str) -> dict[str, str]:
    return {"Authorization": SIGNED.format(service)} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }


SSM = signed(
    "ssm", X_Amz_Target="AmazonSSM.GetParameter", Content_Type="application/x-amz-json-1.1"
)
FORM = "application/x-www-form-urlencoded"
HOSTILE: dict[str, tuple[str, str, dict[str, str], str, int]] = {
    "a signature that is none": ("POST", "/", {"Authorization": "AWS4-HMAC-SHA256 x"}, "", 403),
    "a signature of bytes": ("POST", "/", {"Authorization": "\xff\xfe"}, "", 403),
    "no signature": ("POST", "/", {}, "Action=DescribeVpcs", 403),
    "a Region that is none": (
        "POST",
        "/",
        {"Authorization": SIGNED.format("ec2").replace("us-east-1", "x" * 5000)},
        "Action=DescribeVpcs&Version=2016-11-15",
        403,
    ),
    "a service that is none": ("POST", "/", signed("nothing"), "", 501),
    "JSON that ends early": ("POST", "/", SSM, '{"Name": ', 400),
    "JSON that is a list": ("POST", "/", SSM, "[]", 400),
    "JSON nested too deep": ("POST", "/", SSM, DEEP, 400),
    "JSON with a wrong type": ("POST", "/", SSM, '{"Name": {"a": [1]}}', 400),
    "a target that is none": ("POST", "/", signed("ssm", X_Amz_Target="AmazonSSM"), "{}", 501),
    "a form without an action": ("POST", "/", signed("ec2", Content_Type=FORM), "&&&=%zz", 501),
    "a form with members that are none": (
        "POST",
        "/",
        signed("ec2", Content_Type=FORM),
        "Action=DescribeVpcs&Version=2016-11-15&VpcId.x=1&Filter.99999999.Name=a",
        200,
    ),
    "an XML bomb": ("PUT", "/bucket?tagging", signed("s3"), BOMB, 400),
    "XML that ends early": ("PUT", "/bucket?tagging", signed("s3"), "<Tagging><TagSet>", 400),
    "a clock that is no number": ("POST", "/_netmend/clock", {}, '{"advance": "x"}', 400),
    "a clock that never ends": ("POST", "/_netmend/clock", {}, '{"advance": 1e999}', 400),
    "a clock beyond all dates": ("POST", "/_netmend/clock", {}, '{"advance": 1e15}', 400),
    "a clock that becomes no number": ("POST", "/_netmend/clock", {}, '{"advance": NaN}', 400),
    "a private door's JSON nested too deep": ("POST", "/_netmend/clock", {}, DEEP, 400),
    "a private door's bytes that are no text": ("POST", "/_netmend/events", {}, "\xff{", 400),
    "an event whose detail is nested too deep": (
        "POST",
        "/_netmend/events",
        {},
        json.dumps(
            {
                "account": "123456789012",
                "region": "us-east-1",
                "events": [{"Source": "aws.ec2", "DetailType": "x", "Detail": DEEP}],
            }
        ),
        400,
    ),
    "a private door that is none": ("POST", "/_netmend/none", {}, "{}", 404),
}


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"), HOSTILE.values(), ids=HOSTILE
)
def test_what_is_sent_amiss_is_answered_and_the_door_stays_open(
    opened: tuple[Sandbox, Door],
    method: str,
    path: str,
    headers: dict[str, str],
    body: str,
    status: int,
) -> None:
    _, door = opened
    got, text = sent(door, method, path, headers, body)
    assert (got, bool(text)) == (status, True), text[:500]
    got, text = sent(door, "POST", "/_netmend/clock", {}, "{}")
    assert got == 200
    assert json.loads(text)["now"] > 0


def test_a_header_too_long_is_refused_and_the_next_is_answered(
    opened: tuple[Sandbox, Door],
) -> None:
    _, door = opened
    assert sent(door, "POST", "/", {"X-Long": "x" * 70_000}, "")[0] == 431
    assert sent(door, "POST", "/_netmend/clock", {}, "{}")[0] == 200


TOKEN = "11111111-2222-3333-4444-555555555555"
NAP = {"name": "Nap", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}}
RUNBOOK = {"schemaVersion": "0.3", "mainSteps": [NAP]}
TYPES_AMISS: dict[str, tuple[str, dict[str, Any]]] = {
    "parameters that are text": ("StartAutomationExecution", {"Parameters": "x"}),
    "a parameter of null": ("StartAutomationExecution", {"Parameters": {"x": None}}),
    "tags that are numbers": ("StartAutomationExecution", {"Tags": [1]}),
    "a location of null": (
        "StartAutomationExecution",
        {"TargetLocations": [{"Accounts": [None], "Regions": [1]}]},
    ),
    "a payload that is a list": (
        "SendAutomationSignal",
        {"AutomationExecutionId": TOKEN, "SignalType": "Resume", "Payload": [1]},
    ),
    "an attachment that is text": (
        "CreateDocument",
        {"Content": json.dumps(RUNBOOK), "Attachments": ["x"]},
    ),
    "an attachment whose place is null": (
        "CreateDocument",
        {
            "Content": json.dumps(RUNBOOK),
            "Attachments": [{"Key": "S3FileUrl", "Values": [None]}],
        },
    ),
}


@pytest.mark.parametrize(("operation", "params"), TYPES_AMISS.values(), ids=TYPES_AMISS)
def test_an_automation_call_with_wrong_types_is_the_callers_mistake(
    opened: tuple[Sandbox, Door], operation: str, params: dict[str, Any]
) -> None:
    headers = SSM | {"X-Amz-Target": f"AmazonSSM.{operation}"}
    named = {"DocumentName": "Runbook", "Name": "Amiss", "DocumentType": "Automation"}
    status, text = sent(opened[1], "POST", "/", headers, json.dumps(named | params))
    assert status == 400, text
    assert "__type" in text


def test_ten_thousand_events_get_an_id_each_and_the_door_stays_open(
    opened: tuple[Sandbox, Door],
) -> None:
    event = {"Source": "aws.ec2", "DetailType": "x", "Detail": {}}
    body = {"account": "123456789012", "region": "us-east-1", "events": [event] * 10_000}
    status, text = sent(opened[1], "POST", "/_netmend/events", {}, json.dumps(body))
    assert status == 200
    assert len(set(json.loads(text)["ids"])) == 10_000
    assert sent(opened[1], "POST", "/_netmend/clock", {}, "{}")[0] == 200


def test_a_bug_behind_a_private_door_is_logged_and_told_in_json(
    opened: tuple[Sandbox, Door],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setitem(DOORS, "broken", fails)
    status, text = sent(opened[1], "POST", "/_netmend/broken", {}, "{}")
    assert (status, json.loads(text)["error"]) == (500, "InternalFailure")
    assert "the sandbox failed at /_netmend/broken" in caplog.text


def fails(sandbox: Sandbox, call: Any) -> Any:
    raise KeyError("of our own")


CONFIG = signed(
    "config",
    X_Amz_Target="StarlingDoveService.DescribeConfigRules",
    Content_Type="application/x-amz-json-1.1",
)
VPCS = "Action=DescribeVpcs&Version=2016-11-15"
BUGS = {
    "config:DescribeConfigRules": ("POST", "/", CONFIG, "{}"),
    "ec2:DescribeVpcs": ("POST", "/", signed("ec2", Content_Type=FORM), VPCS),
    "s3:ListBuckets": ("GET", "/", signed("s3"), ""),
    "lambda:ListFunctions": ("GET", "/2015-03-31/functions/", signed("lambda"), ""),
}


@pytest.mark.parametrize(("name", "request_"), BUGS.items(), ids=BUGS)
def test_a_bug_of_the_sandboxs_own_is_logged_and_told_in_the_services_form(
    opened: tuple[Sandbox, Door],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
    request_: tuple[str, str, dict[str, str], str],
) -> None:
    service, _, operation = name.partition(":")
    monkeypatch.setitem(OPERATIONS, (service, operation), fails)
    status, text = sent(opened[1], *request_)
    assert status == 500
    assert "the sandbox itself failed (KeyError: " in html.unescape(text)
    assert "<html" not in text
    assert "the sandbox failed at" in caplog.text
