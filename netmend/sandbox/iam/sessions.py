"""Credentials of a role come from its trust policy alone, and say whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from moto.iam.models import IAMBackend, Role, iam_backends
from moto.sts.models import AssumedRole, sts_backends
from moto.utilities.utils import get_partition

from netmend.sandbox import callers
from netmend.sandbox.api import ApiCall, ApiError, Caller, guard, operation
from netmend.sandbox.callers import Session
from netmend.sandbox.iam import context, control, directory, gate, managed
from netmend.sandbox.iam.context import Keys
from netmend.sandbox.iam.denials import denied
from netmend.sandbox.iam.directory import Grants
from netmend.sandbox.iam.judge import Judge
from netmend.sandbox.iam.patterns import Context, PolicyError
from netmend.sandbox.iam.policy import Decision, Kind, Request, decide, parse

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

Credentials = dict[str, Any]
"""AccessKeyId, SecretAccessKey, SessionToken and Expiration, as STS gives them."""

ASSUME: Final = "sts:AssumeRole"
PASSING: Final = "iam:PassRole"
LONGEST_SESSION: Final = 43_200
DEFAULT_SESSION: Final = 3_600


def assume(
    sandbox: Sandbox,
    role_arn: str,
    principal: str,
    session_name: str,
    region: str,
    *,
    source_account: str = "",
    source_arn: str = "",
) -> Credentials:
    """Credentials that an AWS service gets for a role; `ApiError` AccessDenied unless trusted.

    principal: the service's name, such as lambda.amazonaws.com. source_account, source_arn: on
    whose behalf it acts, which a trust policy may ask for.
    """
    keys: Keys = {
        "sts:RoleSessionName": session_name,
        "aws:RequestedRegion": region,
        "aws:PrincipalServiceName": principal,
    }
    keys |= {"aws:SourceAccount": source_account} if source_account else {}
    keys |= {"aws:SourceArn": source_arn} if source_arn else {}
    found = directory.role(role_arn)
    trust = found.assume_role_policy_document if found is not None else None
    if trust is None or not _allows(trust, Kind.TRUST, principal, ASSUME, role_arn, keys):
        message = f"{principal} is not authorized to perform: {ASSUME} on resource: {role_arn}"
        raise ApiError("AccessDenied", f"{message}: its trust policy does not allow it", 403)
    return _credentials(_session(role_arn, session_name, region, DEFAULT_SESSION))


def _allows(text: str, kind: Kind, principal: str, action: str, resource: str, keys: Keys) -> bool:
    who = frozenset({("Service", principal)})
    try:
        request = Request(action, resource, context.of_service(keys), who)
        return decide([parse(text, kind)], request) is Decision.ALLOW
    except PolicyError as error:
        message = f"the policy of {resource}: {error}"
        raise ApiError("NotImplemented", message, 501) from error


def allows_service(
    policy_json: str,
    principal: str,
    action: str,
    resource_arn: str,
    context_keys: Mapping[str, str],
) -> bool:
    """Whether a resource's policy lets an AWS service do this.

    context_keys: condition keys of the act, such as {"aws:SourceAccount": "123456789012"}.
    Raises `ApiError` NotImplemented where the policy says what the sandbox does not know.
    """
    keys: Keys = {**context_keys, "aws:PrincipalServiceName": principal}
    return _allows(policy_json, Kind.RESOURCE, principal, action, resource_arn, keys)


def require_pass_role(
    sandbox: Sandbox, caller: Caller, role_arn: str, service: str, region: str
) -> None:
    """Raise `ApiError` AccessDeniedException unless the caller may hand a role to a service.

    service: the receiver's name, such as ssm.amazonaws.com. region: where it is asked for.
    """
    if directory.account_of(role_arn) != caller.account:
        message = f"Cross-account pass role is not allowed: {role_arn} is of another account"
        raise ApiError("AccessDeniedException", message)
    grants = directory.grants(caller)
    controls = control.levels(caller)
    if grants is None and not controls:
        return
    keys: Keys = {
        **context.of_caller(sandbox, caller),
        **gate.resource_keys(role_arn, "role", caller.account),
        "aws:RequestedRegion": region,
        "iam:PassedToService": service,
    }
    knows = context.knowing(PASSING, frozenset(), role_arn)
    request = Request(PASSING, role_arn, Context(keys, knows), gate.names(caller))
    judge = Judge(None, controls=controls) if grants is None else _judge(grants, controls)
    try:
        verdict = judge.decide(request)
    except PolicyError as error:
        raise ApiError("NotImplemented", str(error), 501) from error
    if not verdict.allowed:
        raise denied(service.split(".")[0], caller.arn, PASSING, role_arn, verdict.reason)


def _judge(grants: Grants, controls: control.Levels) -> Judge:
    return Judge(grants.identity, grants.boundary, grants.session, controls)


@operation("sts", "AssumeRole")
def assume_role(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Answer a call that the judge let pass.

    A role of another account that does not exist makes its bearer that account's administrator:
    there is no other door into accounts that nobody made. Only administrators get through it.
    """
    arn, name = str(call.params["RoleArn"]), str(call.params["RoleSessionName"])
    duration = int(call.params.get("DurationSeconds") or DEFAULT_SESSION)
    found = directory.role(arn)
    longest = int(found.max_session_duration or DEFAULT_SESSION) if found else LONGEST_SESSION
    if duration > longest:
        message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise ApiError("ValidationError", message)
    if call.caller.kind == "role" and duration > DEFAULT_SESSION:
        message = (
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by"
            " role chaining"
        )
        raise ApiError("ValidationError", message)
    if found is None and (call.params.get("Policy") or call.params.get("PolicyArns")):
        message = f"the sandbox keeps no session policies of {arn}, a role that nobody made"
        raise ApiError("NotImplemented", message, 501)
    policies = _session_policies(call.params, found)
    tags, transitive = _session_tags(call)
    session = _session(arn, name, call.region, duration, administrator=found is None)
    if found is not None:
        who = Session("role", found.account_id, session.arn, arn, name, policies, tags, transitive)
        callers.remember(session, who)
    return {
        "Credentials": _credentials(session),
        "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
        "PackedPolicySize": 0,
    }


