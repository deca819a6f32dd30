"""What may be done is decided by the mode at the moment of acting, and the default is to look."""

from collections.abc import Iterator

import pytest

from netmend.sandbox.core import Sandbox
from tests.loop.world import World, permission

OPEN = ("tcp", 22, 22, "0.0.0.0/0")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with Sandbox() as sandbox:
        yield World(sandbox, mode="observe")


def opened(world: World) -> str:
    group = world.group(permission("tcp", (22, 22), "0.0.0.0/0"))
    world.settle()
    return group


@pytest.mark.parametrize(
    ("general", "own", "decision"),
    [
        pytest.param("observe", "", "OBSERVE", id="observe only records"),
        pytest.param("off", "", "HELD", id="off holds"),
        pytest.param("enforce", "observe", "OBSERVE", id="the control's own mode lowers"),
        pytest.param("observe", "enforce", "OBSERVE", id="the control's own mode cannot raise"),
        pytest.param("banana", "", "HELD", id="a word that is no mode holds"),
        pytest.param("", "", "HELD", id="an empty text holds"),
    ],
)
def test_no_change_unless_every_mode_says_enforce(
    world: World, general: str, own: str, decision: str
) -> None:
    control = "security-group-no-public-ingress"
    world.mode(general or " ")
    if own:
        world.mode(own, control)
    group = opened(world)
    if own:
        world.client("ssm").delete_parameter(Name=f"/netmend/mode/{control}")
    assert OPEN in world.rules(group)
    assert world.outcomes(group) == [("refusal", decision)]


def test_missing_mode_is_observe(world: World) -> None:
    world.client("ssm").delete_parameter(Name="/netmend/mode")
    group = opened(world)
    assert OPEN in world.rules(group)
    assert world.outcomes(group) == [("refusal", "OBSERVE")]


def test_same_refusal_is_recorded_once(world: World) -> None:
    world.mode("observe")
    group = opened(world)
    for _ in range(3):
        world.start(group)
        world.settle()
    assert world.outcomes(group) == [("refusal", "OBSERVE")]


def test_mode_approve_asks_for_everything(world: World) -> None:
    world.mode("approve")
    group = opened(world)
    (run,) = world.runs(group)
    assert run["AutomationExecutionStatus"] == "Waiting"
    world.answer(run["AutomationExecutionId"], "Approve")
    world.settle()
    assert OPEN not in world.rules(group)
    assert world.compliance(group) == "COMPLIANT"
