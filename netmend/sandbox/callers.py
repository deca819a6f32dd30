"""Who signed a request, read from the credentials that moto handed out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from netmend.sandbox.api import Caller

if TYPE_CHECKING:
    from moto.sts.models import AssumedRole

ADMINISTRATOR: Final = f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:user/administrator"
SCOPE: Final = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/]+)/([^/]+)/")


@dataclass(frozen=True)
class Session(Caller):
    """A role's session with what its maker gave it.

    policies: texts of its session policies, None where it has none. tags: (key, value) pairs, of
    which those in `transitive` pass on to the sessions that it makes itself.
    """

    policies: tuple[str, ...] | None = None
    tags: tuple[tuple[str, str], ...] = ()
    transitive: frozenset[str] = frozenset()


def scope(authorization: str) -> tuple[str, str, str]:
    """(access key id, region, signing name) of a SigV4 header; empty texts where unsigned."""
    match = SCOPE.search(authorization)
    return (match[1], match[2], match[3]) if match else ("", "", "")


@cache
def regions() -> frozenset[str]:
    """The Regions that moto has backends for."""
    from moto.ec2.models import ec2_backends  # reads the user's AWS settings when imported

    return frozenset(ec2_backends[DEFAULT_ACCOUNT_ID].regions)


def caller(access_key_id: str) -> Caller:
    """The user or assumed role behind a key; a key that nobody issued is an administrator's.

    That administrator is never refused anything, and bears an IAM user's name, because some
    things on AWS (answering aws:approve) only a user or a role can do.
    """
    for account_id, partitions in list(iam_backends.items()):
        for partition in list(partitions):
            key = partitions[partition].access_keys.get(access_key_id)
            if key is not None:
                return _issued(account_id, partition, key)
    return Caller("root", DEFAULT_ACCOUNT_ID, ADMINISTRATOR)


def remember(session: AssumedRole, who: Caller) -> None:
    """Say who bears the keys of a session, which would else be searched for at every call."""
    session.access_key.netmend_caller = who  # type: ignore[attr-defined]


def _issued(account_id: str, partition: str, key: Any) -> Caller:
    # Kept on moto's own key, so that a reset forgets it together with the key.
    known = getattr(key, "netmend_caller", None)
    if isinstance(known, Caller):
        return known
    if not getattr(key, "role_arn", None):
        return Caller("user", account_id, _user_arn(account_id, partition, key.user_name))
    session = sts_backends[account_id][partition].get_assumed_role_from_access_key(
        key.access_key_id
    )
    if session is None:
        raise LookupError(f"no session stands behind the credentials {key.access_key_id}")
    remember(session, _unremembered(account_id, partition, session))
    return _issued(account_id, partition, key)


def _unremembered(account_id: str, partition: str, session: AssumedRole) -> Caller:
    # Made behind the API by the sandbox itself: without a role it is the account's administrator.
    roles = iam_backends[account_id][partition].roles.values()
    if not any(role.arn == session.role_arn for role in roles):
        return Caller("root", account_id, session.arn, session.role_arn)
    return Session("role", account_id, session.arn, session.role_arn, session.session_name)


def _user_arn(account_id: str, partition: str, name: str) -> str:
    user = iam_backends[account_id][partition].users.get(name)
    return str(user.arn) if user else f"arn:{partition}:iam::{account_id}:user/{name}"
