"""aws:executeAwsApi, assertAwsResourceProperty and waitForAwsResourceProperty call one API."""

from __future__ import annotations

from typing import Any, Final

from netmend.sandbox.automation.actions.base import Action, Call, Done, Outcome, Wait
from netmend.sandbox.automation.actions.calls import (
    operation_name,
    patient,
    respond,
    service_name,
    streams,
)
from netmend.sandbox.automation.errors import StepFailed, invalid
from netmend.sandbox.automation.selectors import MISSING, SelectorError, select

NAMES: Final = frozenset({"Service", "Api"})
PROPERTY_NAMES: Final = frozenset({"PropertySelector", "DesiredValues"})
INDEFINITE: Final = ("..", "*", "?(")
POLL_SECONDS: Final = 2.0
"""AWS does not say how often it looks; this is short against any timeout in published runbooks."""


def execute(call: Call) -> Outcome:
    """The whole response with its ResponseMetadata is what selectors read."""
    return patient(lambda one: Done(response=_respond(one, NAMES)), call)


def check(call: Call) -> Outcome:
    """Fail the attempt unless the property has a desired value now."""
    return patient(_checked, call)


def _checked(call: Call) -> Done:
    found = _property(call)
    desired = _desired(call)
    if not _holds(call, found, desired):
        raise StepFailed(
            f"Property value '{_shown(found)}' from the API output is not in the desired values."
            f" Desired values: {desired}."
        )
    return Done()


def wait(call: Call) -> Outcome:
    """Look again and again until the property has a desired value or the time is up."""
    return patient(_awaited, call)


def _awaited(call: Call) -> Outcome:
    if _holds(call, _property(call), _desired(call)):
        return Done()
    return Wait(
        doing="polling the property of the resource",
        at=call.effects.now() + POLL_SECONDS,
        then=lambda: wait(call),
    )


def _respond(call: Call, own: frozenset[str]) -> dict[str, Any]:
    service = service_name(call.text("Service"))
    operation = operation_name(service, call.text("Api"))
    if streams(service, operation):
        raise invalid(f"{service} {operation} streams data, which {call.step.action} cannot do")
    params = {key: value for key, value in call.inputs.items() if key not in own}
    return respond(call, service, operation, params)


def _property(call: Call) -> Any:
    """What the selector finds; None where it finds nothing."""
    response = _respond(call, NAMES | PROPERTY_NAMES)
    try:
        found = select(call.text("PropertySelector"), response)
    except SelectorError as problem:
        raise invalid(str(problem)) from None
    return None if found is MISSING else found


def _holds(call: Call, found: Any, desired: list[str]) -> bool:
    """Compared as Python prints it: True, 3, available. A path that finds many things holds where
    each of them has a desired value."""
    many = any(mark in call.text("PropertySelector") for mark in INDEFINITE)
    if many and isinstance(found, list) and found:
        return all(str(item) in desired for item in found)
    return str(found) in desired


def _shown(found: Any) -> str:
    one = found[0] if isinstance(found, list) and len(found) == 1 else found
    return str(one)


def _desired(call: Call) -> list[str]:
    desired = call.inputs["DesiredValues"]
    return [str(value) for value in (desired if isinstance(desired, list) else [desired])]


EXECUTE: Final = Action(execute, required=NAMES, optional=None, timeout=25, longest=25)
ASSERT: Final = Action(check, required=NAMES | PROPERTY_NAMES, optional=None)
WAIT: Final = Action(wait, required=NAMES | PROPERTY_NAMES, optional=None, timeout=3600)
