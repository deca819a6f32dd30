"""Every time that product code reads comes from here, so that tests and the sandbox can move it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

_source: Callable[[], float] = time.time


def set_source(source: Callable[[], float]) -> None:
    """Read epoch seconds from `source` from now on."""
    global _source
    _source = source


def now() -> datetime:
    """The time as an aware UTC datetime."""
    return datetime.fromtimestamp(_source(), UTC)
