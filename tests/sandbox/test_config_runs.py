"""What makes a rule run: its schedule, failures that are tried again, and a call on demand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from netmend.sandbox.config import lambdas, rules
from tests.sandbox import config_world
from tests.sandbox.config_world import GROUP, SCHEDULED, World, source


@pytest.fixture
def world() -> Iterator[World]:
    with config_world.started() as started:
        yield started


def test_a_rule_needs_a_recorder(world: World) -> None:
    config = world.client("config")
    config.delete_configuration_recorder(ConfigurationRecorderName="default")
    with pytest.raises(config.exceptions.NoAvailableConfigurationRecorderException):
        world.rule()


def test_there_is_a_limit_to_rules(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST", 1)
    config = world.client("config")
    world.rule("one")
    world.rule("one")
    with pytest.raises(config.exceptions.MaxNumberOfConfigRulesExceededException):
        world.rule("two")


def test_rules_come_in_pages(world: World) -> None:
    for number in range(26):
        world.rule(f"rule-{number:02}")
    pages = list(world.client("config").get_paginator("describe_config_rules").paginate())
    assert [len(page["ConfigRules"]) for page in pages] == [25, 1]


def test_a_scheduled_rule_runs_at_once_and_then_by_its_period(world: World) -> None:
    world.rule("hourly", Source=source(SCHEDULED, MaximumExecutionFrequency="One_Hour"))
    world.settle()
    assert len(world.invocations) == 1
    message = world.invocations[0]["invokingEvent"]
    assert list(message) == [
        "awsAccountId",
        "notificationCreationTime",
        "messageType",
        "recordVersion",
    ]
    assert message["messageType"] == SCHEDULED
    world.advance(3599)
    assert len(world.invocations) == 1
    world.advance(2)
    assert len(world.invocations) == 2
    world.advance(3600)
    assert len(world.invocations) == 3


def test_a_schedule_ends_with_its_rule_and_a_new_one_replaces_it(world: World) -> None:
    world.rule("periodic", Source=source(SCHEDULED, MaximumExecutionFrequency="One_Hour"))
    world.rule("periodic", Source=source(SCHEDULED, MaximumExecutionFrequency="Six_Hours"))
    world.settle()
    seen = len(world.invocations)
    world.advance(3601)
    assert len(world.invocations) == seen
    world.client("config").delete_config_rule(ConfigRuleName="periodic")
    world.advance(6 * 3600)
    assert len(world.invocations) == seen


BROKEN = lambdas.Failure("Unhandled", '{"errorMessage": "no"}')


def status(world: World, name: str) -> dict[str, Any]:
    (found,) = world.client("config").describe_config_rule_evaluation_status(
        ConfigRuleNames=[name]
    )["ConfigRulesEvaluationStatus"]
    result: dict[str, Any] = found
    return result


def test_a_function_that_fails_is_tried_three_times(world: World) -> None:
    world.rule("periodic", Source=source(SCHEDULED))
    world.failures = [BROKEN, BROKEN, BROKEN, BROKEN]
    world.settle()
    for seconds, tries in ((59, 1), (2, 2), (119, 2), (2, 3), (3600, 3)):
        world.advance(seconds)
        assert len(world.invocations) == tries
    found = status(world, "periodic")
    assert found["LastErrorCode"] == "Unhandled"
    assert found["LastErrorMessage"] == '{"errorMessage": "no"}'
    assert "LastFailedInvocationTime" in found
    assert "LastSuccessfulInvocationTime" not in found


def test_a_retry_carries_the_same_event_and_may_succeed(world: World) -> None:
    world.group()
    world.settle()
    world.failures = [BROKEN]
    world.rule("shaky", Scope={"ComplianceResourceTypes": [GROUP]})
    world.settle()
    failed = world.invocations[0]
    world.advance(61)
    assert world.invocations[-1] == failed
    assert len(world.results("shaky")) == 3
    assert "LastSuccessfulEvaluationTime" in status(world, "shaky")


def start(world: World, *names: str) -> None:
    world.client("config").start_config_rules_evaluation(ConfigRuleNames=list(names))


def test_an_evaluation_on_demand_uses_what_was_last_recorded(world: World) -> None:
    group = world.group()
    world.rule()
    world.settle()
    start(world, "no-ssh")
    world.settle()
    first, again = world.events_of(group)
    assert again["invokingEvent"]["configurationItemDiff"] is None
    assert (
        again["invokingEvent"]["configurationItem"] == first["invokingEvent"]["configurationItem"]
    )
    assert again["resultToken"] != first["resultToken"]


def test_a_run_in_progress_must_end_before_the_next(world: World) -> None:
    config = world.client("config")
    world.group()
    world.rule()
    world.settle()
    start(world, "no-ssh")
    world.sandbox.clock.advance(61)
    with pytest.raises(config.exceptions.LimitExceededException, match="in progress"):
        start(world, "no-ssh")
    world.settle()
    start(world, "no-ssh")


def test_a_rule_may_be_started_once_a_minute(world: World) -> None:
    config = world.client("config")
    world.rule()
    world.settle()
    start(world, "no-ssh")
    world.settle()
    with pytest.raises(config.exceptions.LimitExceededException, match="less than a minute"):
        start(world, "no-ssh")
    world.advance(61)
    start(world, "no-ssh")


def test_a_run_on_demand_is_an_event_that_names_its_rules(world: World) -> None:
    world.rule("one")
    world.rule("two")
    world.settle()
    start(world, "two", "one")
    (told,) = [e for e in world.published if e["type"] == "Config Rules Re-evaluation Status"]
    assert told["detail"]["configRuleNames"] == ["one", "two"]
    assert told["detail"]["messageType"] == "ConfigRulesEvaluationStarted"
