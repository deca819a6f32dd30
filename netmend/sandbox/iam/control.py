"""Service control policies of the emulated organisation bound whoever is in a member account."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any, Final

from netmend.sandbox.api import Caller
from netmend.sandbox.iam.policy import ANYTHING, Policy, parse

TYPE: Final = "SERVICE_CONTROL_POLICY"
EXEMPT: Final = ":role/aws-service-role/"
Levels = tuple[tuple[Policy, ...], ...]


def levels(who: Caller) -> Levels:
    """The policies at each level from the organisation's root to the caller's account.

    Empty where nothing bounds it: outside an organisation, in its management account, for a
    service-linked role, and at each level that has AWS's FullAWSAccess alone.
    """
    account = who.account
    backend = _organization(account)
    if backend is None or EXEMPT in who.role_arn:
        return ()
    member = next((one for one in backend.accounts if one.id == account), None)
    if member is None or account == backend.org.master_account_id:
        return ()
    path = [member, *_above(backend, member)]
    texts = (_texts(place) for place in reversed(path))
    return tuple(level for level in map(_parsed, texts) if level is not None)


def organization(account: str) -> tuple[str, str]:
    """(organisation id, path from it to the account as aws:PrincipalOrgPaths has it), or empty."""
    backend = _organization(account)
    if backend is None:
        return "", ""
    member = next((one for one in backend.accounts if one.id == account), None)
    above = [place.id for place in reversed(_above(backend, member))] if member else []
    return str(backend.org.id), "/".join([backend.org.id, *above, ""])


def _organization(account: str) -> Any:
    # Nobody has an organisation whose backend was never loaded.
    models: Any = sys.modules.get("moto.organizations.models")
    if models is None:
        return None
    backends = models.organizations_backends
    owner, partition = backends.master_accounts.get(account, (account, ""))
    if owner not in backends:
        return None
    regions = backends[owner]
    found = [regions[partition]] if partition else [regions[name] for name in list(regions)]
    return next((backend for backend in found if backend.org is not None), None)


def _above(backend: Any, member: Any) -> list[Any]:
    """The organisational units over an account, the nearest first, and the root."""
    found, parent = [], member.parent_id
    while place := next((one for one in backend.ou if one.id == parent), None):
        found.append(place)
        parent = place.parent_id
    return found


def _texts(place: Any) -> tuple[str, ...]:
    return tuple(str(p.content) for p in place.attached_policies if p.type == TYPE)


@lru_cache(maxsize=256)
def _parsed(texts: tuple[str, ...]) -> tuple[Policy, ...] | None:
    # A target to which nobody attached anything has FullAWSAccess, as every new one has on AWS.
    policies = tuple(parse(text) for text in texts)
    unbounded = all(policy == ANYTHING for policy in policies)
    return None if unbounded else policies
