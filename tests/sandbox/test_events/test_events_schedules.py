"""A rule with a ScheduleExpression fires by the sandbox's clock."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox

ACCOUNT = "123456789012"
REGION = "us-east-1"
RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/drift"
HOUR = 3600


@pytest.fixture
def ticks(sandbox, queue):
    """ticks(expression, state) -> the queue that the rule `drift` sends to."""

    def make(expression: str, state: str = "ENABLED") -> Any:
        waiting, events = queue("waiting"), sandbox.client("events")
        events.put_rule(Name="drift", ScheduleExpression=expression, State=state)
        events.put_targets(Rule="drift", Targets=[{"Id": "q", "Arn": waiting.arn}])
        return waiting

    return make


def wait(sandbox: Sandbox, seconds: float) -> None:
    sandbox.clock.advance(seconds)
    sandbox.settle()


def heard(waiting: Any) -> list[dict[str, Any]]:
    found = waiting.messages()
    for message in found:
        waiting._sqs.delete_message(QueueUrl=waiting._url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in found]


def test_a_rate_fires_each_time(sandbox, ticks):
    waiting = ticks("rate(1 hour)")
    sandbox.settle()
    assert heard(waiting) == []
    wait(sandbox, HOUR + 1)
    (event,) = heard(waiting)
    assert (event["source"], event["detail-type"]) == ("aws.events", "Scheduled Event")
    assert (event["resources"], event["detail"]) == ([RULE], {})
    wait(sandbox, 3 * HOUR)
    assert len(heard(waiting)) == 3


def test_a_cron_fires_at_its_minute(sandbox, ticks):
    waiting = ticks("cron(30 6 * * ? *)")
    wait(sandbox, 24 * HOUR)
    (event,) = heard(waiting)
    assert event["time"].endswith("T06:30:00Z")


SILENCED = [
    pytest.param(lambda e: e.disable_rule(Name="drift"), id="it is disabled"),
    pytest.param(
        lambda e: (e.remove_targets(Rule="drift", Ids=["q"]), e.delete_rule(Name="drift")),
        id="it is deleted",
    ),
    pytest.param(
        lambda e: e.put_rule(Name="drift", ScheduleExpression="rate(9 days)"), id="it waits longer"
    ),
    pytest.param(
        lambda e: e.put_rule(Name="drift", EventPattern='{"source": ["x"]}'),
        id="it has a pattern in its place",
    ),
]


@pytest.mark.parametrize("silence", SILENCED)
def test_a_rule_fires_no_more_when(sandbox, ticks, silence):
    waiting = ticks("rate(1 hour)")
    silence(sandbox.client("events"))
    wait(sandbox, 5 * HOUR)
    assert heard(waiting) == []


def test_a_rule_that_is_enabled_fires(sandbox, ticks):
    waiting = ticks("rate(1 hour)", "DISABLED")
    wait(sandbox, HOUR + 1)
    assert heard(waiting) == []
    sandbox.client("events").enable_rule(Name="drift")
    wait(sandbox, HOUR)
    assert len(heard(waiting)) == 1


REFUSED = ["rate(1 hours)", "cron(0 12 * * * *)", "at(2026-01-01T00:00:00)", "rate(x)"]


@pytest.mark.parametrize("expression", REFUSED)
def test_a_schedule_is_refused(sandbox, expression):
    with pytest.raises(ClientError, match="ScheduleExpression is not valid"):
        sandbox.client("events").put_rule(Name="daily", ScheduleExpression=expression)


def test_a_schedule_is_of_the_default_bus(sandbox):
    events = sandbox.client("events")
    events.create_event_bus(Name="apps")
    with pytest.raises(ClientError, match="only on the default event bus"):
        events.put_rule(Name="r", EventBusName="apps", ScheduleExpression="rate(1 hour)")
