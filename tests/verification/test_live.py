"""The checks pass in the sandbox, leave nothing behind, and each fails alone where AWS differs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.errors import COULD_NOT, DRIFT, FINE, UserError
from netmend.sandbox.api import ApiCall, ApiError
from netmend.verification import looking, place, record, show
from netmend.verification.checks import FAILED, PASSED, SKIPPED, UNCHECKED
from netmend.verification.live import ALL, Report, verify
from netmend.verification.mending import changed
from netmend.verification.openings import opened
from netmend.verification.stage import Stage, leftovers
from rules.netlib.verified import MUST_PASS, PARAMETER, SCRATCH, SCRATCH_TAG, refusal
from tests.handlers.faults import READS
from tests.loop.world import ACCOUNT, APPROVER, REGION, World
from tests.verification.breaks import BREAKS, Break

Clients = Callable[[str], Any]
PATIENCE = 30.0
NEAR = {1, 2, 3, 4, 12, 14, 16}
"""Checks that are run beside a broken one: those that cost little, or share their mends."""

RECORD = record.text(ACCOUNT, REGION, "somebody", MUST_PASS, datetime.now(UTC), record.AWS)


def go(clients: Clients, *numbers: int, said: list[str] | None = None, vpc: str = "") -> Report:
    lines = [] if said is None else said
    found = place.find(clients, vpc)
    old = leftovers(clients("ec2"))
    return verify(Stage(clients, found, PATIENCE, lines.append), numbers or ALL, old)


def states(report: Report) -> dict[int, str]:
    return {result.check.number: result.state for result in report.results}


def parameter(world: World, name: str) -> str | None:
    found = world.client("ssm").get_parameters(Names=[name])["Parameters"]
    return found[0]["Value"] if found else None


def put(world: World, name: str, value: str) -> None:
    world.client("ssm").put_parameter(Name=name, Value=value, Type="String", Overwrite=True)


@pytest.fixture(autouse=True)
def nothing_left(world: World) -> Iterator[None]:
    yield
    if parameter(world, PARAMETER):
        world.client("ssm").delete_parameter(Name=PARAMETER)
    assert leftovers(world.client("ec2")) == []
    assert parameter(world, SCRATCH) is None


class Writes:
    """What the caller of the checks asks AWS to change."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def before(self, call: ApiCall) -> None:
        ours = call.caller.arn.endswith(f"/{APPROVER}")
        if ours and not call.operation.startswith(READS):
            self.names.append(f"{call.service} {call.operation}")

    def after(self, call: ApiCall) -> None:
        return None


def test_all_pass_in_the_sandbox_and_each_write_was_told(world: World, clients: Clients) -> None:
    watch, said = Writes(), list[str]()
    world.sandbox.hooks.append(watch)
    found = go(clients, said=said)
    world.sandbox.hooks.remove(watch)
    assert states(found) == dict.fromkeys(ALL, PASSED), list(show.table(found))
    assert (found.exit_code, found.verified, found.left) == (FINE, True, ())
    assert refusal(parameter(world, PARAMETER), ACCOUNT, REGION) == ""
    told = [" ".join(line.split()[:2]) for line in said if line.startswith("    ")]
    assert told == watch.names
    assert parameter(world, "/netmend/mode") == "observe"


@pytest.mark.parametrize(("number", "broken"), BREAKS.items())
def test_a_belief_that_is_wrong_fails_its_check_alone(
    world: World, clients: Clients, monkeypatch: pytest.MonkeyPatch, number: int, broken: Break
) -> None:
    broken(world, monkeypatch)
    found = go(clients, *NEAR, number)
    said = "\n".join(show.table(found))
    assert [n for n, state in states(found).items() if state == FAILED] == [number], said
    assert found.exit_code == (COULD_NOT if UNCHECKED in states(found).values() else DRIFT)
    assert "expected: " in said


