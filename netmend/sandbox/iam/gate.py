"""Every call is refused unless the policies that AWS would ask allow it.

Not judged: resource control policies, VPC endpoint policies, S3's access control lists, KMS
grants, and the age of a session. An administrator is stopped by a resource's own policy and by
service control policies alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from netmend.sandbox.api import ApiCall, ApiError, Caller
from netmend.sandbox.iam import context, control, directory, owned, special, tags
from netmend.sandbox.iam.actions import ANY, UnknownAction
from netmend.sandbox.iam.arns import Need, general
from netmend.sandbox.iam.context import Keys
from netmend.sandbox.iam.denials import denied
from netmend.sandbox.iam.directory import Grants
from netmend.sandbox.iam.judge import RESOURCE, TRUST, Judge, Verdict
from netmend.sandbox.iam.patterns import UNKNOWN, Context, PolicyError
from netmend.sandbox.iam.policy import Kind, Policy, Principal, Request, parse

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

ALWAYS: Final = frozenset({"sts:GetCallerIdentity"})
"""What AWS lets everybody call, whatever a policy says."""

RESCUES: Final = frozenset({"s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:GetBucketPolicy"})
"""What an account's administrator may always do to a bucket, whatever its policy says."""

SHARED: Final = frozenset({"ec2", "ssm"})
"""Services whose resources are shared between accounts without a policy of their own."""

OPEN_TRUST: Final = parse(
    '{"Version": "2012-10-17", "Statement":'
    ' {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}',
    Kind.TRUST,
)


def authorise(sandbox: Sandbox, call: ApiCall) -> None:
    """Raise `ApiError` in the service's own form unless the caller may make this call."""
    who = call.caller
    if who.kind == "anonymous":
        message = "Request is missing Authentication Token: sign it with any credentials"
        raise ApiError("MissingAuthenticationToken", message, 403)
    if call.name in ALWAYS:
        return
    try:
        _authorise(sandbox, call)
    except PolicyError as error:
        raise ApiError("NotImplemented", str(error), 501) from error


def _authorise(sandbox: Sandbox, call: ApiCall) -> None:
    grants = directory.grants(call.caller)
    controls = control.levels(call.caller)
    if grants is None and not controls and not _is_owned(call):
        return
    try:
        wanted = _needs(sandbox, call)
    except UnknownAction as error:
        if grants is None and not controls:
            return
        raise _unknown(error) from None
    shared = context.of_call(sandbox, call)
    for need in wanted:
        verdict = _verdict(call, shared, grants, controls, need)
        if not verdict.allowed:
            shown = need.resource.replace(UNKNOWN, ANY)
            raise denied(call.service, call.caller.arn, need.action, shown, verdict.reason)


def _is_owned(call: ApiCall) -> bool:
    # An administrator is stopped only by a resource's own policy, where there can be one.
    return call.service in owned.POLICIES and call.name not in RESCUES


def needs(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """Everything that must be allowed, `*` standing for what cannot be told from the call.

    `ApiError` NotImplemented for an operation that AWS's reference of actions does not have.
    """
    try:
        found = _needs(sandbox, call)
    except UnknownAction as error:
        raise _unknown(error) from None
    return [replace(need, resource=need.resource.replace(UNKNOWN, ANY)) for need in found]


def _needs(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    function = special.SPECIAL.get(call.name) or special.SPECIAL.get(call.service)
    wanted = function(sandbox, call) if function is not None else general(call)
    return wanted + special.alongside(call)


def _unknown(error: UnknownAction) -> ApiError:
    return ApiError("NotImplemented", f"the sandbox's IAM cannot judge it: {error}", 501)


def _verdict(
    call: ApiCall, shared: Keys, grants: Grants | None, controls: control.Levels, need: Need
) -> Verdict:
    who, service = call.caller, need.action.split(":")[0]
    account = owned.account(need.resource, who.account)
    foreign = account != who.account
    keys: Keys = {
        **shared,
        **resource_keys(need.resource, need.kind, account),
        **({"s3:ResourceAccount": account} if service == "s3" else {}),
        **need.keys,
    }
    knows = context.knowing(need.action, need.kind_keys, need.resource)
    request = Request(need.action, need.resource, Context(keys, knows), names(who))
    policy = _policy_of(service, need.resource, grants, foreign=foreign)
    trusts = service == "sts" and ":role/" in need.resource
    return Judge(
        identity=grants.identity if grants else None,
        boundary=grants.boundary if grants else None,
        session=grants.session if grants else None,
        controls=controls,
        resource=policy,
        foreign=foreign and service not in SHARED,
        delegates=trusts or (service in owned.DELEGATING and policy is not None),
        resource_name=TRUST if trusts else RESOURCE,
    ).decide(request)


def resource_keys(resource: str, kind: str, account: str) -> Keys:
    """What a resource says of itself. kind: its type in AWS's reference; account: its owner's."""
    return {
        "aws:ResourceAccount": account,
        **context.of_organization("aws:Resource", account),
        **tags.of_resource(resource, kind),
    }


def _policy_of(
    service: str, resource: str, grants: Grants | None, *, foreign: bool
) -> Policy | None:
    policy = owned.policy(service, resource)
    trusts = service == "sts" and ":role/" in resource
    if policy is None and trusts and foreign and grants is None:
        return OPEN_TRUST  # a role of another account that nobody made: see sessions.py
    return policy


def names(who: Caller) -> frozenset[Principal]:
    """Every name by which a Principal element can mean this caller."""
    return frozenset(("AWS", arn) for arn in (who.account, who.arn, who.role_arn) if arn)
