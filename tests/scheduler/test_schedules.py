"""A schedule calls its target when it is due, as its role, and not otherwise."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.api import ApiError
from netmend.sandbox.core import Sandbox
from netmend.sandbox.scheduler import Failures

ACCOUNT = "123456789012"
REGION = "us-east-1"
START = "arn:aws:scheduler:::aws-sdk:ssm:startAutomationExecution"
HOUR = 3600


def wait(sandbox: Sandbox, seconds: float) -> None:
    sandbox.clock.advance(seconds)
    sandbox.settle()


def test_a_rate_begins_at_once_and_goes_on(sandbox, schedule, role, queue):
    waiting = queue("waiting")
    schedule("rate(1 hour)", {"Arn": waiting.arn, "RoleArn": role("sqs:SendMessage"), "Input": "x"})
    sandbox.settle()
    assert waiting.bodies() == ["x"]
    wait(sandbox, HOUR - 60)
    assert waiting.bodies() == []
    wait(sandbox, 120)
    assert waiting.bodies() == ["x"]
    wait(sandbox, 3 * HOUR)
    assert waiting.bodies() == ["x", "x", "x"]


def test_a_start_and_an_end_are_kept(sandbox, schedule, role, queue):
    waiting, now = queue("waiting"), sandbox.clock.now()
    target = {"Arn": waiting.arn, "RoleArn": role("sqs:SendMessage"), "Input": "x"}
    schedule(
        "rate(1 hour)",
        target,
        StartDate=now + timedelta(hours=2),
        EndDate=now + timedelta(hours=4, minutes=30),
    )
    wait(sandbox, HOUR)
    assert waiting.bodies() == []
    wait(sandbox, 10 * HOUR)
    assert waiting.bodies() == ["x", "x", "x"]


COMPLETIONS = [
    pytest.param({}, ["s"], id="it stays"),
    pytest.param({"ActionAfterCompletion": "NONE"}, ["s"], id="it stays when told so"),
    pytest.param({"ActionAfterCompletion": "DELETE"}, [], id="it is deleted when told so"),
]


@pytest.mark.parametrize(("settings", "left"), COMPLETIONS)
def test_once_it_has_fired(sandbox, schedule, role, queue, settings, left):
    waiting = queue("waiting")
    moment = (sandbox.clock.now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S")
    target = {"Arn": waiting.arn, "RoleArn": role("sqs:SendMessage"), "Input": "x"}
    schedule(f"at({moment})", target, **settings)
    wait(sandbox, 3 * HOUR)
    assert waiting.bodies() == ["x"]
    found = sandbox.client("scheduler").list_schedules()["Schedules"]
    assert [one["Name"] for one in found] == left


def test_a_cron_fires_in_its_time_zone(sandbox, schedule, role, queue):
    waiting = queue("waiting")
    target = {
        "Arn": waiting.arn,
        "RoleArn": role("sqs:SendMessage"),
        "Input": "<aws.scheduler.scheduled-time>",
    }
    schedule("cron(0 12 * * ? *)", target, ScheduleExpressionTimezone="Asia/Kolkata")
    wait(sandbox, 24 * HOUR)
    (moment,) = waiting.bodies()
    assert moment.endswith("T06:30:00Z")


def test_a_window_spreads_the_calls(sandbox, schedule, role, queue):
    waiting = queue("waiting")
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 30}
    target = {"Arn": waiting.arn, "RoleArn": role("sqs:SendMessage"), "Input": "x"}
    schedule("rate(1 hour)", target, FlexibleTimeWindow=window)
    sandbox.settle()
    assert waiting.bodies() == []
    wait(sandbox, 30 * 60)
    assert waiting.bodies() == ["x"]


def update(sandbox: Sandbox, **changes: Any) -> None:
    scheduler = sandbox.client("scheduler")
    found = scheduler.get_schedule(Name="s")
    kept = ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target", "State")
    scheduler.update_schedule(**{name: found[name] for name in kept} | changes)


SILENCED = [
    pytest.param(lambda s: update(s, State="DISABLED"), id="it is disabled"),
    pytest.param(lambda s: s.client("scheduler").delete_schedule(Name="s"), id="it is deleted"),
    pytest.param(lambda s: update(s, ScheduleExpression="rate(9 days)"), id="it waits longer"),
    pytest.param(lambda s: s.reset(), id="everything is reset"),
]


@pytest.mark.parametrize("silence", SILENCED)
def test_nothing_is_called_once(sandbox, schedule, role, queue, silence):
    target = {"Arn": queue("waiting").arn, "RoleArn": role("sqs:SendMessage"), "Input": "x"}
    schedule("rate(1 hour)", target)
    sandbox.settle()
    silence(sandbox)
    sandbox.settle()
    again = queue("waiting")
    again.bodies()
    wait(sandbox, 2 * HOUR)
    assert again.bodies() == []


def test_what_is_enabled_again_goes_on(sandbox, schedule, role, queue):
    waiting = queue("waiting")
    target = {"Arn": waiting.arn, "RoleArn": role("sqs:SendMessage"), "Input": "x"}
    schedule("rate(1 hour)", target, State="DISABLED")
    wait(sandbox, HOUR)
    assert waiting.bodies() == []
    update(sandbox, State="ENABLED")
    wait(sandbox, HOUR + 1)
    assert waiting.bodies() == ["x", "x"]


def test_an_automation_is_started_by_the_universal_target(sandbox, schedule, role, automation):
    arn = role("ssm:StartAutomationExecution")
    wanted = {"DocumentName": "Sweep", "Parameters": {"Id": ["<aws.scheduler.execution-id>"]}}
    schedule("rate(1 day)", {"Arn": START, "RoleArn": arn, "Input": json.dumps(wanted)})
    sandbox.settle()
    (call,) = automation.calls
    assert call.params["DocumentName"] == "Sweep"
    assert len(call.params["Parameters"]["Id"][0]) == 36
    assert call.caller.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/waker/scheduler"


def test_a_throttled_start_is_tried_again(sandbox, schedule, role, automation):
    automation.errors = [ApiError("ThrottlingException", "Rate exceeded")] * 3
    arn = role("ssm:StartAutomationExecution")
    wanted = json.dumps({"DocumentName": "Sweep"})
    schedule("rate(1 day)", {"Arn": START, "RoleArn": arn, "Input": wanted})
    for _ in range(20):
        wait(sandbox, 1)
    assert len(automation.calls) == 4
    assert sandbox.state(Failures, ACCOUNT, REGION) == []


DEAD = [
    pytest.param({"MaximumRetryAttempts": 2}, "MaximumRetryAttempts", "2", id="of attempts"),
    pytest.param({"MaximumEventAgeInSeconds": 60}, "MaximumEventAgeInSeconds", None, id="of time"),
]


@pytest.mark.parametrize(("policy", "condition", "retries"), DEAD)
def test_the_queue_gets_what_ran_out(
    sandbox, schedule, role, queue, automation, policy, condition, retries
):
    automation.errors = [ApiError("ThrottlingException", "Rate exceeded")] * 100
    dead = queue("dead")
    target = {
        "Arn": START,
        "RoleArn": role("ssm:StartAutomationExecution", "sqs:SendMessage"),
        "Input": '{"DocumentName": "Sweep"}',
        "RetryPolicy": policy,
        "DeadLetterConfig": {"Arn": dead.arn},
    }
    arn = schedule("rate(1 day)", target)
    for _ in range(20):
        wait(sandbox, 30)
    (message,) = dead.messages()
    assert json.loads(message["Body"]) == {"DocumentName": "Sweep"}
    shown = {k: v["StringValue"] for k, v in message["MessageAttributes"].items()}
    assert (shown["SCHEDULE_ARN"], shown["TARGET_ARN"]) == (arn, START)
    assert (shown["ERROR_CODE"], shown["ERROR_MESSAGE"]) == ("THROTTLING", "Rate exceeded")
    assert shown["EXHAUSTED_RETRY_CONDITION"] == condition
    assert retries is None or shown["RETRY_ATTEMPTS"] == retries
    assert [f.dead_letter_queue for f in sandbox.state(Failures, ACCOUNT, REGION)] == [dead.arn]


def test_a_role_that_may_not_is_not_tried_again(sandbox, schedule, role, queue):
    waiting = queue("waiting")
    schedule("rate(1 day)", {"Arn": waiting.arn, "RoleArn": role("sns:Publish"), "Input": "x"})
    sandbox.settle()
    (failure,) = sandbox.state(Failures, ACCOUNT, REGION)
    assert (failure.code, failure.dead_letter_queue) == ("NO_PERMISSIONS", "")
    assert waiting.bodies() == []


def test_a_fifo_queue_gets_its_group(sandbox, schedule, role, queue):
    waiting = queue("waiting.fifo")
    target = {"Arn": waiting.arn, "RoleArn": role("sqs:SendMessage"), "Input": "x"}
    schedule("rate(1 day)", {**target, "SqsParameters": {"MessageGroupId": "g"}})
    sandbox.settle()
    (message,) = waiting.messages()
    assert (message["Body"], message["Attributes"]["MessageGroupId"]) == ("x", "g")


def test_a_bus_gets_an_event(sandbox, schedule, role, queue):
    waiting = queue("waiting")
    grant = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": waiting.arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [grant]})
    sqs = sandbox.client("sqs")
    url = sqs.get_queue_url(QueueName="waiting")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    events = sandbox.client("events")
    events.put_rule(Name="r", EventPattern='{"source": ["own"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": waiting.arn}])
    target = {
        "Arn": f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default",
        "RoleArn": role("events:PutEvents"),
        "Input": '{"a": 1}',
        "EventBridgeParameters": {"Source": "own", "DetailType": "tick"},
    }
    schedule("rate(1 day)", target)
    sandbox.settle()
    (event,) = [json.loads(body) for body in waiting.bodies()]
    assert (event["source"], event["detail-type"], event["detail"]) == ("own", "tick", {"a": 1})


QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"
WRONG = [
    ({"ScheduleExpression": "cron(0 12 * * * *)"}, "Invalid Schedule Expression", "an expression"),
    ({"ScheduleExpressionTimezone": "Mars/X"}, "Invalid ScheduleExpressionTimezone", "a zone"),
    ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "MaximumWindowInMinutes", "no window"),
    ({"Target": {"Arn": "queue"}}, "not in correct format", "no ARN"),
    ({"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:ssm:getParameter"}}, "only reads", "a read"),
    (
        {"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:ssm:startMe"}},
        "no such service",
        "no action",
    ),
    ({"Target": {"Arn": START, "Input": "x"}}, "Input is not JSON", "no parameters"),
    (
        {"Target": {"Arn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:m"}},
        "not served",
        "a target that nothing here serves",
    ),
    ({"Target": {"Arn": f"{QUEUE}.fifo"}}, "MessageGroupId is required", "a FIFO queue alone"),
    (
        {"Target": {"Arn": QUEUE, "RetryPolicy": {"MaximumRetryAttempts": 186}}},
        "less than or equal|from 0 to 185",
        "too many attempts",
    ),
    (
        {"Target": {"Arn": QUEUE, "DeadLetterConfig": {"Arn": f"{QUEUE}.fifo"}}},
        "no standard SQS queue",
        "a FIFO queue for what failed",
    ),
]


@pytest.mark.parametrize(
    ("settings", "words"), [pytest.param(*case[:2], id=case[2]) for case in WRONG]
)
def test_a_schedule_is_refused_for(schedule, role, settings, words):
    target = {"Arn": QUEUE, "RoleArn": role(), **settings.pop("Target", {})}
    expression = settings.pop("ScheduleExpression", "rate(1 hour)")
    with pytest.raises(ClientError, match=words) as raised:
        schedule(expression, target, **settings)
    assert raised.value.response["Error"]["Code"] == "ValidationException"


DISTRUSTED = [
    pytest.param({"service": "events.amazonaws.com"}, id="it trusts another service"),
    pytest.param({"group": "arn:aws:scheduler:*:*:schedule-group/other"}, id="another group"),
]


@pytest.mark.parametrize("trust", DISTRUSTED)
def test_a_role_is_refused_because(schedule, role, trust):
    with pytest.raises(ClientError, match="must allow AWS EventBridge Scheduler to assume"):
        schedule("rate(1 hour)", {"Arn": QUEUE, "RoleArn": role(**trust)})


def test_a_group_that_is_not_there_is_refused(schedule, role):
    with pytest.raises(ClientError, match="Schedule group g does not exist"):
        schedule("rate(1 hour)", {"Arn": QUEUE, "RoleArn": role()}, GroupName="g")


def test_a_deleted_group_takes_its_schedules_along(sandbox, schedule, role, queue):
    waiting = queue("waiting")
    group = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/g"
    sandbox.client("scheduler").create_schedule_group(Name="g")
    target = {"Arn": waiting.arn, "RoleArn": role("sqs:SendMessage", group=group), "Input": "x"}
    schedule("rate(1 hour)", target, GroupName="g")
    sandbox.settle()
    waiting.bodies()
    sandbox.client("scheduler").delete_schedule_group(Name="g")
    wait(sandbox, 2 * HOUR)
    assert waiting.bodies() == []


GROUPS = [
    (lambda c: c.create_schedule_group(Name="default"), "ConflictException"),
    (lambda c: c.delete_schedule_group(Name="default"), "ValidationException"),
    (lambda c: c.delete_schedule_group(Name="g"), "ResourceNotFoundException"),
]


@pytest.mark.parametrize(("call", "code"), GROUPS)
def test_a_group_is_refused(sandbox, call, code):
    with pytest.raises(ClientError) as raised:
        call(sandbox.client("scheduler"))
    assert raised.value.response["Error"]["Code"] == code
