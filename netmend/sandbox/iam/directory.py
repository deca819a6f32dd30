"""What accounts hold about a caller: roles, users, the policies attached to them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moto.iam.models import Role, iam_backends

from netmend.sandbox.api import Caller
from netmend.sandbox.iam.patterns import PolicyError
from netmend.sandbox.iam.policy import Policy, parse


@dataclass(frozen=True)
class Grants:
    """What an identity may do: its policies and, where it has one, the boundary around them."""

    identity: tuple[Policy, ...]
    boundary: Policy | None


def account_of(arn: str) -> str:
    """The account in an ARN; empty where the ARN names none."""
    parts = arn.split(":")
    return parts[4] if len(parts) > 4 else ""


def role(arn: str) -> Role | None:
    """The role of this ARN, in whatever account it is."""
    parts = arn.split(":")
    if len(parts) < 6 or parts[4] not in iam_backends:
        return None
    roles = iam_backends[parts[4]][parts[1]].roles.values()
    return next((one for one in roles if one.arn == arn), None)


def grants(who: Caller) -> Grants | None:
    """The policies that bound this caller; None for an administrator.

    Whoever bears keys that nobody issued is one, and so is a user to whom no policy is attached:
    the sandbox takes any credentials, and a test that makes a user wants to be him, not to be
    locked out.
    """
    if who.kind == "role":
        return _grants_of_role(who)
    return _grants_of_user(who) if who.kind == "user" else None


def _grants_of_role(who: Caller) -> Grants:
    found = role(who.role_arn)
    if found is None:  # deleted while its session lives: nothing is granted any more
        return Grants((), None)
    limit = found.permissions_boundary_arn
    boundary = _boundary(found.account_id, found.partition, limit) if limit else None
    return Grants(_parsed(found), boundary)


def _grants_of_user(who: Caller) -> Grants | None:
    backend = iam_backends[who.account][who.arn.split(":")[1]]
    user = backend.users.get(who.arn.split("/")[-1])
    if user is None:  # deleted, though his keys are still about
        return Grants((), None)
    holders = [user, *backend.get_groups_for_user(user.name)]
    policies = tuple(policy for holder in holders for policy in _parsed(holder))
    return Grants(policies, None) if policies else None


def _parsed(holder: Any) -> tuple[Policy, ...]:
    managed = (_default_version(policy) for policy in holder.managed_policies.values())
    return tuple(_read(text) for text in [*holder.policies.values(), *managed])


def _read(document: Any) -> Policy:
    return parse(document if isinstance(document, str) else json.dumps(document))


def _default_version(policy: Any) -> Any:
    return next(version.document for version in policy.versions if version.is_default)


def _boundary(account: str, partition: str, arn: str) -> Policy:
    policy = iam_backends[account][partition].managed_policies.get(arn)
    if policy is None:
        raise PolicyError(f"the permissions boundary {arn} does not exist: create that policy")
    return _read(_default_version(policy))


def principal_tags(who: Caller) -> dict[str, str]:
    """The tags of the role behind a session."""
    found = role(who.role_arn) if who.kind == "role" else None
    tags: Iterable[dict[str, str]] = found.tags if found is not None else ()
    return {tag["Key"]: tag["Value"] for tag in tags}
