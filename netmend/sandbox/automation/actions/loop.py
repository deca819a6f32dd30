"""aws:loop runs its Steps once for each item, or until a condition no longer holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from netmend.sandbox.automation.actions.base import Action, Call, Rounds
from netmend.sandbox.automation.errors import invalid
from netmend.sandbox.automation.values import ConversionError, convert, text

MOST: Final = 100
"""Iterations; user guide, automation-action-loop."""


def run(call: Call) -> Rounds:
    """The engine runs the Steps; MaxIterations ends a loop that could go on, and is no failure."""
    limit = _limit(call.inputs.get("MaxIterations", MOST))
    if "Iterators" in call.inputs:
        return Rounds(limit, values=_items(call))
    # The constants beside the operators are literals, as those of aws:branch.
    return Rounds(limit, condition=call.step.inputs["LoopCondition"])


def _limit(value: Any) -> int:
    try:
        limit = int(convert(value, "Integer"))
    except ConversionError as problem:
        raise invalid(f"MaxIterations: {problem}") from None
    if not 1 <= limit <= MOST:
        raise invalid(f"MaxIterations is {limit}, not 1 to {MOST}")
    return limit


def _items(call: Call) -> list[Any]:
    listed = call.inputs["Iterators"]
    items = listed if isinstance(listed, list) else [listed]
    if len(items) > MOST:
        raise invalid(f"there are {len(items)} Iterators, more than {MOST}")
    kind = call.text("IteratorDataType", "String")
    reading = READINGS.get(kind)
    if reading is None:
        raise invalid(f"IteratorDataType is {kind}, not {', '.join(READINGS)}")
    try:
        return [reading(item) for item in items]
    except (ConversionError, ValueError) as problem:
        raise invalid(f"Iterators: {problem}") from None


def _map(item: Any) -> Any:
    """A map, or the text of one: a StringList can hold no other."""
    found = json.loads(item) if isinstance(item, str) else item
    if not isinstance(found, Mapping):
        raise ConversionError(item, "StringMap")
    return found


READINGS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "String": text,
    "Integer": lambda item: convert(item, "Integer"),
    "Boolean": lambda item: convert(item, "Boolean"),
    "StringMap": _map,
}
ACTION: Final = Action(
    run,
    required=frozenset({"Steps"}),
    optional=frozenset({"Iterators", "IteratorDataType", "LoopCondition", "MaxIterations"}),
    known_only=frozenset({"LoopCondition"}),
    literal=frozenset({"Steps"}),
)
