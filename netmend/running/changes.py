"""Two pictures of a world differ in resources that came, went, or are not as they were."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

Resource = Mapping[str, Any]
Picture = Mapping[tuple[str, ...], Resource]
"""(kind, id, place) -> what is described of it."""

NOISE: Final = frozenset(
    {
        "AvailableIpAddressCount",
        "LastAccessedDate",
        "LastModified",
        "LastModifiedDate",
        "LastUpdatedTimestamp",
        "ResourceRecordSetCount",
        "ResponseMetadata",
        "RoleLastUsed",
        "creationTime",
        "storedBytes",
    }
)
"""Members that change by themselves, or only with others that are shown."""


def differences(before: Picture, after: Picture) -> list[dict[str, Any]]:
    """One entry a resource: kind, id, name, change, and each path with before and after."""
    found = []
    for key in [*before, *(k for k in after if k not in before)]:
        old, new = flat(before.get(key, {})), flat(after.get(key, {}))
        details = list(_details(old, new))
        if not details and key in before and key in after:
            continue
        change = "changed" if key in before and key in after else "deleted"
        change = change if key in before else "created"
        name = _name(after.get(key) or before[key])
        where = {"kind": key[0], "id": key[1], "name": name, "place": key[2]}
        found.append({**where, "change": change, "details": details})
    return found


def _details(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path in [*old, *(p for p in new if p not in old)]:
        was, now = old.get(path), new.get(path)
        if was == now:
            continue
        if isinstance(was, list | None) and isinstance(now, list | None):
            gone = [item for item in was or [] if item not in (now or [])]
            came = [item for item in now or [] if item not in (was or [])]
            yield {"path": path, "removed": gone, "added": came}
        else:
            yield {"path": path, "before": was, "after": now}


def flat(resource: Any, path: str = "") -> dict[str, Any]:
    """Each leaf by its dotted path; a list is a leaf, of texts."""
    if isinstance(resource, Mapping):
        found: dict[str, Any] = {}
        for key, value in resource.items():
            if key not in NOISE:
                found |= flat(value, f"{path}.{key}" if path else str(key))
        return found
    if isinstance(resource, list):
        return {path: sorted(_text(item) for item in resource)} if resource else {}
    return {} if resource is None else {path: resource}


def _text(item: Any) -> str:
    if isinstance(item, Mapping) and set(item) == {"Key", "Value"}:
        return f"{item['Key']}={item['Value']}"
    if isinstance(item, str):
        return item
    return json.dumps(item, sort_keys=True, default=str)


def _name(resource: Resource) -> str:
    tags = resource.get("Tags")
    for tag in tags if isinstance(tags, list) else []:
        if isinstance(tag, Mapping) and tag.get("Key") == "Name":
            return str(tag["Value"])
    return str(resource.get("GroupName") or "")
