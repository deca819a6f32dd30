"""What was recorded: a resource's history, its last item, and which resources there are."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any, Final

from netmend.sandbox.api import FORWARD, ApiCall, ApiError, operation
from netmend.sandbox.config.errors import invalid
from netmend.sandbox.config.inventory import Inventory
from netmend.sandbox.config.items import Item
from netmend.sandbox.config.kinds import KINDS
from netmend.sandbox.config.paging import page
from netmend.sandbox.config.place import Place
from netmend.sandbox.core import Sandbox

PAGE: Final = 10
LARGE_PAGE: Final = 100
LOWER_TOKEN: Final = "nextToken"  # noqa: S105, the name of a parameter


@operation("config", "GetResourceConfigHistory")
def history(sandbox: Sandbox, call: ApiCall) -> Any:
    """A resource's items, latest first unless asked otherwise.

    Types that the sandbox does not record are left to moto, which shows their present state.
    """
    params = call.params
    if params["resourceType"] not in KINDS:
        return FORWARD
    key = (params["resourceType"], params["resourceId"])
    items = list(Place.of(sandbox, call).state(Inventory).histories.get(key, ()))
    if not items:
        raise ApiError(
            "ResourceNotDiscoveredException",
            f"Resource {key[1]} of resourceType:{key[0]} is unknown or has not been discovered",
        )
    found = [item for item in items if _within(item, params)]
    if params.get("chronologicalOrder", "Reverse") == "Reverse":
        found.reverse()
    shown, more = page(found, params, default=PAGE, name=LOWER_TOKEN)
    return {"configurationItems": [item.history() for item in shown], **more}


def _within(item: Item, params: dict[str, Any]) -> bool:
    earlier, later = _moment(params.get("earlierTime")), _moment(params.get("laterTime"))
    if earlier and later and earlier > later:
        raise ApiError(
            "InvalidTimeRangeException",
            "The earlierTime comes after the laterTime: swap them",
        )
    return (not earlier or earlier <= item.time) and (not later or item.time <= later)


def _moment(value: datetime | None) -> datetime | None:
    return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


@operation("config", "BatchGetResourceConfig")
def batch(sandbox: Sandbox, call: ApiCall) -> Any:
    """The last items of the resources named that still stand."""
    keys = [(key["resourceType"], key["resourceId"]) for key in call.params["resourceKeys"]]
    if not any(resource_type in KINDS for resource_type, _ in keys):
        return FORWARD
    if foreign := sorted({one for one, _ in keys if one not in KINDS}):
        raise invalid(f"the sandbox records no {', '.join(foreign)}: ask for it in its own call")
    histories = Place.of(sandbox, call).state(Inventory).histories
    latest = [histories[key][-1] for key in keys if key in histories]
    return {
        "baseConfigurationItems": [item.base() for item in latest if not item.deleted],
        "unprocessedResourceKeys": [],
    }


@operation("config", "ListDiscoveredResources")
def discovered(sandbox: Sandbox, call: ApiCall) -> Any:
    """The resources of a type, deleted ones only when asked for."""
    params = call.params
    if params["resourceType"] not in KINDS:
        return FORWARD
    ids, name = params.get("resourceIds"), params.get("resourceName")
    if ids and name:
        raise ApiError("ValidationException", "Give resourceIds or a resourceName, not both")
    found = [
        _identifier(item)
        for item in sorted(_latest(sandbox, call), key=lambda item: item.resource_id)
        if item.resource_type == params["resourceType"]
        and (not item.deleted or params.get("includeDeletedResources"))
        and (not ids or item.resource_id in ids)
        and name in (None, item.state.name)
    ]
    entries, more = page(found, params, default=LARGE_PAGE, name=LOWER_TOKEN)
    return {"resourceIdentifiers": entries, **more}


def _latest(sandbox: Sandbox, call: ApiCall) -> list[Item]:
    return Place.of(sandbox, call).state(Inventory).latest()


def _identifier(item: Item) -> dict[str, Any]:
    return {
        "resourceType": item.resource_type,
        "resourceId": item.resource_id,
        **({"resourceName": item.state.name} if item.state.name else {}),
        **({"resourceDeletionTime": item.time} if item.deleted else {}),
    }


@operation("config", "GetDiscoveredResourceCounts")
def counts(sandbox: Sandbox, call: ApiCall) -> Any:
    """How many resources of each type stand; the most frequent types come first."""
    wanted = call.params.get("resourceTypes")
    counted = Counter(
        item.resource_type
        for item in _latest(sandbox, call)
        if not item.deleted and (not wanted or item.resource_type in wanted)
    )
    found = [
        {"resourceType": name, "count": count}
        for name, count in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    entries, more = page(found, call.params, default=LARGE_PAGE, name=LOWER_TOKEN)
    return {
        "totalDiscoveredResources": sum(counted.values()),
        "resourceCounts": entries,
        **more,
    }