def test_what_must_pass_and_fails_withdraws_an_older_record(
    world: World, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(world, PARAMETER, RECORD)
    BREAKS[1](world, monkeypatch)
    assert not go(clients, 1).verified
    assert parameter(world, PARAMETER) is None


def test_some_checks_alone_write_no_record_and_take_none_away(
    world: World, clients: Clients
) -> None:
    found = go(clients, 12)
    assert states(found)[1] == SKIPPED
    assert (found.exit_code, found.verified) == (FINE, False)
    assert parameter(world, PARAMETER) is None
    put(world, PARAMETER, RECORD)
    assert go(clients, 12).verified
    assert parameter(world, PARAMETER) == RECORD


class Refuses:
    """Refuses the caller's calls of one name."""

    def __init__(self, name: str, error: BaseException) -> None:
        self.name, self.error = name, error

    def before(self, call: ApiCall) -> None:
        if call.name == self.name and call.caller.arn.endswith(f"/{APPROVER}"):
            raise self.error

    def after(self, call: ApiCall) -> None:
        return None


def refusing(
    world: World, patch: pytest.MonkeyPatch, name: str, code: str = "AccessDenied"
) -> None:
    hook = Refuses(name, ApiError(code, "not you", 403))
    patch.setattr(world.sandbox, "hooks", [*world.sandbox.hooks, hook])


@pytest.mark.parametrize(
    ("number", "name"),
    [
        pytest.param(1, "ssm:StartAutomationExecution", id="starting a run"),
        pytest.param(10, "config:StartConfigRulesEvaluation", id="starting an evaluation"),
        pytest.param(12, "config:GetResourceConfigHistory", id="reading the history"),
        pytest.param(13, "sqs:GetQueueAttributes", id="reading the queue"),
        pytest.param(14, "dynamodb:GetItem", id="reading the ledger"),
        pytest.param(14, "s3:GetObject", id="reading the evidence"),
        pytest.param(3, "ssm:PutParameter", id="granting"),
        pytest.param(3, "ec2:CreateSecurityGroup", id="making a group"),
    ],
)
def test_what_the_caller_may_not_do_is_not_checked_and_says_so(
    world: World, clients: Clients, monkeypatch: pytest.MonkeyPatch, number: int, name: str
) -> None:
    refusing(world, monkeypatch, name)
    found = go(clients, number)
    (result,) = [r for r in found.results if r.state != SKIPPED]
    assert (result.state, found.exit_code) == (UNCHECKED, COULD_NOT)
    assert f"AWS refused {name.partition(':')[2]}: AccessDenied: not you" in result.seen


def test_what_cannot_be_removed_is_named_and_found_the_next_time(
    world: World, clients: Clients
) -> None:
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        refusing(world, patch, "ec2:DeleteSecurityGroup", "DependencyViolation")
        found = go(clients, 1, said=said)
    (group,) = leftovers(world.client("ec2"))
    assert found.left == (f"{group}: DependencyViolation",)
    assert found.exit_code == COULD_NOT
    assert f"  not removed: {group}: DependencyViolation" in said
    assert any(group in line for line in show.intent(found.place, (1,), [group]))
    go(clients, 12)  # which removes it


def test_group_goes_even_where_its_runs_cannot_be_listed(
    world: World, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(world, monkeypatch, "ssm:DescribeAutomationExecutions")
    found = go(clients, 1)
    (left,) = found.left
    assert left.startswith("runs for sg-")
    assert left.endswith(": AccessDenied")
    assert states(found)[1] == PASSED


def test_question_that_still_waits_is_answered_with_no(
    world: World, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        refusing(world, patch, "ssm:SendAutomationSignal")
        found = go(clients, 5)
    assert states(found)[5] == UNCHECKED
    waiting = [{"Key": "ExecutionStatus", "Values": ["Waiting"]}]
    listed = world.client("ssm").describe_automation_executions(Filters=waiting)
    assert listed["AutomationExecutionMetadataList"] == []


def test_interrupted_go_removes_what_it_made(
    world: World, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Stage, "settled", interrupt)
    with pytest.raises(KeyboardInterrupt):
        go(clients, 3)


def test_grant_of_a_go_that_was_killed_is_withdrawn(world: World, clients: Clients) -> None:
    put(world, SCRATCH, "{}")
    go(clients, 12)


def test_question_is_only_rejected_by_an_approver(world: World, clients: Clients) -> None:
    def stranger(service: str) -> Any:
        return world.client(service)

    found = go(stranger, 5)
    (result,) = [r for r in found.results if r.state != SKIPPED]
    assert result.state == UNCHECKED
    assert "user/administrator is none of the approvers (demo-approver)" in result.seen


def test_mode_off_and_a_place_without_netmend_are_refused(
    world: World, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.mode("off")
    with pytest.raises(UserError, match="the mode is off"):
        place.find(clients)
    world.mode("observe")
    monkeypatch.setattr(place, "RULE", "netmend-elsewhere-")
    with pytest.raises(UserError, match="not deployed in us-east-1"):
        place.find(clients)


def test_groups_are_made_in_the_vpc_that_was_named(world: World, clients: Clients) -> None:
    said: list[str] = []
    go(clients, 1, said=said, vpc=world.vpc)
    assert any("CreateSecurityGroup" in line and f"VpcId={world.vpc}" in line for line in said)
    assert any(SCRATCH_TAG in line for line in said)


def test_report_for_machines_has_every_check(clients: Clients) -> None:
    found = json.loads(json.dumps(go(clients, 12).to_json()))
    assert found["schema_version"] == 1
    assert (found["account"], found["made_for"]) == (ACCOUNT, "sandbox")
    by_id = {check["id"]: check for check in found["checks"]}
    assert list(by_id) == list(ALL)
    assert by_id[12]["state"] == PASSED
    assert [number for number, check in by_id.items() if check["must_pass"]] == list(MUST_PASS)


def test_group_of_somebody_else_with_the_same_tag_is_not_taken_for_a_leftover(
    world: World,
) -> None:
    ec2 = world.client("ec2")
    tags = [{"ResourceType": "security-group", "Tags": [{"Key": SCRATCH_TAG, "Value": "x"}]}]
    made = {
        "web": "Made and removed by netmend verify --live",
        "netmend-scratch-of-mine": "web servers",
    }
    for name, description in made.items():
        group = ec2.create_security_group(
            GroupName=name, Description=description, TagSpecifications=tags
        )["GroupId"]
        assert leftovers(ec2) == [], name
        ec2.delete_security_group(GroupId=group)


def test_what_must_pass_and_fails_withdraws_the_record_although_the_go_is_interrupted(
    world: World, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(world, PARAMETER, RECORD)
    BREAKS[1](world, monkeypatch)
    found = place.find(clients)

    def interrupts(line: str) -> None:
        if line.startswith("  check 2"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verify(Stage(clients, found, PATIENCE, interrupts), (1, 2))
    assert parameter(world, PARAMETER) is None


def test_record_that_cannot_be_withdrawn_is_named(
    world: World, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(world, PARAMETER, RECORD)
    BREAKS[1](world, monkeypatch)

    def refuse(_: Stage) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "DeleteParameter")

    monkeypatch.setattr(record, "remove", refuse)
    found = go(clients, 1)
    assert found.left == (f"{PARAMETER}: AccessDeniedException",)
    assert (states(found)[1], found.exit_code) == (FAILED, COULD_NOT)


def test_question_of_an_earlier_go_is_answered_with_no_when_its_group_is_removed(
    world: World, clients: Clients
) -> None:
    first = Stage(clients, place.find(clients), PATIENCE, lambda _: None)
    group = opened(first)
    with first.granted(group, "approve"):
        run = changed(first, group, first.start(group, approvers=first.place.approvers))
    assert run.status == "Waiting"
    later = Stage(clients, first.place, PATIENCE, lambda _: None)
    later.began += timedelta(days=1)
    assert later.remove(group) == []
    assert later.run(run.id).status != "Waiting"


def test_another_rule_that_holds_the_group_for_open_is_no_start_that_failed(
    world: World, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(clients, place.find(clients), PATIENCE, lambda _: None)
    group = opened(stage)
    try:
        # The sandbox works by itself beside us, so its verdict comes when it comes.
        assert any(looking._judged(stage, group) for _ in stage.times("a verdict"))
        stage.place = replace(stage.place, rule="restricted-ssh")
        assert not looking._judged(stage, group)
    finally:
        assert stage.clean() == []


@pytest.mark.parametrize(
    ("account", "endpoint", "sandbox"),
    [
        pytest.param(ACCOUNT, "http://127.0.0.1:4566", True, id="the sandbox"),
        pytest.param("210987654321", "http://127.0.0.1:4566", False, id="a proxy on this machine"),
        pytest.param(ACCOUNT, "https://ssm.eu-west-1.amazonaws.com", False, id="AWS"),
    ],
)
def test_only_an_embedded_aws_counts_as_sandbox(account: str, endpoint: str, sandbox: bool) -> None:
    assert place._sandbox(account, endpoint) is sandbox
