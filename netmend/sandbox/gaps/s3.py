"""Buckets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from moto.s3.models import FakeAcl, FakeBucket, FakeGrant, FakeGrantee, s3_backends
from moto.utilities.utils import get_partition

from netmend.sandbox.api import ApiCall, ApiError, guard, observer
from netmend.sandbox.gaps.patches import patch

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

ENFORCED: Final = "BucketOwnerEnforced"
"""A bucket's ACLs are off unless somebody switches them on."""

ALGORITHMS: Final = ("AES256", "aws:kms", "aws:kms:dsse")
GRANTS: Final = {
    "GrantFullControl": "FULL_CONTROL",
    "GrantRead": "READ",
    "GrantReadACP": "READ_ACP",
    "GrantWrite": "WRITE",
    "GrantWriteACP": "WRITE_ACP",
}


@guard("s3", "PutBucketEncryption")
def unknown_algorithm(sandbox: Sandbox, call: ApiCall) -> None:
    """moto keeps any text as the algorithm."""
    for rule in call.params["ServerSideEncryptionConfiguration"].get("Rules", []):
        default = rule.get("ApplyServerSideEncryptionByDefault") or {}
        if default and default.get("SSEAlgorithm") not in ALGORITHMS:
            raise ApiError(
                "MalformedXML",
                "The XML you provided was not well-formed or did not validate against our"
                " published schema",
            )


@patch(FakeBucket, "_log_permissions_enabled_policy")
def _any_policy(original: Any) -> Any:
    """Only grants are checked, not policies, and those only where the target still has ACLs.

    moto checks both always, and fails on a policy whose principal is no map, such as `*`.
    """
    check: Callable[..., bool] = original.__func__

    def may_log(target_bucket: FakeBucket, target_prefix: str | None) -> bool:
        if (target_bucket.ownership_rule or ENFORCED) == ENFORCED:
            return True
        policy = json.loads(target_bucket.policy) if target_bucket.policy else {}
        statements = policy.get("Statement") or []
        listed = statements if isinstance(statements, list) else [statements]
        plain = {"Statement": [one for statement in listed for one in _plain(statement)]}
        shown = SimpleNamespace(
            policy=json.dumps(plain).encode(),
            partition=target_bucket.partition,
            name=target_bucket.name,
        )
        return check(shown, target_prefix)

    return staticmethod(may_log)


def _plain(statement: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The statement once for each service and resource that it names."""
    principal = statement.get("Principal")
    services = principal.get("Service") if isinstance(principal, dict) else None
    for service in _list(services):
        for resource in _list(statement.get("Resource")):
            yield {**statement, "Principal": {"Service": service}, "Resource": resource}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


@observer
def granted_when_made(sandbox: Sandbox, call: ApiCall) -> None:
    """moto reads the grants of CreateBucket only where they are one canned ACL."""
    if call.name != "s3:CreateBucket":
        return
    given = [
        FakeGrant([FakeGrantee(**_grantee(word))], [permission])
        for name, permission in GRANTS.items()
        for word in filter(None, str(call.params.get(name) or "").split(","))
    ]
    if given:
        bucket = s3_backends[call.account][get_partition(call.region)].get_bucket(
            call.params["Bucket"]
        )
        bucket.set_acl(FakeAcl([*given, *(bucket.acl.grants if bucket.acl else [])]))


def _grantee(word: str) -> dict[str, str]:
    """`uri=...`, `id=...` or `emailAddress=...`, with or without quotes."""
    kind, _, value = word.strip().partition("=")
    key = {"uri": "uri", "id": "grantee_id"}.get(kind.strip().lower(), "display_name")
    return {key: value.strip('"')}
