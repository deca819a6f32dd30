"""Each test of stack sets has an organisation of its own: none of them leaves it as it was."""

from collections.abc import Iterator

import pytest

from netmend.sandbox.core import Sandbox
from tests.organization.fleet import Fleet


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with Sandbox() as sandbox:
        yield Fleet(sandbox)
