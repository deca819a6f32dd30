"""What cannot be read, proved or recorded changes nothing, and the next run makes it good."""

from __future__ import annotations

import pytest

from netmend.verification.record import mark_sandbox
from rules.netlib.verified import PARAMETER
from tests.handlers import books
from tests.handlers.faults import (
    PLANNER,
    Error,
    Fault,
    Watch,
    coded,
    denied,
    hooked,
    start,
    throttled,
    unreachable,
)
from tests.handlers.stories import SSH, unchanged
from tests.loop.world import ACCOUNT, REGION, World, permission

OPEN = ("tcp", 22, 22, "0.0.0.0/0")
FAILED = [("outcome", "FAILED")]
MENDED = [("intent", "MEND"), ("outcome", "MENDED")]

pytestmark = pytest.mark.usefixtures("no_pauses")


UNREADABLE = [
    pytest.param("ssm:GetParameters", denied, FAILED, id="the mode is denied"),
    pytest.param("ssm:GetParameters", throttled, FAILED, id="the mode is throttled"),
    pytest.param("ssm:GetParameters", unreachable, FAILED, id="the mode is unreachable"),
    pytest.param("ssm:GetAutomationExecution", denied, [], id="the run itself is denied"),
    pytest.param("ssm:DescribeDocument", denied, [], id="the hash of the runbook is denied"),
    pytest.param("config:DescribeConfigRules", denied, FAILED, id="the rule is denied"),
    pytest.param(
        "config:DescribeConfigRules", coded("NoSuchConfigRuleException"), FAILED, id="no such rule"
    ),
    pytest.param("config:GetResourceConfigHistory", denied, FAILED, id="the history is denied"),
    pytest.param("ec2:DescribeSecurityGroups", denied, FAILED, id="the group is denied"),
    pytest.param(
        "ec2:DescribeSecurityGroupRules",
        coded("RequestLimitExceeded", 503),
        FAILED,
        id="the rules of the group are throttled",
    ),
    pytest.param("ec2:DescribeVpcs", denied, FAILED, id="the VPC is denied"),
    pytest.param("dynamodb:GetItem", denied, [], id="the ledger cannot be read"),
    pytest.param("dynamodb:PutItem", throttled, FAILED, id="the lease is throttled"),
    pytest.param("dynamodb:TransactWriteItems", throttled, None, id="the ledger is throttled"),
    pytest.param("s3:PutObject", denied, [], id="the evidence bucket is denied"),
    pytest.param("s3:PutObject", coded("SlowDown", 503), [], id="the evidence is throttled"),
    pytest.param("s3:PutObject", unreachable, [], id="the evidence bucket is unreachable"),
    pytest.param("s3:PutObject", coded("NoSuchBucket", 404), [], id="the evidence bucket is gone"),
    pytest.param("s3:PutObject", coded("KMS.DisabledException"), [], id="its key is disabled"),
]


@pytest.mark.parametrize(("name", "error", "outcomes"), UNREADABLE)
def test_what_fails_before_the_change_changes_nothing(
    world: World, name: str, error: Error, outcomes: list[tuple[str, str]] | None
) -> None:
    group = world.group(settle=True)
    fault, writes = Fault(name, error, role=PLANNER), Watch()
    with hooked(world, fault, writes):
        world.open(group, SSH)
        world.settle()
    (ended,) = world.runs(group)
    assert fault.fired
    assert writes.calls == []
    assert ended["AutomationExecutionStatus"] == "Failed"
    assert OPEN in world.rules(group)
    # A ledger that takes no transactions leaves an intent and the failure of its run.
    before = [("intent", "MEND"), *FAILED] if outcomes is None else outcomes
    assert world.outcomes(group) == before

    start(world, group)
    world.settle()
    assert OPEN not in world.rules(group)
    assert world.outcomes(group) == [*before, *MENDED]


