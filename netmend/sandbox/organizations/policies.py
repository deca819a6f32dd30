"""Policies are attached within AWS's bounds: their size, five a target, and never none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from netmend.sandbox.api import ApiCall, ApiError, guard
from netmend.sandbox.organizations import tree
from netmend.sandbox.organizations.tree import SERVICE, Tree

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

SIZES: Final = {"SERVICE_CONTROL_POLICY": 5_120, "RESOURCE_CONTROL_POLICY": 5_120}
"""Characters of a policy, whitespace included, by its type."""

ATTACHED: Final = 5
NEVER_NONE: Final = frozenset(SIZES)


@guard(SERVICE, "CreatePolicy", "UpdatePolicy")
def check_content(sandbox: Sandbox, call: ApiCall) -> None:
    """moto takes any text of any length, and lets AWS's own policies be changed."""
    found, params = tree.managed(call), call.params
    kind = params.get("Type") or "SERVICE_CONTROL_POLICY"
    if "PolicyId" in params:
        policy = tree.asked(lambda: found.backend.get_policy_by_id(params["PolicyId"]))
        kind = policy.type
        if policy.aws_managed:
            raise ApiError("InvalidInputException", "You can't change an AWS managed policy.")
    content = params.get("Content")
    if content is None:
        return
    if len(content) > SIZES.get(kind, 10_000):
        message = "You have exceeded the allowed size of the policy content"
        raise ApiError("ConstraintViolationException", message)
    _check_document(content)


def _check_document(content: str) -> None:
    try:
        readable = isinstance(json.loads(content), dict)
    except ValueError:
        readable = False
    if not readable:
        message = "The provided policy document does not meet the requirements: it is no JSON"
        raise ApiError("MalformedPolicyDocumentException", message)


@guard(SERVICE, "DeletePolicy")
def check_deletable(sandbox: Sandbox, call: ApiCall) -> None:
    """AWS's own policies stay."""
    found = tree.managed(call)
    policy = tree.asked(lambda: found.backend.get_policy_by_id(call.params["PolicyId"]))
    if policy.aws_managed:
        raise ApiError("InvalidInputException", "You can't delete an AWS managed policy.")


@guard(SERVICE, "AttachPolicy")
def check_attachable(sandbox: Sandbox, call: ApiCall) -> None:
    """The type is enabled, the target has room and does not have it already."""
    found = tree.managed(call)
    policy, standing = _pair(found, call)
    if not _enabled(found, policy.type):
        message = "This operation can be performed only for enabled policy types."
        raise ApiError("PolicyTypeNotEnabledException", message)
    if policy in standing:
        message = "The selected policy is already attached to the specified target."
        raise ApiError("DuplicatePolicyAttachmentException", message)
    if len([one for one in standing if one.type == policy.type]) >= ATTACHED:
        message = "You have exceeded the maximum number of policies attached to the target"
        raise ApiError("ConstraintViolationException", message)


@guard(SERVICE, "DetachPolicy")
def check_detachable(sandbox: Sandbox, call: ApiCall) -> None:
    """The target has it, and keeps another where it must have one."""
    found = tree.managed(call)
    policy, standing = _pair(found, call)
    if policy not in standing:
        message = "The policy isn't attached to the specified target in the specified root."
        raise ApiError("PolicyNotAttachedException", message)
    if policy.type in NEVER_NONE and len([p for p in standing if p.type == policy.type]) == 1:
        message = "You cannot remove the last policy attached to the specified target"
        raise ApiError("ConstraintViolationException", message)


def _pair(found: Tree, call: ApiCall) -> tuple[Any, list[Any]]:
    """The policy that a call names, and what its target has."""
    policy = tree.asked(lambda: found.backend.get_policy_by_id(call.params["PolicyId"]))
    for one in found.nodes():
        if one.id == call.params["TargetId"]:
            return policy, list(one.attached_policies)
    raise ApiError("TargetNotFoundException", "You specified a target that doesn't exist.")


def _enabled(found: Tree, kind: str) -> bool:
    root: Any = tree.asked(lambda: found.backend._get_root_by_id(found.root))
    return any(one["Type"] == kind for one in root.policy_types)
