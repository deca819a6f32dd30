"""A run as a page for a ticket or a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from netmend.running import told


def outcome(found: Mapping[str, Any], *, planned: bool) -> Iterator[str]:
    """Markdown: status, steps, changes, calls."""
    yield f"# {cell(found['document'])}: {cell(told.end(found))}"
    yield ""
    length = told.duration(found["seconds"])
    yield f"Run `{found['execution']}`, {length} by the sandbox's clock."
    if found["waiting"]:
        yield from ("", cell(told.waiting(found["waiting"])))
    if found["cause"]:
        yield from ("", *_block(told.causes(found["cause"])))
    yield from ("", "| step | action | status | took |", "|---|---|---|---|")
    for one in found["steps"]:
        took = told.duration(one["seconds"])
        yield f"| {cell(told.step(one))} | {one['action']} | {one['status']} | {took} |"
    yield from ("", "## What would change" if planned else "## What has changed", "")
    if not found["changes"]:
        yield "Nothing."
    for one in found["changes"]:
        yield from (f"**{cell(told.change(one))}**", "", *_block(told.details(one), "diff"), "")
    if found["writes"]:
        yield from ("", "## Calls that write", "")
        yield from (f"- {cell(told.call(one))}" for one in told.own_first(found["writes"]))
    if found["unread"]:
        yield from ("", "## Not compared", "", *(f"- {cell(one)}" for one in found["unread"]))


def _block(lines: Iterator[str] | list[str], language: str = "") -> Iterator[str]:
    yield f"````{language}"
    yield from lines
    yield "````"


def cell(text: str) -> str:
    """What others wrote, so that it is no markup."""
    for mark in "\\`*_|<>[]":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())
