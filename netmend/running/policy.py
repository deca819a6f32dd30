"""The least that a role must be allowed to make the calls that it made, as an IAM policy."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from netmend.sandbox.api import ApiCall
    from netmend.sandbox.core import Sandbox

ANY: Final = "*"
PASSING: Final = "iam:PassRole"
ROLE: Final = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/\S+")
HANDED: Final = re.compile(r"(?i:role)|PermissionArn$")
"""Members that hold the ARN of a role that a service is to use."""

MADE_UP: Final = re.compile(r"\b([a-z]+(?:-[a-z]+)*)-[0-9a-f]{8,17}\b")
"""An id as EC2 gives them."""

UNKNOWN: Final = "the sandbox's IAM does not know on what it acts"
NO_RESOURCE: Final = "IAM takes no resource for it, or the call names none"

Call = Mapping[str, Any]


def needs(sandbox: Sandbox, call: ApiCall) -> tuple[list[tuple[str, str]], str]:
    """((action, ARN) pairs that must be allowed, why there is no ARN where IAM knows none)."""
    from netmend.sandbox.api import ApiError
    from netmend.sandbox.iam import arns, gate

    if call.name in gate.ALWAYS:
        return [], ""
    passed = [(PASSING, role) for role in passed_roles(call)]
    try:
        found = [(need.action, need.resource) for need in gate.needs(sandbox, call)]
    except ApiError:
        return [(arns.action(call), ANY), *passed], UNKNOWN
    return [*dict.fromkeys(found), *passed], ""


def passed_roles(call: ApiCall) -> list[str]:
    """Roles that the call hands to a service, which takes iam:PassRole."""
    if call.service in ("iam", "sts"):
        return []
    return list(dict.fromkeys(_roles(call.params, "")))


def _roles(value: Any, member: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _roles(item, str(key))
    elif isinstance(value, list):
        for item in value:
            yield from _roles(item, member)
    elif isinstance(value, str) and ROLE.fullmatch(value) and HANDED.search(member):
        yield value


def ids(picture: Any) -> set[str]:
    """Every id of EC2's form in what is described."""
    text = json.dumps([str(picture)])
    return {found[0] for found in MADE_UP.finditer(text)}


def policies(calls: Iterable[Call], known: Collection[str]) -> list[dict[str, Any]]:
    """One entry a role that the run acted as: role, policy, and what could not be narrowed.

    known: ids that the run did not make up itself; any other in an ARN becomes a wildcard, for
    the next run meets another.
    """
    by_role: dict[str, list[Call]] = {}
    for call in calls:
        if call["own"]:
            by_role.setdefault(call["role"], []).append(call)
    return [_policy(role, made, known) for role, made in by_role.items()]


def _policy(role: str, calls: list[Call], known: Collection[str]) -> dict[str, Any]:
    wanted: dict[str, dict[str, None]] = {}
    broad: dict[str, str] = {}
    for call in calls:
        for action, arn in call["needs"]:
            resource = narrowed(arn, known)
            wanted.setdefault(action, {})[resource] = None
            if resource == ANY:
                broad[action] = call["unjudged"] or NO_RESOURCE
            elif resource != arn:
                broad[action] = "the run made the resource itself, and its id is another each time"
    return {"role": role, "policy": document(wanted), "broad": broad}


def narrowed(arn: str, known: Collection[str]) -> str:
    """The ARN with `*` for ids that came about in the run itself."""

    def kept(found: re.Match[str]) -> str:
        return found[0] if found[0] in known else f"{found[1]}-*"

    head, slash, tail = arn.partition("/")
    return f"{head}{slash}{MADE_UP.sub(kept, tail)}"


def document(wanted: Mapping[str, Collection[str]]) -> dict[str, Any]:
    """An identity policy: actions on the same resources stand in one statement."""
    together: dict[tuple[str, ...], list[str]] = {}
    for action in sorted(wanted):
        resources = {ANY} if ANY in wanted[action] else set(wanted[action])
        together.setdefault(tuple(sorted(resources)), []).append(action)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": actions, "Resource": list(resources)}
            for resources, actions in sorted(together.items(), key=lambda one: one[1])
        ],
    }
