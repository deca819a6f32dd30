"""A run as a terminal shows it: steps while it goes, and in the end what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from netmend.running import told

NAME_WIDTH: Final = 28
ACTION_WIDTH: Final = 30
STATUS_WIDTH: Final = 9
"""With these a duration ends before column 80."""

FEWEST: Final = 12
"""Lines of a new or deleted resource that are shown; --format json has all."""


def step(one: Mapping[str, Any]) -> Iterator[str]:
    """Name, action, status, duration; below it what it logged and why it failed."""
    indent = "  " * (one["depth"] + (1 if one.get("loop") else 0))
    name = f"{indent}{told.step(one)}"
    line = f"{name:<{NAME_WIDTH}} {one['action']:<{ACTION_WIDTH}} {one['status']:<{STATUS_WIDTH}}"
    yield f"{line} {told.duration(one['seconds'])}".rstrip()
    yield from (f"{indent}  | {text}" for text in one["log"])
    yield from (f"{indent}  ! {text}" for text in told.causes(one["cause"]))


def outcome(found: Mapping[str, Any], *, planned: bool) -> Iterator[str]:
    """The whole result in lines."""
    after = f" after {told.duration(found['seconds'])}" if found["seconds"] is not None else ""
    yield f"{found['document']}: {told.end(found)}{after} (run {found['execution']})"
    yield from (f"  ! {text}" for text in told.causes(found["cause"]))
    if found["waiting"]:
        yield f"  {told.waiting(found['waiting'])}"
    for name, values in found["outputs"].items():
        yield f"  {name} = {told.brief(', '.join(values))}"
    yield ""
    yield from _changes(found["changes"], planned)
    yield from _writes(found["writes"])
    if found["unread"]:
        yield from ("", "Not compared:", *(f"  {text}" for text in found["unread"]))


def _changes(changes: list[Mapping[str, Any]], planned: bool) -> Iterator[str]:
    if not changes:
        yield "Nothing would change." if planned else "Nothing has changed."
        return
    yield "What would change:" if planned else "What has changed:"
    for one in changes:
        yield f"  {told.change(one)}"
        lines = list(told.details(one))
        shown = lines if one["change"] == "changed" else lines[:FEWEST]
        yield from (f"    {line}" for line in shown)
        if len(lines) > len(shown):
            yield f"    and {len(lines) - len(shown)} more"


def _writes(writes: list[Mapping[str, Any]]) -> Iterator[str]:
    if writes:
        yield from (
            "",
            "Calls that write:",
            *(f"  {told.call(one)}" for one in told.own_first(writes)),
        )
