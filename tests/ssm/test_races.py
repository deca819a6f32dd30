"""Calls that come in while runs end neither jam nor lose a turn."""

from __future__ import annotations

import threading

import pytest

from netmend.sandbox.ssm import runs
from tests.ssm.world import World, quick

CALLERS, EACH = 4, 15


def test_starts_and_ends_at_once_leave_nothing_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(runs.RUNNING, runs.SINGLE, 2)
    world.document("Quick", quick())

    def start() -> None:
        for _ in range(EACH):
            world.start("Quick", Parameters={"Id": ["a"]})

    threads = [threading.Thread(target=start, daemon=True) for _ in range(CALLERS)]
    world.sandbox.engine.start()
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert not any(thread.is_alive() for thread in threads)
    finally:
        world.sandbox.engine.stop()
    world.sandbox.settle()
    assert [one["AutomationExecutionStatus"] for one in world.listed()] == ["Success"] * 60
