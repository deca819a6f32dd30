"""What a call needs: actions on ARNs of its own account and Region, made from its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from moto.utilities.utils import get_partition

from netmend.sandbox.api import ApiCall
from netmend.sandbox.iam import actions
from netmend.sandbox.iam.actions import Where
from netmend.sandbox.iam.context import Keys

ANY: Final = actions.ANY


@dataclass(frozen=True)
class Need:
    """One action on one resource that must be allowed.

    keys: condition keys of this need alone. kind: the resource's type in AWS's reference, and
    kind_keys the condition keys that it has there.
    """

    action: str
    resource: str
    keys: Keys = field(default_factory=dict)
    kind: str = ""
    kind_keys: frozenset[str] = frozenset()


def where(call: ApiCall) -> Where:
    """Whose resources the call means by their bare names."""
    return Where(get_partition(call.region), call.region, call.account)


def action(call: ApiCall) -> str:
    """The IAM action of an operation; most bear its name."""
    return actions.action_name(call.service, call.operation)


def general(call: ApiCall, params: Mapping[str, Any] | None = None, name: str = "") -> list[Need]:
    """The call's action on what AWS's reference says; `UnknownAction` for what is not there.

    params: instead of the call's. name: another action instead of its own.
    """
    name = name or action(call)
    given = call.params if params is None else params
    found = actions.targets(name, call.operation, given, where(call))
    return [Need(name, one.arn, {}, one.kind, one.keys) for one in dict.fromkeys(found)]


def own(call: ApiCall, resource: str) -> str:
    """The ARN of a resource of the call's own service, account and Region."""
    place = where(call)
    prefix = actions.prefix(call.service)
    return f"arn:{place.partition}:{prefix}:{place.region}:{place.account}:{resource}"


def renamed(needs: list[Need], name: str) -> list[Need]:
    """The same resources under another action."""
    return [replace(need, action=name) for need in needs]
