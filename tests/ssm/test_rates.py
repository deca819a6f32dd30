"""Runs queue and calls are throttled as AWS's quotas say."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.api import ApiError
from netmend.sandbox.rates import take
from netmend.sandbox.ssm import runs
from netmend.sandbox.ssm.starting import BURST
from tests.ssm.world import ACCOUNT, FAR, OTHER, REGION, World, nap, refused, waiting

THROTTLED = "ThrottlingException"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two run and three wait; one rate-controlled run runs and one waits."""
    monkeypatch.setitem(runs.RUNNING, runs.SINGLE, 2)
    monkeypatch.setitem(runs.WAITING, runs.SINGLE, 3)
    monkeypatch.setitem(runs.RUNNING, runs.CONTROLLED, 1)
    monkeypatch.setitem(runs.WAITING, runs.CONTROLLED, 1)


def test_aws_s_quotas_are_the_limits() -> None:
    assert runs.RUNNING == {runs.SINGLE: 100, runs.CONTROLLED: 25}
    assert runs.WAITING == {runs.SINGLE: 5000, runs.CONTROLLED: 1000}


def burst(world: World, ask: Any, count: int, **params: Any) -> int:
    """How many of so many calls at once are let through."""
    errors = []
    for _ in range(count):
        try:
            ask(**params)
        except ClientError as error:
            errors.append((error.response["Error"]["Code"], error.response["Error"]["Message"]))
    assert set(errors) <= {(THROTTLED, "Rate exceeded")}
    return count - len(errors)


def test_starts_are_throttled_and_a_second_later_one_more_passes(world: World) -> None:
    world.document("Nap", nap())
    world.sandbox.rates = True
    assert burst(world, world.ssm.start_automation_execution, 70, DocumentName="Nap") == BURST
    world.sandbox.clock.advance(1)
    assert burst(world, world.ssm.start_automation_execution, 5, DocumentName="Nap") == 1
    world.sandbox.clock.advance(3600)
    assert burst(world, world.ssm.start_automation_execution, 70, DocumentName="Nap") == BURST


def test_other_accounts_and_regions_have_rates_of_their_own(world: World) -> None:
    for account, region in ((ACCOUNT, REGION), (ACCOUNT, FAR), (OTHER, REGION)):
        client = world.client(account=account, region=region)
        world.document("Nap", nap(), client)
        world.sandbox.rates = True
        assert burst(world, client.start_automation_execution, 52, DocumentName="Nap") == BURST


def test_whoever_waits_for_a_run_may_look_as_often_as_he_likes(world: World) -> None:
    world.document("Nap", nap())
    world.sandbox.rates = True
    asked = {"AutomationExecutionId": world.start("Nap")}
    assert burst(world, world.ssm.get_automation_execution, 100, **asked) == 100


def test_children_of_a_rate_controlled_run_count_as_no_calls(world: World) -> None:
    world.document("Nap", nap(parameters={"N": {"type": "String"}}))
    world.sandbox.rates = True
    values = [str(number) for number in range(30)]
    targets = [{"Key": "ParameterValues", "Values": values}]
    record = world.run("Nap", TargetParameterName="N", Targets=targets, MaxConcurrency="30")
    assert record["ProgressCounters"]["SuccessSteps"] == 30


def test_a_bucket_gives_what_it_has_and_regains_it(world: World) -> None:
    world.sandbox.rates = True
    for _ in range(2):
        take(world.sandbox, ACCOUNT, REGION, "x", 0.5, 2)
    with pytest.raises(ApiError, match="Slow: Rate exceeded"):
        take(world.sandbox, ACCOUNT, REGION, "x", 0.5, 2, "Slow")
    world.sandbox.clock.advance(2)
    take(world.sandbox, ACCOUNT, REGION, "x", 0.5, 2)
    take(world.sandbox, ACCOUNT, REGION, "another", 0.5, 2)


@pytest.mark.usefixtures("small")
def test_runs_beyond_the_limit_wait_for_their_turn(world: World) -> None:
    world.document("Nap", nap(10))
    started = [world.start("Nap") for _ in range(5)]
    code, _ = refused(world.ssm.start_automation_execution, DocumentName="Nap")
    assert code == "AutomationExecutionLimitExceededException"
    seen = []
    for _ in range(4):
        world.sandbox.settle()
        seen.append([world.status(one) for one in started])
        world.sandbox.clock.advance(11)
    done, running, pending = "Success", "InProgress", "Pending"
    assert seen == [
        [running, running, pending, pending, pending],
        [done, done, running, running, pending],
        [done, done, done, done, running],
        [done] * 5,
    ]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("kind", "status"), [("Cancel", "Cancelled"), ("Complete", "Success")])
def test_a_waiting_run_is_stopped_without_a_step(world: World, kind: str, status: str) -> None:
    world.document("Hold", waiting())
    first, second, stopped, last = (world.start("Hold") for _ in range(4))
    world.ssm.stop_automation_execution(AutomationExecutionId=stopped, Type=kind)
    world.sandbox.settle()
    assert world.status(stopped) == status
    assert [one["StepStatus"] for one in world.record(stopped)["StepExecutions"]] == ["Pending"]
    assert [world.status(one) for one in (first, second, last)] == ["Waiting", "Waiting", "Pending"]
    world.ssm.stop_automation_execution(AutomationExecutionId=first)
    world.sandbox.settle()
    assert world.status(last) == "Waiting"


@pytest.mark.usefixtures("small")
def test_rate_controlled_runs_wait_for_each_other(world: World) -> None:
    world.document("Nap", nap(10, parameters={"N": {"type": "String"}}))
    targets = [{"Key": "ParameterValues", "Values": ["a"]}]
    controlled = {"TargetParameterName": "N", "Targets": targets}
    first, second = world.start("Nap", **controlled), world.start("Nap", **controlled)
    code, _ = refused(world.ssm.start_automation_execution, DocumentName="Nap", **controlled)
    assert code == "AutomationExecutionLimitExceededException"
    world.sandbox.settle()
    assert (world.status(first), world.status(second)) == ("InProgress", "Pending")
    world.sandbox.settle(within=60)
    assert (world.status(first), world.status(second)) == ("Success", "Success")
