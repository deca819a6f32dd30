"""Keys, names and targets of steps are such as CreateDocument takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from netmend.errors import did_you_mean
from netmend.lint.runbook import Problem, Runbook, Step, listing, table
from netmend.lint.source import Path
from netmend.lint.tables import INPUTS, PREDEFINED
from netmend.sandbox.automation import variables
from netmend.sandbox.automation.checks import (
    ACTIONS,
    OUTPUT_KEYS,
    STEP_KEYS,
    STEP_NAME,
    TOP_KEYS,
)
from netmend.sandbox.automation.parameters import ATTRIBUTES
from netmend.sandbox.automation.targets import JUMPS, NO_CANCEL, NO_CANCEL_STEP


def check(runbook: Runbook) -> Iterator[Problem]:
    if str(runbook.tree.get("schemaVersion")) != "0.3":
        yield Problem(
            "not-a-runbook",
            ("schemaVersion",),
            "the schemaVersion is not 0.3: this is no Automation runbook",
            'write schemaVersion: "0.3", or leave the file out',
        )
    yield from _unknown(runbook.tree, TOP_KEYS, ())
    for name, entry in runbook.parameters.items():
        yield from _unknown(table(entry), ATTRIBUTES, ("parameters", name))
    for name, entry in runbook.variables.items():
        yield from _unknown(table(entry), variables.ATTRIBUTES, ("variables", name))
    yield from _duplicates(runbook)
    for step in runbook.steps:
        yield from _step(runbook, step)


def _unknown(entry: Mapping[str, Any], known: frozenset[str], path: Path) -> Iterator[Problem]:
    for key in entry:
        if key not in known:
            fix = did_you_mean(key, known)
            yield Problem("unknown-key", (*path, key), f"{key} is no key here", fix, key=True)


def _duplicates(runbook: Runbook) -> Iterator[Problem]:
    seen: set[str] = set()
    for step in runbook.steps:
        if step.name in seen:
            reason = f"another step is called {step.name} as well"
            yield Problem("duplicate-step", (*step.path, "name"), reason, "give each its own name")
        seen.add(step.name)


def _step(runbook: Runbook, step: Step) -> Iterator[Problem]:
    for key in ("name", "action", "inputs"):
        # An action that takes no inputs still needs the key.
        if step.entry.get(key) is None:
            fix = "write inputs: {}" if key == "inputs" else f"say {key}: ..."
            yield Problem("missing-key", step.path, f"a step without {key}", fix)
    if step.name and not STEP_NAME.fullmatch(step.name):
        reason = f"the step name {step.name!r} has other characters than letters, digits and _"
        yield Problem("step-name", (*step.path, "name"), reason, "leave those characters out")
    yield from _unknown(step.entry, STEP_KEYS, step.path)
    if step.action and step.action not in ACTIONS:
        reason, fix = f"there is no action {step.action}", did_you_mean(step.action, INPUTS)
        yield Problem("unknown-action", (*step.path, "action"), reason, fix)
    yield from _outputs(step)
    yield from _jumps(runbook, step)


def _outputs(step: Step) -> Iterator[Problem]:
    for number, item in enumerate(listing(step.entry.get("outputs"))):
        yield from _unknown(table(item), OUTPUT_KEYS, (*step.path, "outputs", number))
    for name, (path, _) in step.outputs.items():
        if name in PREDEFINED.get(step.action, {}):
            reason = f"{step.action} has an output {name} of its own"
            yield Problem("reserved-output", (*path, "Name"), reason, "choose another name")


def _jumps(runbook: Runbook, step: Step) -> Iterator[Problem]:
    if step.is_end and step.entry.get("nextStep") is not None:
        yield Problem(
            "end-with-next",
            (*step.path, "nextStep"),
            "a step with isEnd: true has a nextStep, which is never taken",
            "keep one of the two",
        )
    for path, target in targets(step):
        if target not in runbook.by_name:
            fix = did_you_mean(target, runbook.by_name)
            yield Problem("unknown-step", path, f"there is no step {target}", fix)
    for key, words in JUMPS.items():
        value = str(step.entry.get(key) or "Abort")
        if value not in words and not value.startswith("step:"):
            fix = f"write {', '.join(words)} or step:NAME"
            yield Problem("jump-word", (*step.path, key), f"{key} cannot be {value}", fix)
    yield from _cancel(runbook, step)


def _cancel(runbook: Runbook, step: Step) -> Iterator[Problem]:
    if step.action in NO_CANCEL and str(step.entry.get("onCancel") or "Abort") != "Abort":
        reason = f"{step.action} has no onCancel"
        yield Problem("cancel-target", (*step.path, "onCancel"), reason, "leave it out")
    target = runbook.by_name.get(str(step.entry.get("onCancel") or "").removeprefix("step:"))
    if target is not None and target.action in NO_CANCEL_STEP:
        reason = f"a cancelled run cannot move to {target.name}, which is {target.action}"
        fix = "name a step of another action"
        yield Problem("cancel-target", (*step.path, "onCancel"), reason, fix)


def targets(step: Step) -> Iterator[tuple[Path, str]]:
    """Every step name that a step points at, with the path where it does."""
    if step.entry.get("nextStep") is not None:
        yield (*step.path, "nextStep"), str(step.entry["nextStep"])
    for key in JUMPS:
        value = str(step.entry.get(key) or "")
        if value.startswith("step:"):
            yield (*step.path, key), value.removeprefix("step:")
    if step.action == "aws:branch":
        yield from branches(step)


def branches(step: Step) -> Iterator[tuple[Path, str]]:
    """Where a branch leads."""
    for number, choice in enumerate(listing(step.inputs.get("Choices"))):
        target = table(choice).get("NextStep")
        if target is not None:
            yield step.input("Choices", number, "NextStep"), str(target)
    if step.inputs.get("Default") is not None:
        yield step.input("Default"), str(step.inputs["Default"])
