"""aws:branch goes where the first choice that holds points, else to Default, else on."""

from __future__ import annotations

from netmend.sandbox.automation import conditions
from netmend.sandbox.automation.actions.base import Action, Call, Done
from netmend.sandbox.automation.errors import invalid


def run(call: Call) -> Done:
    """A Variable without a value makes its comparison false; it does not fail the step."""
    read = conditions.reader(call.scope)
    # Read as written, for what has no value must not fail the step but compare as false.
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
