"""Rules, packs and queries carry tags; a second put of any does not change them."""

from __future__ import annotations

from typing import Any, Final

from netmend.sandbox.api import FORWARD, ApiCall, operation
from netmend.sandbox.config.packs import Pack, Packs
from netmend.sandbox.config.paging import page
from netmend.sandbox.config.place import Place
from netmend.sandbox.config.queries.stored import Queries
from netmend.sandbox.config.store import Rule, Rules
from netmend.sandbox.core import Sandbox

PAGE: Final = 50


def _tags(sandbox: Sandbox, call: ApiCall) -> dict[str, str] | None:
    place, arn = Place.of(sandbox, call), call.params["ResourceArn"]
    for query in place.state(Queries).by_name.values():
        if query.told["QueryArn"] == arn:
            return query.tags
    tagged: list[Rule | Pack] = [*place.state(Rules).all(), *place.state(Packs).by_name.values()]
    return next((one.tags for one in tagged if one.arn == arn), None)


@operation("config", "ListTagsForResource")
def list_tags(sandbox: Sandbox, call: ApiCall) -> Any:
    """The tags of a rule or pack; those of aggregators and authorizations are moto's."""
    tags = _tags(sandbox, call)
    if tags is None:
        return FORWARD
    found = [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
    entries, more = page(found, call.params, default=PAGE)
    return {"Tags": entries, **more}


@operation("config", "TagResource")
def tag(sandbox: Sandbox, call: ApiCall) -> Any:
    """Add tags, or give those that stand another value."""
    tags = _tags(sandbox, call)
    if tags is None:
        return FORWARD
    tags.update({one["Key"]: one["Value"] for one in call.params["Tags"]})
    return {}


@operation("config", "UntagResource")
def untag(sandbox: Sandbox, call: ApiCall) -> Any:
    """Take tags away; keys that are not there are ignored."""
    tags = _tags(sandbox, call)
    if tags is None:
        return FORWARD
    for key in call.params["TagKeys"]:
        tags.pop(key, None)
    return {}
