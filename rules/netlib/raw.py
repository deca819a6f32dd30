"""A type without an adapter is judged by its configuration item as AWS Config records it."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from rules.netlib.conditions import ConditionRule, Unmet
from rules.netlib.errors import Malformed
from rules.netlib.plan import HELD, Plan


class Item(NamedTuple):
    """The parts of a configuration item that a verdict may rest on.

    configuration and supplementary have Config's own names, nested as Config gives them.
    """

    resource_type: str
    resource_id: str
    name: str | None
    owner_id: str
    region: str
    tags: Mapping[str, str]
    configuration: Mapping[str, Any]
    supplementary: Mapping[str, Any]


def from_item(item: Mapping[str, Any]) -> Item:
    """From an item as delivered, or as GetResourceConfigHistory answers; raises Malformed."""
    resource_id = item.get("resourceId")
    if not isinstance(resource_id, str) or not resource_id:
        raise Malformed("a configuration item without resourceId")
    # A notification and the history have two names for the same thing.
    owner_id = item.get("awsAccountId") or item.get("accountId") or ""
    supplementary = _object(item, "supplementaryConfiguration")
    return Item(
        resource_type=str(item.get("resourceType") or ""),
        resource_id=resource_id,
        name=item.get("resourceName"),
        owner_id=str(owner_id),
        region=str(item.get("awsRegion") or ""),
        tags=_object(item, "tags"),
        configuration=_object(item, "configuration"),
        supplementary={name: _unfolded(value) for name, value in supplementary.items()},
    )


def _object(item: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = _unfolded(item.get(name) or {})
    if not isinstance(value, Mapping):
        raise Malformed(f"{item['resourceId']}: {name} must be an object, not {value!r:.40}")
    return value


def _unfolded(value: Any) -> Any:
    """Some answers carry objects as JSON in a text; any other text is itself."""
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


class RawRule(ConditionRule):
    """Judges items by conditions on their paths, and holds every mend: there is no live reader."""

    from_item = staticmethod(from_item)

    def from_live(self, *answers: Any) -> Item:
        kind = self.RESOURCE_TYPES[0]
        raise Malformed(f"{kind} is judged by its configuration item alone: give that")

    def changes(self, resource: Item) -> str:
        return resource.resource_id

    def mend(self, resource: Item, violations: list[Unmet]) -> Plan:
        return Plan(HELD, no_reader(resource.resource_type))


def no_reader(resource_type: str) -> str:
    """Why no mend of such a resource is planned."""
    return f"{resource_type} has no live reader, and mends are planned from live state alone"
