"""Enforce acts only where the checks have passed, and a grant lets one scratch group act alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from netmend.sandbox.core import Sandbox
from netmend.verification import record
from rules.netlib.evidence import stamp
from rules.netlib.verified import MUST_PASS, PARAMETER, SCRATCH, SCRATCH_SCHEMA, SCRATCH_TAG
from tests.handlers.faults import PLANNER, Fault, hooked
from tests.loop.world import ACCOUNT, REGION, World, permission

SSH = permission("tcp", (22, 22), "0.0.0.0/0")
OPEN = ("tcp", 22, 22, "0.0.0.0/0")
MENDED = [("intent", "MEND"), ("outcome", "MENDED")]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with Sandbox() as sandbox:
        yield World(sandbox)


@pytest.fixture(autouse=True)
def as_deployed(world: World) -> Iterator[None]:
    yield
    world.mode("enforce")
    put(world, PARAMETER, recorded(world))
    put(world, SCRATCH, None)


def put(world: World, name: str, value: str | None) -> None:
    ssm = world.client("ssm")
    if value is not None:
        ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
    elif ssm.get_parameters(Names=[name])["Parameters"]:
        ssm.delete_parameter(Name=name)


def recorded(world: World, account: str = ACCOUNT, region: str = REGION) -> str:
    now = world.sandbox.clock.now()
    return record.text(account, region, "somebody", MUST_PASS, now, record.SANDBOX)


def reason(world: World, group: str) -> str:
    return str(world.evidence(group)[-1]["reason"])


def opened(world: World) -> str:
    group = world.group(SSH)
    world.settle()
    return group


def scratch(world: World, group: str, **changed: Any) -> None:
    grant = {
        "schema": SCRATCH_SCHEMA,
        "account": ACCOUNT,
        "region": REGION,
        "group": group,
        "mode": "enforce",
        "until": stamp(world.sandbox.clock.now() + timedelta(minutes=50)),
    }
    put(world, SCRATCH, json.dumps({**grant, **changed}))


def tagged(world: World) -> str:
    group = world.group(settle=True)
    mark = {"Key": SCRATCH_TAG, "Value": "now"}
    world.client("ec2").create_tags(Resources=[group], Tags=[mark])
    world.settle()
    return group


REFUSED = {
    "without a record": (None, "until `netmend verify --live` has passed in this account"),
    "with a record that is none": ("yes", "is not a record"),
    "with a record of another Region": ("eu-west-1", "is of another place"),
}


@pytest.mark.parametrize(("value", "why"), REFUSED.values(), ids=REFUSED)
def test_enforce_is_held(world: World, value: str | None, why: str) -> None:
    copied = recorded(world, region=value) if value == "eu-west-1" else value
    put(world, PARAMETER, copied)
    group = opened(world)
    assert world.outcomes(group) == [("refusal", "HELD")]
    assert why in reason(world, group)
    assert OPEN in world.rules(group)


@pytest.mark.parametrize(
    ("mode", "outcome"),
    [
        pytest.param("observe", ("refusal", "OBSERVE"), id="observe looks"),
        pytest.param("approve", ("question", "WAITING"), id="approve asks"),
    ],
)
def test_other_modes_need_no_record(world: World, mode: str, outcome: tuple[str, str]) -> None:
    put(world, PARAMETER, None)
    world.mode(mode)
    group = opened(world)
    assert world.outcomes(group) == [outcome]


def test_intent_says_which_verification_was_in_force(world: World) -> None:
    group = opened(world)
    intent, _ = world.evidence(group)
    assert world.outcomes(group) == MENDED
    assert intent["verified"]["made_for"] == "sandbox"
    assert intent["verified"]["checks"] == list(MUST_PASS)
    assert intent["verified"]["passed"].endswith("Z")


def test_grant_lets_its_group_be_mended_and_no_other(world: World) -> None:
    world.mode("observe")
    put(world, PARAMETER, None)
    group, other = tagged(world), tagged(world)
    scratch(world, group)
    for one in (group, other):
        world.open(one, SSH)
    world.settle()
    assert world.outcomes(group) == MENDED
    assert json.loads(world.evidence(group)[0]["scratch"])["group"] == group
    assert world.outcomes(other) == [("refusal", "OBSERVE")]
    assert OPEN in world.rules(other)


def test_grant_asks_where_it_grants_no_more_than_that(world: World) -> None:
    group = tagged(world)
    scratch(world, group, mode="approve")
    world.open(group, SSH)
    world.settle()
    assert world.outcomes(group) == [("question", "WAITING")]


def test_grant_for_a_group_that_is_somebodys_own_holds_it(world: World) -> None:
    world.mode("observe")
    group = world.group(settle=True)
    scratch(world, group)
    world.open(group, SSH)
    world.settle()
    assert world.outcomes(group) == [("refusal", "HELD")]
    assert "no scratch resource" in reason(world, group)
    assert OPEN in world.rules(group)


def test_grant_that_comes_while_the_plan_is_made_lets_nothing_act(world: World) -> None:
    group = world.group(settle=True)

    def instead_of_the_record() -> None:
        put(world, PARAMETER, None)
        scratch(world, group)

    flip = Fault("ssm:GetParameters", instead_of_the_record, first=2, times=1, role=PLANNER)
    with hooked(world, flip):
        world.open(group, SSH)
        world.settle()
    assert flip.fired
    assert world.outcomes(group) == [("intent", "MEND"), ("outcome", "HELD")]
    assert "came while the plan was made" in reason(world, group)
    assert OPEN in world.rules(group)


def test_mode_off_wins_over_a_grant(world: World) -> None:
    world.mode("off")
    group = tagged(world)
    scratch(world, group)
    world.open(group, SSH)
    world.settle()
    assert reason(world, group) == "the mode is off"
    assert OPEN in world.rules(group)


def test_grant_that_has_run_out_is_none(world: World) -> None:
    world.mode("observe")
    group = tagged(world)
    scratch(world, group)
    world.sandbox.clock.advance(51 * 60)
    world.open(group, SSH)
    world.settle()
    assert world.outcomes(group) == [("refusal", "OBSERVE")]
