"""One deployed world for the modules here that need one in enforce mode; waiting costs no time."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from netmend.sandbox.core import Sandbox
from tests.handlers.books import Library
from tests.loop.world import World


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
