"""A sandbox with trails, buses and EC2."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from netmend.sandbox import extensions
from netmend.sandbox.core import Sandbox

MODULES = (
    "iam",
    "ec2",
    "buckets",
    "functions",
    "notifications",
    "events",
    "trails",
    "clockdoor",
    "dns",
)


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(extensions, "MODULES", MODULES)
    with Sandbox() as started:
        yield started
