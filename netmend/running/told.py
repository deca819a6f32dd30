"""The words for a run that its forms share: durations, changes, calls."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

LONGEST: Final = 160
OWN: Final = "the run"
"""Who made a call, where it was the run or one of its children."""


def duration(seconds: float | None) -> str:
    """`0.4 s`, `2 min 5 s`, `3 h 1 min`, of the sandbox's clock."""
    if seconds is None:
        return "-"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def step(one: Mapping[str, Any]) -> str:
    """`Wait[2]` in the second round of a loop, else the name."""
    return f"{one['name']}[{one['iteration']}]" if one.get("iteration") is not None else one["name"]


def change(one: Mapping[str, Any]) -> str:
    """`security group sg-1 (web) changed`."""
    name = f" ({one['name']})" if one["name"] and one["name"] != one["id"] else ""
    return f"{one['kind']} {one['id']}{name} {one['change']}"


def details(one: Mapping[str, Any]) -> Iterator[str]:
    """`- ingress tcp 22 from 0.0.0.0/0`, `+ ...`, `State: running -> stopped`."""
    for part in one["details"]:
        path = part["path"]
        if "added" in part:
            yield from (f"- {path} {brief(item)}" for item in part["removed"])
            yield from (f"+ {path} {brief(item)}" for item in part["added"])
        elif one["change"] == "changed":
            yield f"{path}: {value(part['before'])} -> {value(part['after'])}"
        else:
            shown = part["after"] if one["change"] == "created" else part["before"]
            yield f"{path}: {value(shown)}"


def value(one: Any) -> str:
    """A leaf of a description; nothing where there was none."""
    return "nothing" if one is None else brief(one if isinstance(one, str) else json.dumps(one))


def end(found: Mapping[str, Any]) -> str:
    """`Success`, `Failed in Revoke`."""
    at = f" in {found['failed_step']}" if found["failed_step"] else ""
    return f"{found['status']}{at}"


def causes(text: str) -> list[str]:
    """The lines of a cause; of a script's traceback first what was raised, then where."""
    lines = text.splitlines()
    if lines and lines[0].startswith("Traceback (most recent call last)"):
        raised = [n for n in range(1, len(lines)) if _said(lines[n - 1 : n + 1])]
        last = raised[-1] if raised else 0
        return [*lines[last:], *lines[:last]]
    return lines


def _said(pair: list[str]) -> bool:
    """The name of an exception follows the last indented line of where it was raised."""
    return pair[0].startswith(" ") and not pair[1].startswith(" ")


def clean(line: str) -> str:
    """What others wrote, in a line that no terminal obeys; blanks stay."""
    return "".join(c if c.isprintable() else "\ufffd" for c in line.expandtabs(4))


def brief(text: Any) -> str:
    """In one line of bounded length."""
    line = " ".join(str(text).split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


def own_first(writes: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The run's own calls, then those of whoever else it set to work; each in order."""
    return sorted(writes, key=lambda one: one["by"] != OWN)


def call(one: Mapping[str, Any]) -> str:
    """`ec2:CreateTags Resources=["sg-1"] refused: InvalidParameter, by ...`."""
    given = " ".join(f"{name}={brief(text(item))}" for name, item in one["params"].items())
    refused = f" refused: {one['error']}" if one["error"] else ""
    by = "" if one["by"] == OWN else f", by {one['by']}"
    return f"{one['service']}:{one['operation']} {given}".rstrip() + refused + by


def text(item: Any) -> str:
    return item if isinstance(item, str) else json.dumps(item, default=str)


def waiting(asked: Mapping[str, Any]) -> str:
    """Who has to do what before it goes on."""
    if asked["action"] == "aws:pause":
        return f"{asked['step']} is paused until somebody resumes it"
    who = ", ".join(asked["approvers"])
    told = f": {brief(asked['message'])}" if asked["message"] else ""
    return f"{asked['step']} waits for {asked['needed']} of {who}{told}"
