"""Events of `aws.*` sources, which PutEvents refuses, are put on a bus by a door of the sandbox."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from netmend.sandbox.api import ApiError
from netmend.sandbox.doors import door
from netmend.sandbox.events import bus

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox


@door("events")
def inject_door(sandbox: Sandbox, body: dict[str, Any]) -> dict[str, Any]:
    """{"account", "region", "events": [entries of `inject`]} -> {"ids": [...]}."""
    account, region = str(body.get("account", "")), str(body.get("region", ""))
    events = body.get("events")
    if len(account) != 12 or not account.isdigit() or not region or not isinstance(events, list):
        raise ApiError(
            "ValidationException",
            'the body must be {"account": 12 digits as text, "region": ..., "events": [...]}',
        )
    return {"ids": inject(sandbox, account, region, events)}


def inject(
    sandbox: Sandbox, account: str, region: str, entries: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Put events on a bus as AWS services do; their ids.

    Each entry is {Source, DetailType, Detail, Resources?, Time?, EventBusName?}: Detail an object
    or its JSON text, Time ISO 8601, epoch seconds or a datetime. `ApiError` ValidationException,
    before any of them is put.
    """
    events = [_event(sandbox, account, region, entry) for entry in entries]
    for entry, event in zip(entries, events, strict=True):
        bus.route(sandbox, account, region, entry.get("EventBusName", bus.DEFAULT_BUS), event)
    return [event["id"] for event in events]


def _event(sandbox: Sandbox, account: str, region: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(entry, Mapping) or not entry.get("Source") or not entry.get("DetailType"):
        raise ApiError("ValidationException", "an event needs Source, DetailType and Detail")
    return bus.envelope(
        sandbox,
        account,
        region,
        str(entry["Source"]),
        str(entry["DetailType"]),
        _detail(entry.get("Detail")),
        [str(resource) for resource in entry.get("Resources") or ()],
        _time(entry.get("Time")),
    )


def _detail(given: Any) -> dict[str, Any]:
    try:
        detail = json.loads(given) if isinstance(given, str) else given
    except ValueError as error:
        raise ApiError("ValidationException", f"Detail is no JSON: {error}") from None
    if not isinstance(detail, dict):
        raise ApiError("ValidationException", "Detail must be an object or its JSON text")
    return detail


def _time(given: Any) -> datetime | None:
    if given is None or isinstance(given, datetime):
        return given
    try:
        if isinstance(given, int | float):
            return datetime.fromtimestamp(given, UTC)
        found = datetime.fromisoformat(str(given))
    except (ValueError, OverflowError):
        raise ApiError("ValidationException", f"Time {given!r} is not ISO 8601") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
