"""What CreateDocument refuses in an Automation document, in its words where they are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from netmend.sandbox.automation import conditions
from netmend.sandbox.automation.errors import DocumentError, placed
from netmend.sandbox.automation.selectors import SelectorError, compiled
from netmend.sandbox.automation.targets import JUMPS as JUMPS
from netmend.sandbox.automation.targets import NO_CANCEL_STEP as NO_CANCEL_STEP
from netmend.sandbox.automation.targets import check_targets
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

MOST_ITERATIONS: Final = 100
RESERVED_OUTPUTS: Final = {
    "aws:invokeLambdaFunction": (
        "LogResult",
        "OutputPayload",
        "FunctionError",
        "Payload",
        "StatusCode",
    ),
}


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
    _shape(tree, "variables", dict)
    _shape(tree, "files", dict)
    _shape(tree, "outputs", list)
    _shape(tree, "assumeRole", str)


def check_steps(tree: Tree) -> None:
    """Each step by itself, then the names by which steps and outputs point at steps."""
    _check_level(tree["mainSteps"], {}, "mainSteps")
    known = set(_all_names(tree["mainSteps"]))
    for output in tree.get("outputs") or []:
        if not isinstance(output, str) or output.split(".")[0] not in known or "." not in output:
            raise DocumentError(f"Unknown step name in named output: {output}")


def inner_steps(step: Tree) -> list[Tree]:
    """The steps inside a loop."""
    return step["inputs"]["Steps"] if step["action"] == "aws:loop" else []


def _check_level(steps: list[Tree], around: Mapping[str, Tree], path: str) -> None:
    """Steps beside each other; their names may point at those around them too, out of a loop."""
    for place, step in enumerate(steps):
        with placed(f"{path}[{place}]"):
            _check_step(step)
    known = {step["name"]: step for step in steps}
    if len(known) != len(steps) or known.keys() & around.keys():
        raise DocumentError("Duplicate step names found in mainSteps of the document.")
    for place, step in enumerate(steps):
        with placed(f"{path}[{place}]"):
            check_targets(step, {**around, **known})
            inner = inner_steps(step)
            _check_level(inner, {**around, **known}, f"{path}[{place}].inputs.Steps")


def _all_names(steps: list[Tree]) -> Iterator[str]:
    for step in steps:
        yield step["name"]
        yield from _all_names(inner_steps(step))


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
    for kind, check in INPUT_CHECKS.items():
        if step["action"] == kind:
            check(step)


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


def _check_loop(step: Tree) -> None:
    place, inputs = f"In step {step['name']}", step["inputs"]
    steps = inputs.get("Steps")
    if not isinstance(steps, list) or not steps:
        raise DocumentError(f"{place}, aws:loop needs a list of Steps.")
    if ("Iterators" in inputs) == ("LoopCondition" in inputs):
        raise DocumentError(f"{place}, aws:loop needs either Iterators or LoopCondition.")
    _check_limit(place, inputs.get("MaxIterations"))
    if "LoopCondition" not in inputs:
        return
    try:
        conditions.check(inputs["LoopCondition"])
    except conditions.ConditionError as problem:
        raise DocumentError(f"{place}, {problem}.") from None


def _check_limit(place: str, limit: Any) -> None:
    """A whole number of AWS's range, or a text, which may be a reference."""
    if limit is None or isinstance(limit, str):
        return
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST_ITERATIONS:
        raise DocumentError(f"{place}, MaxIterations must be 1 to {MOST_ITERATIONS}.")


INPUT_CHECKS: Final[Mapping[str, Callable[[Tree], None]]] = {
    "aws:branch": _check_branch,
    "aws:loop": _check_loop,
}
