"""Events of AWS's own sources are injected, and the clock is moved, by doors of the sandbox."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from netmend.sandbox import doors, extensions
from netmend.sandbox.api import ApiError
from netmend.sandbox.core import Sandbox
from netmend.sandbox.door import Door
from netmend.sandbox.events import inject

ACCOUNT = "123456789012"
REGION = "us-east-1"
FINDING = {"Source": "aws.guardduty", "DetailType": "GuardDuty Finding", "Detail": {"severity": 8}}
PATTERN = {"source": ["aws.guardduty", "aws.events"]}


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    modules = ("iam", "functions", "notifications", "events", "clockdoor")
    monkeypatch.setattr(extensions, "MODULES", modules)
    monkeypatch.setattr("netmend.sandbox.core.WITNESSES", [])  # no trail announces our own calls
    with Sandbox() as started:
        yield started


def body(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"account": ACCOUNT, "region": REGION, "events": list(events), **more}


def test_an_injected_event_is_one_of_its_service(sandbox, rule, queue):
    waiting = queue("waiting")
    rule({"Arn": waiting.arn}, pattern=PATTERN)
    entry = {**FINDING, "Resources": ["arn:x"], "Time": "2026-01-02T03:04:05+01:00"}
    (event_id,) = inject(sandbox, ACCOUNT, REGION, [entry])
    sandbox.settle()
    assert waiting.bodies() == [
        {
            "version": "0",
            "id": event_id,
            "detail-type": "GuardDuty Finding",
            "source": "aws.guardduty",
            "account": ACCOUNT,
            "time": "2026-01-02T02:04:05Z",
            "region": REGION,
            "resources": ["arn:x"],
            "detail": {"severity": 8},
        }
    ]


@pytest.mark.parametrize("time", [1_767_323_045, 1_767_323_045.0, "2026-01-02T03:04:05"])
def test_a_time_is_given_as(sandbox, rule, queue, time):
    waiting = queue("waiting")
    rule({"Arn": waiting.arn}, pattern=PATTERN)
    inject(sandbox, ACCOUNT, REGION, [{**FINDING, "Detail": '{"a": 1}', "Time": time}])
    sandbox.settle()
    (event,) = waiting.bodies()
    assert (event["time"], event["detail"]) == ("2026-01-02T03:04:05Z", {"a": 1})


REFUSED = [
    (body(FINDING, account="1"), "12 digits", "an account that is none"),
    ({"account": ACCOUNT, "events": []}, "12 digits", "no Region"),
    ({"account": ACCOUNT, "region": REGION}, "12 digits", "no events"),
    (body({"Source": "aws.ec2"}), "needs Source, DetailType", "an event without a type"),
    (body({**FINDING, "Detail": "{"}), "Detail is no JSON", "a detail, no JSON"),
    (body({**FINDING, "Detail": []}), "must be an object", "a detail, no object"),
    (body({**FINDING, "Time": "noon"}), "not ISO 8601", "a time that is none"),
]


@pytest.mark.parametrize(("given", "words"), [pytest.param(*c[:2], id=c[2]) for c in REFUSED])
def test_an_injection_is_refused_for(sandbox, rule, queue, given, words):
    waiting = queue("waiting")
    rule({"Arn": waiting.arn}, pattern=PATTERN)
    if given.get("events"):
        given = {**given, "events": [FINDING, *given["events"]]}
    with pytest.raises(ApiError, match=words):
        doors.DOORS["events"](sandbox, given)
    sandbox.settle()
    assert waiting.bodies() == []


@pytest.mark.parametrize("seconds", [-1, "5", None, True])
def test_the_clock_refuses(sandbox, seconds):
    with pytest.raises(ApiError, match="give seconds, 0 or more"):
        doors.DOORS["clock"](sandbox, {"advance": seconds})


def test_the_clock_does_what_is_due(sandbox, rule, queue):
    waiting = queue("waiting")
    sandbox.client("events").put_rule(Name="drift", ScheduleExpression="rate(1 hour)")
    sandbox.client("events").put_targets(Rule="drift", Targets=[{"Id": "q", "Arn": waiting.arn}])
    before = doors.DOORS["clock"](sandbox, {})["now"]
    after = doors.DOORS["clock"](sandbox, {"advance": 3601})["now"]
    assert 3601 <= after - before < 3700
    assert len(waiting.bodies()) == 1


@pytest.fixture
def door(sandbox: Sandbox) -> Iterator[Door]:
    opened = Door(sandbox).open()
    yield opened
    opened.close()


def post(door: Door, name: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(
        f"{door.url}/_netmend/{name}", json.dumps(body).encode(), method="POST"
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_over_http_the_clock_waits_for_what_is_due(sandbox, door, queue):
    waiting = queue("waiting")
    events = sandbox.client("events")
    events.put_rule(Name="drift", ScheduleExpression="rate(1 hour)")
    events.put_targets(Rule="drift", Targets=[{"Id": "q", "Arn": waiting.arn}])
    status, answer = post(door, "clock", {"advance": 3601})
    assert status == 200
    assert answer["now"] >= 3601
    post(door, "clock", {"advance": 0.001})  # for what the firing itself made due
    assert [event["detail-type"] for event in waiting.bodies()] == ["Scheduled Event"]


def test_over_http_an_event_is_injected(sandbox, door, rule, queue):
    waiting = queue("waiting")
    rule({"Arn": waiting.arn}, pattern=PATTERN)
    status, answer = post(door, "events", body(FINDING))
    post(door, "clock", {"advance": 0.001})
    assert status == 200
    assert [event["id"] for event in waiting.bodies()] == answer["ids"]


def test_a_door_loses_everything_until_told_otherwise(sandbox, rule, queue):
    waiting = queue("waiting")
    rule({"Arn": waiting.arn}, pattern=PATTERN)
    where = {"account": ACCOUNT, "region": REGION}
    answer = doors.DOORS["faults"](sandbox, {**where, "lost": 1})
    assert answer == {"lost": 1.0, "doubled": 0.0, "delayed": 0.0, "seconds": 60.0}
    inject(sandbox, ACCOUNT, REGION, [FINDING])
    sandbox.settle()
    doors.DOORS["faults"](sandbox, where)
    (event_id,) = inject(sandbox, ACCOUNT, REGION, [FINDING])
    sandbox.settle()
    assert [event["id"] for event in waiting.bodies()] == [event_id]


@pytest.mark.parametrize("given", [{"lost": 2}, {"lost": "all"}, {"seconds": -1}])
def test_a_fault_is_refused(sandbox, given):
    with pytest.raises(ApiError, match="give 0 to"):
        doors.DOORS["faults"](sandbox, {"account": ACCOUNT, "region": REGION, **given})


def test_over_http_a_refusal_says_why(door):
    assert post(door, "clock", {"advance": -1})[0] == 400
    status, answer = post(door, "events", {})
    assert (status, answer["error"]) == (400, "ValidationException")
