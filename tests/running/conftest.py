"""`netmend run` as a fixture."""

from __future__ import annotations

import pytest

from tests.running.runs import Command


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)
