"""One more invocation of a detector that runs already, beside stock rdklib's."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from unittest.mock import patch

from benchmarks import stock
from benchmarks.figures import Figure, interleaved, milliseconds, quiet_heap, ratio
from benchmarks.invocations import Event, events
from benchmarks.wire import SETTINGS, Wire
from rules.handlers import detector

ROUNDS = 40
LIMIT_MS = 1.0
LIMIT = 0.15
PREFIX_LIST = "pl-0123456789abcdef0"
Handler = Callable[[Event, object], object]


def figures() -> list[Figure]:
    told = events(ROUNDS, seed=11)
    with patch.dict(os.environ, SETTINGS), Wire(), quiet_heap():
        for handler in (detector.handle, stock.handle):
            handler(told[0], None)  # warm: clients are made
        ours, theirs = [iter(told) for _ in range(2)]
        spent = interleaved(
            (
                lambda: detector.handle(next(ours), None),
                lambda: stock.handle(next(theirs), None),
            ),
            ROUNDS,
        )
    own, other = milliseconds(spent[0]), milliseconds(spent[1])
    return [
        Figure("warm invocation", own, LIMIT_MS, "ms CPU", f"{own:.2f} ms"),
        Figure(
            "warm invocation",
            ratio(spent[0], spent[1]),
            LIMIT,
            "of stock rdklib's",
            f"rdklib {other:.2f} ms",
        ),
        *call_figures(),
    ]


def call_figures() -> list[Figure]:
    """How many requests leave for one change; the limits are exact."""
    alone, listed = calls(detector.handle), calls(detector.handle, PREFIX_LIST)
    theirs = calls(stock.handle)
    return [
        Figure("API calls", len(alone), 1, "a change", f"rdklib {len(theirs)}", exact=True),
        Figure(
            "API calls",
            len(listed),
            2,
            "a change, with a prefix list",
            ", ".join(Counter(listed)),
            exact=True,
        ),
    ]


def calls(handler: Handler, prefix_list: str = "") -> list[str]:
    """The operations of one warm invocation, counted at botocore's HTTP session."""
    first, second = events(2, seed=12, prefix_list=prefix_list)
    with patch.dict(os.environ, SETTINGS), Wire() as wire:
        handler(first, None)
        before = len(wire.calls)
        handler(second, None)
        return wire.calls[before:]
