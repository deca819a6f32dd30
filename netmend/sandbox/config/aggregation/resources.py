"""What is recorded in all sources."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from netmend.sandbox.api import FORWARD, ApiCall, ApiError, operation
from netmend.sandbox.config.aggregation.sources import collected
from netmend.sandbox.config.errors import invalid
from netmend.sandbox.config.inventory import Inventory
from netmend.sandbox.config.items import Item
from netmend.sandbox.config.kinds import KINDS
from netmend.sandbox.config.paging import page
from netmend.sandbox.config.place import Place
from netmend.sandbox.core import Sandbox

PAGE: Final = 100
COUNTS_PAGE: Final = 1000
GROUPS: Final = {
    "RESOURCE_TYPE": "resource_type",
    "ACCOUNT_ID": "account",
    "AWS_REGION": "region",
}


def _standing(sandbox: Sandbox, call: ApiCall, filters: dict[str, Any]) -> list[Item]:
    name = call.params["ConfigurationAggregatorName"]
    return [
        item
        for place in collected(Place.of(sandbox, call), name, filters)
        for item in place.state(Inventory).latest()
        if not item.deleted
    ]


@operation("config", "GetAggregateDiscoveredResourceCounts")
def counts(sandbox: Sandbox, call: ApiCall) -> Any:
    """How many resources stand; in groups only when asked for."""
    filters, key = call.params.get("Filters") or {}, call.params.get("GroupByKey")
    found = [
        item
        for item in _standing(sandbox, call, filters)
        if filters.get("ResourceType") in (None, item.resource_type)
    ]
    counted = Counter(str(getattr(item, GROUPS[key])) for item in found) if key else Counter()
    groups = [
        {"GroupName": name, "ResourceCount": count} for name, count in sorted(counted.items())
    ]
    entries, more = page(groups, call.params, default=COUNTS_PAGE)
    grouping = {"GroupByKey": key} if key else {}
    return {
        "TotalDiscoveredResources": len(found),
        **grouping,
        "GroupedResourceCounts": entries,
        **more,
    }


@operation("config", "ListAggregateDiscoveredResources")
def discovered(sandbox: Sandbox, call: ApiCall) -> Any:
    """The resources of a type that stand; types that are not recorded here are left to moto."""
    params, filters = call.params, call.params.get("Filters") or {}
    if params["ResourceType"] not in KINDS:
        return FORWARD
    found = [
        _identifier(item)
        for item in _standing(sandbox, call, filters)
        if item.resource_type == params["ResourceType"]
        and filters.get("ResourceId") in (None, item.resource_id)
        and filters.get("ResourceName") in (None, item.state.name)
    ]
    found.sort(key=lambda one: (one["SourceAccountId"], one["SourceRegion"], one["ResourceId"]))
    entries, more = page(found, params, default=PAGE)
    return {"ResourceIdentifiers": entries, **more}


def _identifier(item: Item) -> dict[str, str]:
    return {
        "SourceAccountId": item.account,
        "SourceRegion": item.region,
        "ResourceId": item.resource_id,
        "ResourceType": item.resource_type,
        **({"ResourceName": item.state.name} if item.state.name else {}),
    }


def _item(sandbox: Sandbox, call: ApiCall, identifier: dict[str, str]) -> Item | None:
    where = {"AccountId": identifier["SourceAccountId"], "AwsRegion": identifier["SourceRegion"]}
    name = call.params["ConfigurationAggregatorName"]
    key = (identifier["ResourceType"], identifier["ResourceId"])
    for place in collected(Place.of(sandbox, call), name, where):
        history = place.state(Inventory).histories.get(key)
        if history and not history[-1].deleted:
            return history[-1]
    return None


@operation("config", "GetAggregateResourceConfig")
def one(sandbox: Sandbox, call: ApiCall) -> Any:
    """The last item of one resource."""
    identifier = call.params["ResourceIdentifier"]
    item = _item(sandbox, call, identifier)
    if item is None:
        raise ApiError(
            "ResourceNotDiscoveredException",
            f"Resource {identifier['ResourceId']} of resourceType:{identifier['ResourceType']} "
            "is unknown or has not been discovered",
        )
    return {"ConfigurationItem": item.history()}


@operation("config", "BatchGetAggregateResourceConfig")
def batch(sandbox: Sandbox, call: ApiCall) -> Any:
    """The last items of the resources named; what is not found is left unprocessed."""
    identifiers = call.params["ResourceIdentifiers"]
    foreign = sorted({one["ResourceType"] for one in identifiers} - KINDS.keys())
    if foreign and len(foreign) == len({one["ResourceType"] for one in identifiers}):
        return FORWARD
    if foreign:
        raise invalid(f"the sandbox records no {', '.join(foreign)}: ask for it in its own call")
    found = [(one, _item(sandbox, call, one)) for one in identifiers]
    return {
        "BaseConfigurationItems": [item.base() for _, item in found if item],
        "UnprocessedResourceIdentifiers": [one for one, item in found if not item],
    }
