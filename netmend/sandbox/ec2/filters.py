"""The filters of Describe* calls, and the match of tags that every resource has in common."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from netmend.sandbox.api import ApiCall, ApiError
from netmend.sandbox.ec2.rules import invalid


def asked(call: ApiCall) -> dict[str, list[str]]:
    """The values of each filter of a call, by its name; one of them is enough."""
    return {one["Name"]: one.get("Values", []) for one in call.params.get("Filters") or []}


def is_tag(name: str) -> bool:
    """Whether a filter asks for tags."""
    return name.startswith("tag:") or name in ("tag-key", "tag-value")


def tagged(tags: Mapping[str, str], name: str, values: list[str]) -> bool:
    """Whether a resource with these tags passes a filter on tags; `*` and `?` are wildcards."""
    kind, _, key = name.partition(":")
    listed = {"tag-key": list(tags), "tag-value": list(tags.values())}
    found = listed.get(kind, [tags[key]] if key in tags else [])
    return any(fnmatchcase(one, value) for one in found for value in values)


def unknown(name: str) -> ApiError:
    """EC2's refusal of a filter that the operation has not."""
    return invalid(f"The filter '{name}' is invalid")
