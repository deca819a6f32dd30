"""What readers of live resources share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from botocore.exceptions import ClientError

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.errors import is_gone

Properties = dict[str, Any]
Reader = Callable[[Site, str, Properties], Properties]
"""(where, physical id, what the template says) -> the live properties."""


def tags(found: Any, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Tags as a template has them, without those that AWS itself gives."""
    pairs = found.items() if isinstance(found, dict) else [(t[key], t[value]) for t in found]
    return [{"Key": k, "Value": v} for k, v in pairs if not k.startswith("aws:")]


def chosen(found: Properties, *names: str) -> Properties:
    """Those of the named entries that are there."""
    return {name: found[name] for name in names if found.get(name) is not None}


def holding(holders: Iterable[str], holds: Callable[[str], Any]) -> list[str]:
    """The holders for which a read does not say that it is gone."""
    return [holder for holder in holders if _there(holds, holder)]


def _there(holds: Callable[[str], Any], holder: str) -> bool:
    return unless_gone(lambda: holds(holder)) is not None


def unless_gone(call: Callable[[], Any]) -> Any:
    """What a read answers; None where the service says that there is no such thing."""
    try:
        return call()
    except ClientError as error:
        if is_gone(error):
            return None
        raise
