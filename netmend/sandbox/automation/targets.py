"""Every name by which one step points at another leads to a step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from netmend.sandbox.automation.errors import DocumentError

Tree = Mapping[str, Any]

NO_CANCEL_STEP: Final = frozenset(
    {
        "aws:approve",
        "aws:copyImage",
        "aws:createImage",
        "aws:createStack",
        "aws:createTags",
        "aws:pause",
        "aws:runInstances",
        "aws:sleep",
    }
)
"""A cancelled run does not move to a step of these actions."""

NO_CANCEL: Final = frozenset({"aws:loop", "aws:updateVariable"})
"""Actions that have no onCancel; user guide, automation-action-loop and -update-variable."""

JUMPS: Final = {"onFailure": ("Abort", "Continue"), "onCancel": ("Abort",)}


def check_targets(step: Tree, known: Mapping[str, Tree]) -> None:
    """Raises DocumentError. known: the steps beside this one and around it, by name."""
    if step["action"] in NO_CANCEL and str(step.get("onCancel") or "Abort") != "Abort":
        raise DocumentError(f"In step {step['name']}, {step['action']} does not support onCancel.")
    for key, target in _targets(step):
        if str(target) not in known:
            raise DocumentError(f'Unknown step name: "{target}" in {key}')
    cancel = str(step.get("onCancel") or "").removeprefix("step:")
    if cancel in known and known[cancel]["action"] in NO_CANCEL_STEP:
        action = known[cancel]["action"]
        raise DocumentError(f"In step {step['name']}, onCancel cannot move to {action}.")


def _targets(step: Tree) -> Iterator[tuple[str, Any]]:
    """(key, step name) of all that points from a step to another."""
    if step.get("nextStep") is not None:
        yield "nextStep", step["nextStep"]
    for key, words in JUMPS.items():
        value = str(step.get(key) or "Abort")
        if value.startswith("step:"):
            yield key, value.removeprefix("step:")
        elif value not in words:
            raise DocumentError(
                f"In step {step['name']}, {key} must be {', '.join(words)} or step:NAME,"
                f" not {value}."
            )
    if step["action"] == "aws:branch":
        for choice in step["inputs"]["Choices"]:
            yield "NextStep", choice["NextStep"]
        if step["inputs"].get("Default") is not None:
            yield "Default", step["inputs"]["Default"]
