"""AWS's own managed policies are there as in every account, each read when first asked for.

moto carries their texts but offers all or none of them, at a cost to every start.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from moto.iam.models import AWSManagedPolicy, IAMBackend, ManagedPolicy, iam_backends
from moto.utilities.utils import get_partition

from netmend.sandbox.api import ApiCall, ApiError, guard

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

ARN: Final = re.compile(
    r"^arn:(?P<partition>aws[a-z-]*):iam::aws:policy(?P<path>/(?:.+/)?)(?P<name>[^/]+)$"
)
_DECODER: Final = json.JSONDecoder()


def find(backend: IAMBackend, arn: str) -> ManagedPolicy | None:
    """The policy of this ARN, an account's or AWS's own; None where there is none."""
    known = backend.managed_policies.get(arn)
    if known is not None:
        return known
    match = ARN.match(arn)
    if match is None or match["partition"] != backend.partition:
        return None
    data = _data(match["name"])
    if data is None or data["Path"] != match["path"]:
        return None
    return _keep(backend, match["name"], data)


def _keep(backend: IAMBackend, name: str, data: dict[str, Any]) -> ManagedPolicy:
    text = json.dumps(data["Document"]).replace("arn:aws:", f"arn:{backend.partition}:")
    there = {**data, "Document": json.loads(text)}
    policy = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, there)
    backend.managed_policies[policy.arn] = policy
    backend.aws_managed_policies.append(policy)
    return policy


@lru_cache(maxsize=256)
def _data(name: str) -> dict[str, Any] | None:
    text = _text()
    head = f'\n "{name}":'
    start = text.find(head)
    if start < 0:
        return None
    found: dict[str, Any] = _DECODER.raw_decode(text, start + len(head))[0]
    return found


def _text() -> str:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    return str(aws_managed_policies_data)


@guard(
    "iam",
    "AttachGroupPolicy",
    "AttachRolePolicy",
    "AttachUserPolicy",
    "CreateRole",
    "CreateUser",
    "GetPolicy",
    "GetPolicyVersion",
    "ListEntitiesForPolicy",
    "ListPolicyVersions",
    "PutRolePermissionsBoundary",
    "PutUserPermissionsBoundary",
)
def bring(sandbox: Sandbox, call: ApiCall) -> None:
    """Have moto hold the policy that a call names."""
    arn = call.params.get("PolicyArn") or call.params.get("PermissionsBoundary")
    if arn:
        find(_backend(call), str(arn))


@guard("iam", "ListPolicies")
def bring_all(sandbox: Sandbox, call: ApiCall) -> None:
    """Have moto hold all of them, because the call lists them."""
    if call.params.get("Scope") == "Local" or call.params.get("OnlyAttached"):
        return
    backend = _backend(call)
    kept = {policy.name for policy in backend.aws_managed_policies}
    for name, data in json.loads(_text()).items():
        if name not in kept:
            _keep(backend, name, data)


@guard("iam", "CreatePolicyVersion", "DeletePolicy", "DeletePolicyVersion", "TagPolicy")
def refuse_to_change(sandbox: Sandbox, call: ApiCall) -> None:
    """AWS's policies are AWS's to change."""
    if ":iam::aws:policy/" in str(call.params.get("PolicyArn")):
        raise ApiError("AccessDenied", "Policy is outside your own account.", 403)


def _backend(call: ApiCall) -> IAMBackend:
    return iam_backends[call.account][get_partition(call.region)]
