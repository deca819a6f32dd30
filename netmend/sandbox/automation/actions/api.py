"""aws:executeAwsApi, assertAwsResourceProperty and waitForAwsResourceProperty call one API."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import botocore.session
from botocore.exceptions import UnknownServiceError

from netmend.sandbox.automation.actions.base import Action, Call, Done, Outcome, Wait
from netmend.sandbox.automation.errors import StepFailed, invalid
from netmend.sandbox.automation.selectors import MISSING, SelectorError, select
from netmend.sandbox.automation.values import plain

NAMES: Final = frozenset({"Service", "Api"})
PROPERTY_NAMES: Final = frozenset({"PropertySelector", "DesiredValues"})
POLL_SECONDS: Final = 2.0
"""AWS does not say how often it looks; this is short against any timeout in published runbooks."""


def execute(call: Call) -> Done:
    """The whole response with its ResponseMetadata is what selectors read."""
    return Done(response=_respond(call, NAMES))


def check(call: Call) -> Done:
    """Fail the attempt unless the property has a desired value now."""
    found = _property(call)
    desired = _desired(call)
    if found not in desired:
        raise StepFailed(
            f"Property value '{found}' from the API output is not in the desired values."
            f" Desired values: {desired}."
        )
    return Done()


def wait(call: Call) -> Outcome:
    """Look again and again until the property has a desired value or the time is up."""
    if _property(call) in _desired(call):
        return Done()
    return Wait(
        doing="polling the property of the resource",
        at=call.effects.now() + POLL_SECONDS,
        then=lambda: wait(call),
    )


def _respond(call: Call, own: frozenset[str]) -> dict[str, Any]:
    service = call.text("Service").lower()
    operation = _operation(service, call.text("Api"))
    params = {key: value for key, value in call.inputs.items() if key not in own}
    response = call.effects.api(service, operation, params, call.credentials)
    if not isinstance(response, Mapping):
        raise TypeError(f"{service} {operation} answered no map")
    return {key: plain(value) for key, value in response.items()}


def _property(call: Call) -> str:
    """Compared as Python prints it: True, 3, available; None where the selector finds nothing."""
    response = _respond(call, NAMES | PROPERTY_NAMES)
    try:
        found = select(call.text("PropertySelector"), response)
    except SelectorError as problem:
        raise invalid(str(problem)) from None
    return str(None if found is MISSING else found)


def _desired(call: Call) -> list[str]:
    desired = call.inputs["DesiredValues"]
    return [str(value) for value in (desired if isinstance(desired, list) else [desired])]


def _operation(service: str, name: str) -> str:
    """The API's own name for DescribeVpcs, describe_vpcs or describeVpcs."""
    operation = _operations(service).get(name.replace("_", "").lower())
    if operation is None:
        raise invalid(f"the service {service} has no API {name}")
    return operation


@lru_cache(maxsize=64)
def _operations(service: str) -> dict[str, str]:
    try:
        model = botocore.session.get_session().get_service_model(service)
    except UnknownServiceError:
        raise invalid(f"there is no service {service}") from None
    return {name.lower(): name for name in model.operation_names}


EXECUTE: Final = Action(execute, required=NAMES, optional=None, timeout=25, longest=25)
ASSERT: Final = Action(check, required=NAMES | PROPERTY_NAMES, optional=None)
WAIT: Final = Action(wait, required=NAMES | PROPERTY_NAMES, optional=None, timeout=3600)
