"""One sandbox for all tests of a file, empty for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from netmend.sandbox.core import Sandbox
from tests.ssm.world import World


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(start=1_800_000_000.0) as started:
        yield started


@pytest.fixture
def world(sandbox: Sandbox) -> World:
    sandbox.reset()
    sandbox.rates = False
    return World(sandbox)
