"""A stack that CloudFormation is at work on is waited for, and one that is stuck is named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from netmend.deploy import standing
from netmend.deploy.standing import StackError
from netmend.sandbox.cloudformation.model import Stacks
from netmend.sandbox.core import Sandbox
from tests.deploy.places import ACCOUNT, Place


@pytest.fixture(scope="module")
def deployed() -> Iterator[Place]:
    """One for all: each test gives back the status that it has set."""
    with Sandbox() as sandbox:
        place = Place(sandbox)
        place.deploy()
        yield place


WAITED = {
    "a creation": "CREATE_IN_PROGRESS",
    "an update": "UPDATE_IN_PROGRESS",
    "its cleaning up": "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "a roll-back": "UPDATE_ROLLBACK_IN_PROGRESS",
}


@pytest.mark.parametrize("status", WAITED.values(), ids=WAITED.keys())
def test_what_cloudformation_is_at_is_waited_for(
    status: str, deployed: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed.told.clear()
    stack = deployed.sandbox.state(Stacks, ACCOUNT, "us-east-1").live["netmend-detection"]
    monkeypatch.setattr(stack, "status", status)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            stack.status = "UPDATE_COMPLETE"

    monkeypatch.setattr("time.sleep", sleep)
    assert deployed.deploy() == []
    assert slept == [2.0, 2.0, 2.0]
    assert deployed.told == [f"netmend-detection is {status}: waiting until that has ended"]


def test_a_stack_that_does_not_come_to_rest_is_not_waited_for_for_ever(
    deployed: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = deployed.sandbox.state(Stacks, ACCOUNT, "us-east-1").live["netmend-detection"]
    monkeypatch.setattr(stack, "status", "UPDATE_IN_PROGRESS")
    monkeypatch.setattr(standing, "PATIENCE", 3)
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(StackError, match="is still UPDATE_IN_PROGRESS - run it again later"):
        deployed.deploy()


def test_a_stack_that_only_a_person_can_mend_is_named_before_anything_is_made(
    deployed: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = deployed.sandbox.state(Stacks, ACCOUNT, "us-east-1").live["netmend-detection"]
    monkeypatch.setattr(stack, "status", "UPDATE_ROLLBACK_FAILED")
    deployed.made.clear()
    with pytest.raises(StackError, match="continue-update-rollback --stack-name netmend-detection"):
        deployed.deploy(settings={"GuardedPorts": "22"})
    assert deployed.made == []
