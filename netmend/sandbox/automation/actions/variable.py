"""aws:updateVariable gives a variable a new value of the type that the document declares."""

from __future__ import annotations

from typing import Final

from netmend.sandbox.automation.actions.base import Action, Call, Done
from netmend.sandbox.automation.errors import invalid
from netmend.sandbox.automation.values import fits, text
from netmend.sandbox.automation.variables import PREFIX

MOST_ITEMS: Final = {"StringList": 50, "MapList": 200}
"""AWS names 512 characters for a String too, which its own runbooks do not keep to."""


def run(call: Call) -> Done:
    """AWS converts nothing here: the value must have the type already."""
    name = call.text("Name").removeprefix(PREFIX)
    kind = call.scope.variable_types.get(name)
    if kind is None:
        raise invalid(f'the document declares no variable "{name}"')
    value = call.inputs["Value"]
    if not fits(value, kind):
        raise invalid(f"the value {text(value)[:200]} of variable {name} is not a {kind}")
    most = MOST_ITEMS.get(kind)
    if most is not None and len(value) > most:
        raise invalid(f"the value of variable {name} has {len(value)} items, more than {most}")
    return Done(variables={name: value})


ACTION: Final = Action(run, required=frozenset({"Name", "Value"}))
