"""Resources that have a policy of their own: whose they are, and what that policy says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from moto.backends import get_backend

from netmend.sandbox.iam import directory
from netmend.sandbox.iam.policy import Kind, Policy, parse

if TYPE_CHECKING:
    from moto.kms.models import Key
    from moto.s3.models import FakeBucket

ArnParts = list[str]


def bucket(name: str) -> FakeBucket | None:
    """The bucket of this name, in whatever account it is."""
    from moto.s3.models import s3_backends  # loaded when the first bucket is asked for

    if name not in s3_backends.bucket_accounts:
        return None
    partition, account = s3_backends.bucket_accounts[name]
    return s3_backends[account][partition].buckets.get(name)


def key(key_id: str, account: str, region: str) -> Key | None:
    """The KMS key that an id, alias, or ARN of either names, seen from an account and Region."""
    if key_id.startswith("arn:"):
        region, account = key_id.split(":")[3:5]
    backend = get_backend("kms")[account][region]
    name = backend.get_alias_name(key_id)
    if name.startswith("alias/"):
        name = backend.get_key_id_from_alias(name) or ""
    return backend.keys.get(backend.get_key_id(name))


def _bucket_policy(parts: ArnParts) -> str | None:
    found = bucket(parts[5].split("/")[0])
    return found.policy.decode() if found is not None and found.policy else None


def _key_policy(parts: ArnParts) -> str | None:
    found = key(":".join(parts), parts[4], parts[3])
    return found.policy if found is not None else None


def _queue_policy(parts: ArnParts) -> str | None:
    found = get_backend("sqs")[parts[4]][parts[3]].queues.get(parts[5])
    text: str | None = found.policy if found is not None else None
    return text


def _topic_policy(parts: ArnParts) -> str | None:
    found = get_backend("sns")[parts[4]][parts[3]].topics.get(":".join(parts))
    return found.policy if found is not None else None


def _function_policy(parts: ArnParts) -> str | None:
    name = parts[5].removeprefix("function:").split(":")[0]
    functions = get_backend("lambda")[parts[4]][parts[3]].list_functions()
    found = next((one for one in functions if one.function_name == name), None)
    if found is None or not found.policy or not found.policy.statements:
        return None
    return json.dumps(found.policy.get_policy()["Policy"])


def _trust_policy(parts: ArnParts) -> str | None:
    found = directory.role(":".join(parts))
    return found.assume_role_policy_document if found is not None else None


POLICIES: Final[dict[str, Callable[[ArnParts], str | None]]] = {
    "kms": _key_policy,
    "lambda": _function_policy,
    "s3": _bucket_policy,
    "sns": _topic_policy,
    "sqs": _queue_policy,
    "sts": _trust_policy,
}
"""IAM prefix -> where the policy of a resource of that service stands."""

DELEGATING: Final = frozenset({"kms", "sts"})
"""Services where the resource's own policy must allow even what identity policies allow."""


def policy(service: str, arn: str) -> Policy | None:
    """The parsed policy of a resource, if its service has such and it stands."""
    reader = POLICIES.get(service)
    parts = arn.split(":", 5)
    text = reader(parts) if reader is not None and len(parts) == 6 else None
    if text is None:
        return None
    return parse(text, Kind.TRUST if service == "sts" else Kind.RESOURCE)


def account(arn: str, default: str) -> str:
    """Whose resource this is; a bucket's ARN does not say it, its bucket does."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return default
    if parts[2] == "s3" and (found := bucket(parts[5].split("/")[0])) is not None:
        return found.account_id
    return parts[4] if parts[4].isdigit() else default
