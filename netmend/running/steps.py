"""The steps of a run in the order in which they ended, told once each, children's below theirs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

CHILD: Final = "aws:executeAutomation"
SETTLED: Final = frozenset(
    {
        "Success",
        "Failed",
        "TimedOut",
        "Cancelled",
        "Rejected",
        "CompletedWithSuccess",
        "CompletedWithFailure",
        "Exited",
    }
)
"""Statuses after which nothing more happens, of runs and of steps."""

WAITING: Final = "Waiting"
SCRIPT: Final = "aws:executeScript"

AROUND: Final = re.compile(
    r"Step fails when it is [^.]*\. (.*?) Please refer to Automation Service .*", re.DOTALL
)

Record = Mapping[str, Any]


class Teller:
    """Turns the records of runs into steps, each told as soon as it has settled or waits."""

    def __init__(self, read: Callable[[str], Record], tell: Callable[[dict[str, Any]], None]):
        self._read = read
        self._tell = tell
        self._told: dict[str, str] = {}
        self.steps: dict[str, dict[str, Any]] = {}
        self.records: dict[str, Record] = {}
        """The latest record of the run and of each child, by execution id."""

    def look(self, execution: str, depth: int = 0) -> Record:
        """Tell what is new in a run and its children; the run's record."""
        record = self._read(execution)
        self.records[execution] = record
        for one in sorted(record.get("StepExecutions", []), key=_is_outer):
            if one["Action"] == CHILD:
                for child in one.get("Outputs", {}).get("ExecutionId", []):
                    if child.count("-") >= 4:  # before it has one, a step may say so in words
                        self.look(child, depth + (1 if _is_outer(one) else 2))
            self._one(one, depth)
        return record

    def _one(self, one: Record, depth: int) -> None:
        key, status = one["StepExecutionId"], one.get("StepStatus", "")
        if not (status in SETTLED or status == WAITING) or self._told.get(key) == status:
            return
        if "ExecutionStartTime" not in one and not one.get("FailureMessage"):
            return  # never reached
        self._told[key] = status
        self.steps[key] = step(one, depth)
        self._tell(self.steps[key])


def _is_outer(one: Record) -> bool:
    """Steps of a loop end before it does, and stand below it in the record."""
    return "ParentStepDetails" not in one


def step(one: Record, depth: int) -> dict[str, Any]:
    """name, action, status, seconds (of the sandbox's clock), cause, log, and in which loop."""
    found = {
        "name": one["StepName"],
        "action": one["Action"],
        "status": one["StepStatus"],
        "seconds": seconds(one),
        "cause": cause(one),
        "log": list(log(one)),
        "depth": depth,
    }
    parent = one.get("ParentStepDetails")
    if parent:
        found["loop"] = parent["StepName"]
        found["iteration"] = parent.get("Iteration")
        found["value"] = parent.get("IteratorValue", "")
    return found


def seconds(one: Record) -> float | None:
    """How long it took; None where it has not begun or not ended."""
    began, ended = one.get("ExecutionStartTime"), one.get("ExecutionEndTime")
    if isinstance(began, datetime) and isinstance(ended, datetime):
        return round((ended - began).total_seconds(), 3)
    return None


def cause(one: Record) -> str:
    """Why it failed, without the words that AWS puts around it."""
    details = one.get("FailureDetails", {}).get("Details", {}).get("ErrorMessage") or []
    return "\n".join(details) or bare(str(one.get("FailureMessage", "")))


def bare(text: str) -> str:
    """A failure message without the words that AWS puts around it."""
    found = AROUND.fullmatch(text)
    return found[1] if found else text


def log(one: Record) -> Iterator[str]:
    """What a script or a function printed, by lines."""
    outputs = one.get("Outputs", {})
    for text in outputs.get("LogResult", []):
        yield from str(text).splitlines()
    for text in outputs.get("OutputPayload", []) if one["Action"] == SCRIPT else ():
        yield from _printed(text)


def _printed(text: str) -> list[str]:
    try:
        found = json.loads(text)
    except ValueError:  # cut, for outputs have a longest length
        return []
    return str(found.get("ExecutionLog", "")).splitlines() if isinstance(found, dict) else []
