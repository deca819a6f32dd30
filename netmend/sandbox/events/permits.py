"""A bus has a policy of its own, which the judge asks where somebody else's events come in."""

from __future__ import annotations

from typing import Final

from moto.events.models import EventBus, events_backends

from netmend.sandbox.api import ApiError
from netmend.sandbox.iam import owned

BUS: Final = "event-bus/"


def bus_at(arn: str) -> EventBus:
    """moto's bus; `ApiError` ResourceNotFoundException where there is none."""
    _, _, _, region, account, resource = arn.split(":", 5)
    name = resource.removeprefix(BUS)
    found = events_backends[account][region].event_buses.get(name)
    if found is None:
        raise ApiError("ResourceNotFoundException", f"Event bus {name} does not exist.")
    return found


def _policy(parts: list[str]) -> str | None:
    # The judge asks for every resource of EventBridge, and buses alone have policies.
    if not parts[5].startswith(BUS) or not parts[4].isdigit():
        return None
    try:
        return bus_at(":".join(parts)).policy
    except ApiError:
        return None


owned.POLICIES["events"] = _policy
