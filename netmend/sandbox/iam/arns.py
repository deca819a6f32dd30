"""An operation's action and the ARNs of what it acts on, made from its parameters."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from string import Formatter
from typing import Any, Final

from moto.utilities.utils import get_partition

from netmend.sandbox.api import ApiCall, ApiError
from netmend.sandbox.iam.context import Keys
from netmend.sandbox.iam.resources import ACTIONS, PREFIXES

ANY: Final = "*"


@dataclass(frozen=True)
class Need:
    """One action on one resource that must be allowed; keys are those of this need alone."""

    action: str
    resource: str
    keys: Keys = field(default_factory=dict)


def prefix(service: str) -> str:
    """The name of a boto3 service in IAM actions."""
    return PREFIXES.get(service, service)


def action(call: ApiCall) -> str:
    """The IAM action of an operation; most bear its name."""
    return ACTIONS.get(call.name) or f"{prefix(call.service)}:{call.operation}"


def arns(call: ApiCall, template: str, **params: Any) -> list[str]:
    """The template filled in; a parameter that the call has not becomes a wildcard."""
    names = [name for _, name, _, _ in Formatter().parse(template) if name]
    given = {name: params.get(name) or call.params.get(name) or ANY for name in names}
    listed = next((name for name, value in given.items() if isinstance(value, list)), None)
    if listed is None:
        return [_arn(call, template, given)]
    return [_arn(call, template, {**given, listed: value}) for value in given[listed]]


def _arn(call: ApiCall, template: str, values: dict[str, Any]) -> str:
    whole = next((str(v) for v in values.values() if str(v).startswith("arn:")), None)
    head = f"arn:{get_partition(call.region)}:{prefix(call.service)}:{call.region}:{call.account}"
    return whole or f"{head}:{template.format_map(values)}"


def needed(call: ApiCall, template: str, **params: Any) -> list[Need]:
    """The call's own action on each ARN of a template."""
    return [Need(action(call), arn) for arn in arns(call, template, **params)]


def renamed(needs: list[Need], name: str) -> list[Need]:
    """The same resources under another action."""
    return [replace(need, action=name) for need in needs]


def unknown(name: str) -> ApiError:
    """The refusal of an action whose resources nobody wrote down."""
    message = f"the sandbox's IAM does not know on what {name} acts: add it to iam/resources.py"
    return ApiError("NotImplemented", message, 501)
