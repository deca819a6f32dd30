"""There is one source of time, and it can be replaced."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from rules.netlib import clock


def test_now_is_the_machine_s_time_in_utc() -> None:
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_another_source_is_read_until_it_is_put_back() -> None:
    clock.set_source(lambda: 86_400.25)
    try:
        assert clock.now() == datetime(1970, 1, 2, 0, 0, 0, 250_000, UTC)
    finally:
        clock.set_source(time.time)
    assert clock.now().year > 2000
