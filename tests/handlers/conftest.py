"""One deployed world for the modules here that need one in enforce mode; waiting costs no time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from netmend.sandbox.config import lambdas
from netmend.sandbox.core import Sandbox
from tests.handlers.books import Library
from tests.handlers.invocations import Event
from tests.handlers.stories import SSH
from tests.loop.world import RULE, World


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    with Sandbox() as sandbox:
        yield Library(sandbox)


@pytest.fixture(scope="module", autouse=True)
def tidy(world: World) -> Iterator[None]:
    """The groups of one module are no concern of the next."""
    ec2 = world.client("ec2")
    before = {group["GroupId"] for group in ec2.describe_security_groups()["SecurityGroups"]}
    yield
    for group in ec2.describe_security_groups()["SecurityGroups"]:
        if group["GroupId"] not in before:
            ec2.delete_security_group(GroupId=group["GroupId"])
    world.settle()


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries follow at once."""
    monkeypatch.setattr(time, "sleep", lambda _: None)


@pytest.fixture
def group(world: World) -> str:
    """An open group that nobody has mended yet."""
    world.mode("off")
    made = world.group(SSH)
    world.settle()
    world.mode("enforce")
    return made


@pytest.fixture(scope="module")
def observed(world: World, tidy: None) -> Iterator[None]:
    """Nothing is mended meanwhile."""
    world.mode("observe")
    yield
    world.mode("enforce")


@pytest.fixture(scope="module")
def sent(observed: None) -> Iterator[list[Event]]:
    """Every event that Config has sent to the detector for the rule that is tested here."""
    events: list[Event] = []
    original = lambdas.invoke

    def invoke(place: Any, function: str, payload: Event) -> Any:
        if str(payload["configRuleName"]).startswith(RULE):
            events.append(payload)
        return original(place, function, payload)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lambdas, "invoke", invoke)
        yield events
