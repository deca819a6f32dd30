"""One deployed world per test module: groups are cheap, deployments are not."""

from collections.abc import Iterator

import pytest

from netmend.sandbox.core import Sandbox
from tests.loop.world import World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with Sandbox() as sandbox:
        yield World(sandbox)
