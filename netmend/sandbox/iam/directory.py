"""What accounts hold about a caller: roles, users, the policies attached to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from moto.iam.models import IAMBackend, Role, iam_backends

from netmend.sandbox.api import Caller
from netmend.sandbox.callers import ADMINISTRATOR, Session
from netmend.sandbox.iam import managed
from netmend.sandbox.iam.patterns import PolicyError
from netmend.sandbox.iam.policy import Policy, parse


@dataclass(frozen=True)
class Grants:
    """What an identity may do: its policies, the boundary around them, and its session's.

    boundary, session: None where there is no such limit.
    """

    identity: tuple[Policy, ...]
    boundary: Policy | None = None
    session: tuple[Policy, ...] | None = None


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
    name = arn.rsplit("/", 1)[-1]
    return next((one for one in roles if one.name == name and one.arn == arn), None)


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
        return Grants(())
    limit = found.permissions_boundary_arn
    backend = iam_backends[found.account_id][found.partition]
    texts = who.policies if isinstance(who, Session) else None
    return Grants(
        _parsed(found),
        _boundary(backend, limit) if limit else None,
        None if texts is None else tuple(map(parse, texts)),
    )


def _grants_of_user(who: Caller) -> Grants | None:
    backend = iam_backends[who.account][who.arn.split(":")[1]]
    user = backend.users.get(who.arn.split("/")[-1])
    if user is None:  # deleted, though his keys are still about
        return Grants(())
    holders = [user, *backend.get_groups_for_user(user.name)]
    policies = tuple(policy for holder in holders for policy in _parsed(holder))
    return Grants(policies) if policies else None


def _parsed(holder: Any) -> tuple[Policy, ...]:
    attached = (default_version(policy) for policy in holder.managed_policies.values())
    return tuple(_read(text) for text in [*holder.policies.values(), *attached])


def texts_of(holder: Any) -> list[str]:
    """The policies of a role, user or group, inline and attached, as JSON texts."""
    attached = (default_version(policy) for policy in holder.managed_policies.values())
    return [_text(document) for document in [*holder.policies.values(), *attached]]


def _read(document: Any) -> Policy:
    return parse(_text(document))


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def default_version(policy: Any) -> Any:
    """The document of a managed policy that is in force."""
    return next(version.document for version in policy.versions if version.is_default)


def _boundary(backend: IAMBackend, arn: str) -> Policy:
    policy = managed.find(backend, arn)
    if policy is None:
        raise PolicyError(f"the permissions boundary {arn} does not exist: create that policy")
    return _read(default_version(policy))


def principal_tags(who: Caller) -> Mapping[str, str]:
    """The tags of the role or user behind a caller, and over them those of his session."""
    own = dict(who.tags) if isinstance(who, Session) else {}
    if who.kind == "user":
        backend = iam_backends[who.account][who.arn.split(":")[1]]
        return dict(backend.tagger.get_tag_dict_for_resource(who.arn))
    found = role(who.role_arn) if who.kind == "role" else None
    kept = {tag["Key"]: tag["Value"] for tag in found.tags} if found is not None else {}
    return {**kept, **own}


def user_id(who: Caller) -> str:
    """What aws:userid and GetCallerIdentity call him."""
    if who.arn == ADMINISTRATOR:
        return "AIDAADMINISTRATOR"
    found = role(who.role_arn) if who.kind == "role" else None
    if found is not None:
        return f"{found.id}:{who.session}"
    if who.kind == "user":
        user = iam_backends[who.account][who.arn.split(":")[1]].users.get(who.arn.split("/")[-1])
        return str(user.id) if user is not None else who.account
    return who.account


def _path_of(collection: str) -> Callable[[str, str, str], str]:
    def find(account: str, partition: str, name: str) -> str:
        held = getattr(iam_backends[account][partition], collection).values()
        return next((str(one.path) for one in held if one.name == name), "/")

    return find


PATHS: Final = {
    "GroupName": _path_of("groups"),
    "InstanceProfileName": _path_of("instance_profiles"),
    "PolicyName": lambda account, partition, name: "/",
    "RoleName": _path_of("roles"),
    "UserName": _path_of("users"),
}
"""Member of an IAM call -> (account, partition, name) -> the path before the name in its ARN."""
