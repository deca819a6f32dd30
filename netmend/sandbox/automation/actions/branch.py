"""aws:branch goes where the first choice that holds points, else to Default, else on."""

from __future__ import annotations

from typing import Any

from netmend.sandbox.automation import conditions
from netmend.sandbox.automation.actions.base import Action, Call, Done
from netmend.sandbox.automation.errors import invalid
from netmend.sandbox.automation.references import Unresolved, resolve
from netmend.sandbox.automation.selectors import MISSING


def run(call: Call) -> Done:
    """A Variable without a value makes its comparison false; it does not fail the step."""

    def read(variable: Any) -> Any:
        try:
            return resolve(variable, call.scope)
        except Unresolved:
            return MISSING

    # The constants beside the operators are literals, so the choices are read as written.
    for choice in call.step.inputs["Choices"]:
        try:
            if conditions.holds(choice, read):
                return Done(next_step=choice["NextStep"])
        except conditions.ConditionError as problem:
            raise invalid(str(problem)) from None
    return Done(next_step=call.step.inputs.get("Default"))


ACTION = Action(
    run,
    required=frozenset({"Choices"}),
    optional=frozenset({"Default"}),
    known_only=frozenset({"Choices", "Default"}),
)
