"""Every call is refused unless the policies that AWS would ask allow it.

Not judged: service control policies, VPC endpoint policies, S3's access control lists, and the age
of a session. An administrator is stopped by a resource's own policy alone, for the operations in
the tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moto.core.utils import get_service_model

from netmend.sandbox.api import ApiCall, ApiError, Caller
from netmend.sandbox.iam import context, directory, owned, special
from netmend.sandbox.iam.arns import ANY, Need, action, needed, unknown
from netmend.sandbox.iam.context import Keys
from netmend.sandbox.iam.directory import Grants
from netmend.sandbox.iam.patterns import PolicyError
from netmend.sandbox.iam.policy import Decision, Kind, Policy, Principal, Request, decide, parse
from netmend.sandbox.iam.resources import S3_ACTIONS, TEMPLATES

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

ALWAYS: Final = frozenset({"sts:GetCallerIdentity"})
"""What AWS lets everybody call, whatever a policy says."""

READS: Final = ("Describe", "Get", "List", "BatchGet", "Select", "Search", "Lookup")

CODES: Final = {
    "cloudformation": "AccessDenied",
    "cloudwatch": "AccessDenied",
    "ec2": "UnauthorizedOperation",
    "iam": "AccessDenied",
    "route53": "AccessDenied",
    "s3": "AccessDenied",
    "sns": "AuthorizationError",
    "sqs": "AccessDenied",
    "sts": "AccessDenied",
}
"""boto3 service -> its word for a refusal; AccessDeniedException elsewhere."""


def authorise(sandbox: Sandbox, call: ApiCall) -> None:
    """Raise `ApiError` in the service's own form unless the caller may make this call."""
    who = call.caller
    if who.kind == "anonymous":
        message = "Request is missing Authentication Token: sign it with any credentials"
        raise ApiError("MissingAuthenticationToken", message, 403)
    if call.name in ALWAYS:
        return
    try:
        grants = directory.grants(who)
        if grants is not None or _is_known(call):
            for need in needs(sandbox, call):
                require(sandbox, call, grants, need)
    except PolicyError as error:
        raise ApiError("NotImplemented", str(error), 501) from error


def _is_known(call: ApiCall) -> bool:
    # An administrator is stopped only by a resource's own policy, where there can be one.
    if call.service not in owned.POLICIES:
        return False
    return call.name in TEMPLATES or call.service in ("kms", "sqs") or call.operation in S3_ACTIONS


def needs(sandbox: Sandbox, call: ApiCall) -> list[Need]:
    """Everything that must be allowed; `ApiError` for an operation whose resources are unknown."""
    function = special.SPECIAL.get(call.name) or special.SPECIAL.get(call.service)
    if function is not None:
        return function(sandbox, call)
    template = TEMPLATES.get(call.name)
    if template is not None and template != ANY:
        return needed(call, template)
    if template is None and not call.operation.startswith(READS):
        raise unknown(action(call))
    return [Need(action(call), ANY)]


def require(sandbox: Sandbox, call: ApiCall, grants: Grants | None, need: Need) -> None:
    """Raise the service's refusal unless this need is allowed."""
    service = need.action.split(":")[0]
    account = owned.account(need.resource, call.caller.account)
    keys: Keys = {**context.of_call(sandbox, call), "aws:ResourceAccount": account, **need.keys}
    known = context.of_need(keys, need.resource)
    request = Request(need.action, need.resource, known, names(call.caller))
    foreign = account != call.caller.account
    policy = _policy_of(service, request.resource, grants, foreign=foreign)
    delegates = service in owned.DELEGATING and (policy is not None or service == "sts")
    if reason := refusal(request, grants, policy, foreign=foreign, delegates=delegates):
        raise denied(call.service, call.caller, need, reason)


OPEN_TRUST: Final = parse(
    '{"Version": "2012-10-17", "Statement":'
    ' {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}',
    Kind.TRUST,
)


def _policy_of(
    service: str, resource: str, grants: Grants | None, *, foreign: bool
) -> Policy | None:
    policy = owned.policy(service, resource)
    if policy is None and service == "sts" and foreign and grants is None:
        return OPEN_TRUST  # a role of another account that nobody made: see sessions.py
    return policy


def names(who: Caller) -> frozenset[Principal]:
    """Every name by which a Principal element can mean this caller."""
    return frozenset(("AWS", arn) for arn in (who.account, who.arn, who.role_arn) if arn)


def refusal(
    request: Request,
    grants: Grants | None,
    policy: Policy | None,
    *,
    foreign: bool,
    delegates: bool,
) -> str:
    """Why the request is refused, in AWS's words; empty where it is allowed.

    grants: the caller's own policies, None for an administrator. policy: the resource's own.
    foreign: the resource is another account's. delegates: the resource's policy must allow too.
    """
    by_resource = decide([policy] if policy else [], request)
    if by_resource is Decision.DENY:
        return "with an explicit deny in a resource-based policy"
    by_identity = decide(grants.identity, request) if grants else Decision.ALLOW
    if by_identity is Decision.DENY:
        return "with an explicit deny in an identity-based policy"
    if limit := _outside_boundary(request, grants):
        return limit
    if by_resource is Decision.ALLOW and not foreign and _names_caller(request, policy):
        return ""
    if by_identity is not Decision.ALLOW:
        return f"because no identity-based policy allows the {request.action} action"
    if (foreign or delegates) and by_resource is not Decision.ALLOW:
        return f"because no resource-based policy allows the {request.action} action"
    return ""


def _outside_boundary(request: Request, grants: Grants | None) -> str:
    if grants is None or grants.boundary is None:
        return ""
    decision = decide([grants.boundary], request)
    if decision is Decision.DENY:
        return "with an explicit deny in a permissions boundary"
    if decision is Decision.NONE:
        return f"because no permissions boundary allows the {request.action} action"
    return ""


def _names_caller(request: Request, policy: Policy | None) -> bool:
    # A policy that names the account alone leaves it to the account's own policies.
    direct = frozenset(name for name in request.principals if not name[1].isdigit())
    alone = Request(request.action, request.resource, request.context, direct)
    return policy is not None and decide([policy], alone) is Decision.ALLOW


def denied(service: str, who: Caller, need: Need, reason: str) -> ApiError:
    """The refusal of a need in a service's own form."""
    resource = f'"{need.resource}"' if service == "s3" else need.resource
    message = (
        f"User: {who.arn} is not authorized to perform: {need.action} "
        f"on resource: {resource} {reason}"
    )
    if service == "ec2":
        message = f"You are not authorized to perform this operation. {message}"
    if service in CODES:
        return ApiError(CODES[service], message, 403)
    is_json = get_service_model(service).metadata["protocol"] == "json"
    return ApiError("AccessDeniedException", message, 400 if is_json else 403)