def _session_policies(params: dict[str, Any], role: Role | None) -> tuple[str, ...] | None:
    inline = [str(params["Policy"])] if params.get("Policy") else []
    named = [one["arn"] for one in params.get("PolicyArns") or []]
    if role is None or not (inline or named):
        return None
    backend = iam_backends[role.account_id][role.partition]
    texts = inline + [_managed_text(backend, arn) for arn in named]
    for text in texts:
        try:
            parse(text)
        except PolicyError as error:
            raise ApiError("MalformedPolicyDocument", str(error)) from None
    return tuple(texts)


def _managed_text(backend: IAMBackend, arn: str) -> str:
    found = managed.find(backend, arn)
    if found is None:
        raise ApiError("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", 404)
    return str(directory.default_version(found))


def _session_tags(call: ApiCall) -> tuple[tuple[tuple[str, str], ...], frozenset[str]]:
    given = {tag["Key"]: tag["Value"] for tag in call.params.get("Tags") or []}
    kept, handed = {}, set(call.params.get("TransitiveTagKeys") or [])
    if isinstance(call.caller, Session):
        handed |= call.caller.transitive
        kept = {key: v for key, v in call.caller.tags if key in call.caller.transitive}
    if clash := sorted(set(kept) & set(given)):
        message = f"One of the specified transitive tag keys can't be set: {clash[0]}"
        raise ApiError("InvalidParameterValue", message)
    return tuple({**kept, **given}.items()), frozenset(handed)


@operation("sts", "GetCallerIdentity")
def caller_identity(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Who the caller is, the same to himself as to the judge and in events."""
    who = call.caller
    return {"UserId": directory.user_id(who), "Account": who.account, "Arn": who.arn}


@guard(
    "sts",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "GetFederationToken",
    "GetSessionToken",
)
def refuse_federation(sandbox: Sandbox, call: ApiCall) -> None:
    """moto would hand out keys that are everybody's, which the judge takes for root."""
    message = f"the sandbox has no {call.operation}: use AssumeRole, or any credentials for root"
    raise ApiError("NotImplemented", message, 501)


def _session(
    arn: str, name: str, region: str, duration: int, *, administrator: bool = False
) -> AssumedRole:
    account = directory.account_of(arn)
    session = sts_backends[account][get_partition(region)].assume_role(
        region, name, arn, "", duration, ""
    )
    if administrator:
        callers.remember(session, Caller("root", account, session.arn, arn))
    else:
        callers.remember(session, Session("role", account, session.arn, arn, name))
    return session


def _credentials(session: AssumedRole) -> Credentials:
    return {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.session_token,
        "Expiration": session.expiration,
    }
