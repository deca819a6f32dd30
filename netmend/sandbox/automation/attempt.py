"""Around every action: inputs are resolved before it, failures caught, outputs selected after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netmend.sandbox.automation.actions import ACTIONS
from netmend.sandbox.automation.actions.base import Action, Call, Done, Outcome
from netmend.sandbox.automation.document import Output, Step
from netmend.sandbox.automation.effects import Effects
from netmend.sandbox.automation.errors import (
    EXECUTING,
    StepFailed,
    failure_of,
    invalid,
    not_emulated,
    timed_out,
)
from netmend.sandbox.automation.references import Unresolved, resolve, resolve_known
from netmend.sandbox.automation.scope import Facts, Scope
from netmend.sandbox.automation.selectors import MISSING, select
from netmend.sandbox.automation.state import StepRun
from netmend.sandbox.automation.values import ConversionError, convert


def guarded(act: Callable[[], Outcome]) -> Outcome | StepFailed:
    """What `act` comes to; a failure of any kind is the step's.

    One of the places where foreign code runs: an action may raise whatever its effects raise.
    """
    try:
        return act()
    except Exception as problem:  # noqa: BLE001  recorded on the step
        return failure_of(problem)


def attempt(
    run: StepRun, scope: Scope, facts: Facts, effects: Effects, role_credentials: Any
) -> Outcome | StepFailed:
    """One attempt of the step, which shows its inputs from now on."""
    outcome = guarded(lambda: _act(run, scope, facts, effects, role_credentials))
    overtime = run.deadline is not None and effects.now() > run.deadline
    if overtime and isinstance(outcome, Done):
        return timed_out(EXECUTING, run.timeout or 0)
    return outcome


def _act(
    run: StepRun, scope: Scope, facts: Facts, effects: Effects, role_credentials: Any
) -> Outcome:
    step = run.step
    action = ACTIONS.get(step.action)
    if action is None:
        raise not_emulated(f"The action {step.action}")
    run.timeout = action.seconds(step)
    run.inputs = step.inputs  # shown as written where they cannot be resolved
    run.inputs = inputs_of(step, action, scope)
    return action.run(
        Call(
            step=step,
            inputs=run.inputs,
            scope=scope,
            facts=facts,
            effects=effects,
            role_credentials=role_credentials,
            timeout=run.timeout,
        )
    )


def inputs_of(step: Step, action: Action, scope: Scope) -> dict[str, Any]:
    """The resolved inputs, checked against those that the action has; raises StepFailed."""
    inputs = {}
    for name, value in step.inputs.items():
        if name in action.literal:
            inputs[name] = value
            continue
        reading = resolve_known if name in action.known_only else resolve
        try:
            inputs[name] = reading(value, scope)
        except Unresolved as problem:
            raise invalid(f"the input {name} is not complete: {problem}") from None
    action.check(inputs)
    return inputs


def outputs_of(step: Step, done: Done) -> dict[str, Any]:
    """Predefined outputs and what the step's selectors find; raises StepFailed.

    A selector that finds nothing gives no output and does no harm.
    """
    outputs = dict(done.outputs)
    for output in step.outputs:
        found = _select(output, done.response)
        if found is not MISSING:
            outputs[output.name] = found
    return outputs


def _select(output: Output, response: Any) -> Any:
    found = select(output.selector, response)
    if found is MISSING or (found == [] and not output.type.endswith("List")):
        return MISSING
    try:
        return convert(found, output.type)
    except ConversionError as problem:
        raise StepFailed(f"the output {output.name} is of the wrong type: {problem}") from None
