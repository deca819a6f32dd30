"""What CreateDocument refuses in an Automation document, in its words where they are known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from netmend.sandbox.automation import conditions
from netmend.sandbox.automation.errors import DocumentError
from netmend.sandbox.automation.references import names
from netmend.sandbox.automation.selectors import SelectorError, compiled
from netmend.sandbox.automation.values import TYPES

Tree = Mapping[str, Any]

TOP_KEYS: Final = frozenset(
    {
        "schemaVersion",
        "description",
        "assumeRole",
        "parameters",
        "variables",
        "mainSteps",
        "outputs",
        "files",
    }
)
STEP_KEYS: Final = frozenset(
    {
        "name",
        "action",
        "inputs",
        "description",
        "outputs",
        "isEnd",
        "maxAttempts",
        "timeoutSeconds",
        "onFailure",
        "nextStep",
        "isCritical",
        "onCancel",
    }
)
OUTPUT_KEYS: Final = frozenset({"Name", "Selector", "Type"})
STEP_NAME: Final = re.compile(r"[A-Za-z0-9_]+")
PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_]+")
ACTIONS: Final = frozenset(
    {
        "aws:approve",
        "aws:assertAwsResourceProperty",
        "aws:branch",
        "aws:changeInstanceState",
        "aws:copyImage",
        "aws:createImage",
        "aws:createStack",
        "aws:createTags",
        "aws:deleteImage",
        "aws:deleteStack",
        "aws:executeAutomation",
        "aws:executeAwsApi",
        "aws:executeScript",
        "aws:executeStateMachine",
        "aws:invokeLambdaFunction",
        "aws:invokeWebhook",
        "aws:loop",
        "aws:pause",
        "aws:runCommand",
        "aws:runInstances",
        "aws:sleep",
        "aws:updateVariable",
        "aws:waitForAwsResourceProperty",
    }
)
"""Every action that AWS documents, whether the engine can run it or not."""

RESERVED_OUTPUTS: Final = {
    "aws:invokeLambdaFunction": (
        "LogResult",
        "OutputPayload",
        "FunctionError",
        "Payload",
        "StatusCode",
    ),
}
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

JUMPS: Final = {"onFailure": ("Abort", "Continue"), "onCancel": ("Abort",)}


def check_top(tree: Tree) -> None:
    """The keys of the document and the shapes of what they hold."""
    for key in tree:
        if key not in TOP_KEYS:
            raise DocumentError(f'Unknown property "{key}" in the document.')
    if str(tree.get("schemaVersion")) != "0.3":
        raise DocumentError("The schemaVersion of an Automation document must be 0.3.")
    if not isinstance(tree.get("mainSteps"), list) or not tree["mainSteps"]:
        raise DocumentError('Missing "mainSteps" in the document.')
    _shape(tree, "parameters", dict)
    _shape(tree, "outputs", list)
    _shape(tree, "assumeRole", str)


def check_steps(tree: Tree) -> None:
    """Each step by itself, then the names by which steps and outputs point at steps."""
    for step in tree["mainSteps"]:
        _check_step(step)
    known = {step["name"]: step for step in tree["mainSteps"]}
    if len(known) != len(tree["mainSteps"]):
        raise DocumentError("Duplicate step names found in mainSteps of the document.")
    for step in tree["mainSteps"]:
        _check_targets(step, known)
    for output in tree.get("outputs") or []:
        if not isinstance(output, str) or output.split(".")[0] not in known or "." not in output:
            raise DocumentError(f"Unknown step name in named output: {output}")


def check_references(tree: Tree, declared: set[str]) -> None:
    """Every plain name is a parameter, and Parameter Store is read by defaults alone."""
    for name in [*names(tree.get("assumeRole")), *_step_names(tree["mainSteps"])]:
        if name.startswith("ssm:"):
            raise DocumentError(
                f"The reference {name} stands in a step: only a parameter's default reads it."
            )
        if PLAIN_NAME.fullmatch(name) and name not in declared:
            raise DocumentError(f'Parameter "{name}" is not declared.')


def flag(step: Tree, key: str, *, default: bool) -> bool:
    """true, false, and the texts "true" and "True" that published documents have."""
    value = str(step.get(key, default)).lower()
    if value not in ("true", "false"):
        raise DocumentError(f"In step {step['name']}, {key} must be true or false.")
    return value == "true"


def count(step: Tree, key: str) -> int | None:
    """A positive whole number, maybe written as text."""
    value = step.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not re.fullmatch(r"[1-9][0-9]{0,8}", str(value)):
        raise DocumentError(f"In step {step['name']}, {key} must be a positive whole number.")
    return int(value)


def _shape(tree: Tree, key: str, kind: type) -> None:
    if tree.get(key) is not None and not isinstance(tree[key], kind):
        raise DocumentError(f'"{key}" has the wrong type: it must be a {kind.__name__}.')


def _check_step(step: Any) -> None:
    if not isinstance(step, dict):
        raise DocumentError('A step in "mainSteps" is not a map.')
    for key in ("name", "action", "inputs"):
        if step.get(key) is None:
            raise DocumentError(f'Missing "{key}" in step detail.')
    if not isinstance(step["name"], str) or not STEP_NAME.fullmatch(step["name"]):
        raise DocumentError(f"StepName: {step['name']} is invalid.")
    for key in step:
        if key not in STEP_KEYS:
            raise DocumentError(f'Unknown property "{key}" in step {step["name"]}.')
    if str(step["action"]) not in ACTIONS:
        raise DocumentError(f"Unknown action: {step['action']}")
    _check_fields(step)


def _check_fields(step: Tree) -> None:
    _shape(step, "inputs", dict)
    _shape(step, "outputs", list)
    count(step, "maxAttempts")
    count(step, "timeoutSeconds")
    flag(step, "isCritical", default=True)
    if flag(step, "isEnd", default=False) and step.get("nextStep") is not None:
        raise DocumentError('"isEnd == true" and nextStep should not exist in same step.')
    for output in step.get("outputs") or []:
        _check_output(step, output)
    if step["action"] == "aws:branch":
        _check_branch(step)


def _check_output(step: Tree, output: Any) -> None:
    place = f"In step {step['name']}"
    if not isinstance(output, dict) or not {"Name", "Selector"} <= set(output) <= OUTPUT_KEYS:
        raise DocumentError(f"{place}, an output must have Name, Selector and maybe Type only.")
    if not isinstance(output["Name"], str) or not isinstance(output["Selector"], str):
        raise DocumentError(f"{place}, an output's Name and Selector must be texts.")
    if str(output.get("Type") or "String") not in TYPES:
        raise DocumentError(f"{place}, output type: {output['Type']} is invalid.")
    reserved = RESERVED_OUTPUTS.get(step["action"], ())
    if output["Name"] in reserved:
        raise DocumentError(
            f"{place}, name: {output['Name']} is conflicting with one of the following reserved"
            f" output names: [{', '.join(reserved)}]"
        )
    try:
        compiled(output["Selector"])
    except SelectorError as problem:
        raise DocumentError(f"{place}, {problem}.") from None


def _check_branch(step: Tree) -> None:
    choices = step["inputs"].get("Choices")
    if not isinstance(choices, list) or not choices:
        raise DocumentError(f"In step {step['name']}, aws:branch needs a list of Choices.")
    for choice in choices:
        try:
            conditions.check(choice)
        except conditions.ConditionError as problem:
            raise DocumentError(f"In step {step['name']}, {problem}.") from None
        if not isinstance(choice.get("NextStep"), str):
            raise DocumentError(f"In step {step['name']}, a choice needs a NextStep.")


def _check_targets(step: Tree, known: Mapping[str, Tree]) -> None:
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


def _step_names(steps: list[Any]) -> Iterator[str]:
    """References in steps and the steps inside loops; a script's braces are its own."""
    for step in steps:
        loop = step["action"] == "aws:loop"
        for key, value in step["inputs"].items():
            if loop and key == "Steps":
                yield from _step_names(_inner_steps(value))
            elif key != "Script":
                yield from names(value)


def _inner_steps(steps: Any) -> list[Any]:
    good = isinstance(steps, list) and all(
        isinstance(step, dict) and "action" in step and isinstance(step.get("inputs"), dict)
        for step in steps
    )
    if not good:
        raise DocumentError("The Steps of a loop must be a list of steps with action and inputs.")
    return list(steps)