@pytest.mark.parametrize(
    "error", [pytest.param(denied, id="denied"), pytest.param(unreachable, id="unreachable")]
)
def test_quota_that_cannot_be_read_is_the_default(world: World, error: Error) -> None:
    group = world.group(settle=True)
    fault = Fault("service-quotas:GetServiceQuota", error)
    with hooked(world, fault):
        world.open(group, SSH)
        world.settle()
    assert fault.fired
    assert world.outcomes(group) == MENDED


MODES = [
    pytest.param("off", "the mode became off", id="off"),
    pytest.param("observe", "the mode became observe", id="observe"),
    pytest.param("approve", "the mode became approve", id="approve"),
    pytest.param("on", "the mode 'on' is none of", id="no mode at all"),
]


@pytest.mark.parametrize(("mode", "reason"), MODES)
def test_mode_that_flips_between_its_two_reads_stops_the_run(
    world: World, group: str, mode: str, reason: str
) -> None:
    flip = Fault("ssm:GetParameters", lambda: world.mode(mode), first=2, role=PLANNER)
    with hooked(world, flip):
        status, decision, why = unchanged(world, group)
    world.mode("enforce")
    assert (status, decision) == ("Success", "HELD")
    assert reason in why
    assert world.outcomes(group)[1:] == [("intent", "MEND"), ("outcome", "HELD")]
    intent, outcome = world.evidence(group)[1:]
    assert outcome["intent"] == intent["number"]
    assert not books.lease(world, group)


def test_mode_that_cannot_be_read_the_second_time_stops_the_run(world: World, group: str) -> None:
    fault = Fault("ssm:GetParameters", denied, first=2, role=PLANNER)
    with hooked(world, fault):
        assert unchanged(world, group)[0] == "Failed"
    assert world.outcomes(group)[1:] == [("intent", "MEND"), ("outcome", "FAILED")]
    assert not books.lease(world, group)


def test_verification_that_is_withdrawn_while_the_plan_is_made_stops_the_run(
    world: World, group: str
) -> None:
    def withdraw() -> None:
        world.client("ssm").delete_parameter(Name=PARAMETER)

    with hooked(world, Fault("ssm:GetParameters", withdraw, first=2, times=1, role=PLANNER)):
        status, decision, why = unchanged(world, group)
    mark_sandbox(world.client("ssm"), ACCOUNT, REGION)
    assert (status, decision) == ("Success", "HELD")
    assert "until `netmend verify --live` has passed" in why
    assert world.outcomes(group)[1:] == [("intent", "MEND"), ("outcome", "HELD")]
    assert not books.lease(world, group)


def test_prefix_list_that_is_narrowed_while_the_plan_is_made_needs_no_mend(world: World) -> None:
    halves = ("0.0.0.0/1", "128.0.0.0/1")
    listed = world.prefix_list("198.51.100.0/24", *halves)
    world.mode("off")
    group = world.group(permission("tcp", (22, 22), listed))
    world.settle()
    world.mode("enforce")

    def narrow() -> None:
        world.client("ec2").modify_managed_prefix_list(
            PrefixListId=listed, CurrentVersion=1, RemoveEntries=[{"Cidr": c} for c in halves]
        )

    with hooked(world, Fault("ec2:DescribeManagedPrefixLists", narrow, times=1)):
        assert unchanged(world, group)[:2] == ("Success", "NONE")
    assert world.outcomes(group) == [("refusal", "HELD")]


def test_edit_between_two_reads_of_a_group_is_read_again(world: World) -> None:
    group = world.group(settle=True)
    other = permission("tcp", (443, 443), "0.0.0.0/0")
    edit = Fault("ec2:DescribeSecurityGroupRules", lambda: world.open(group, other), times=1)
    with hooked(world, edit):
        world.open(group, SSH)
        world.settle()
    assert world.outcomes(group) == MENDED
    assert ("tcp", 443, 443, "0.0.0.0/0") in world.rules(group)


def test_books_are_closed_at_the_end(world: World) -> None:
    books.check(world)
