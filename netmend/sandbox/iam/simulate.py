"""iam:SimulateCustomPolicy and SimulatePrincipalPolicy answer by the judge of the real calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from netmend.sandbox.api import ApiCall, ApiError, Caller, operation
from netmend.sandbox.iam import control, directory, managed
from netmend.sandbox.iam.judge import BOUNDARY, CONTROL, Judge, Verdict, judge
from netmend.sandbox.iam.patterns import Context, PolicyError, Values
from netmend.sandbox.iam.policy import Kind, Policy, Request, parse

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox


@operation("iam", "SimulateCustomPolicy")
def simulate_custom(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Policies that stand nowhere."""
    return _answered(call, call.params["PolicyInputList"], None, (), [])


@operation("iam", "SimulatePrincipalPolicy")
def simulate_principal(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The policies of a role, user or group of this account, and those that are given besides."""
    arn = str(call.params["PolicySourceArn"])
    holder = _holder(call, arn)
    limit = getattr(holder, "permissions_boundary_arn", None)
    boundary = managed.find(_backend(call), limit) if limit else None
    texts = [*directory.texts_of(holder), *call.params.get("PolicyInputList", [])]
    for group in _backend(call).get_groups_for_user(holder.name) if ":user/" in arn else []:
        texts += directory.texts_of(group)
    levels = control.levels(Caller("role", call.account, arn, arn))
    within = str(directory.default_version(boundary)) if boundary is not None else None
    return _answered(call, texts, within, levels, [call.account, arn])


def _backend(call: ApiCall) -> Any:
    return iam_backends[call.account][get_partition(call.region)]


def _holder(call: ApiCall, arn: str) -> Any:
    backend = _backend(call)
    held = [*backend.roles.values(), *backend.users.values(), *backend.groups.values()]
    found = next((one for one in held if one.arn == arn), None)
    if found is None:
        raise ApiError("NoSuchEntity", f"The entity {arn} cannot be found.", 404)
    return found


def _answered(
    call: ApiCall,
    texts: list[str],
    boundary: str | None,
    levels: control.Levels,
    names: list[str],
) -> dict[str, Any]:
    params = call.params
    try:
        identity = judge(texts, boundary=boundary)
        given = params.get("PermissionsBoundaryPolicyInputList") or []
        court = Judge(
            identity.identity,
            parse(given[0]) if given else identity.boundary,
            controls=levels,
            resource=_resource_policy(params),
        )
        found = list(_results(params, court, [*names, *_caller(params)]))
    except PolicyError as error:
        raise ApiError("InvalidInput", str(error)) from None
    return {"EvaluationResults": found, "IsTruncated": False}


def _resource_policy(params: dict[str, Any]) -> Policy | None:
    text = params.get("ResourcePolicy")
    return parse(text, Kind.RESOURCE) if text else None


def _caller(params: dict[str, Any]) -> list[str]:
    arn = params.get("CallerArn")
    return [arn, directory.account_of(arn)] if arn else []


def _results(params: dict[str, Any], court: Judge, names: list[str]) -> Iterator[dict[str, Any]]:
    keys: dict[str, str | Values] = {
        entry["ContextKeyName"]: tuple(entry.get("ContextKeyValues", []))
        for entry in params.get("ContextEntries", [])
    }
    principals = frozenset(("AWS", name) for name in names)
    for action in params["ActionNames"]:
        for resource in params.get("ResourceArns") or ["*"]:
            request = Request(action, resource, Context(keys), principals)
            yield _result(request, court.decide(request))


def _result(request: Request, verdict: Verdict) -> dict[str, Any]:
    denied = "explicitDeny" if verdict.explicit else "implicitDeny"
    statement = verdict.statement
    result: dict[str, Any] = {
        "EvalActionName": request.action,
        "EvalResourceName": request.resource,
        "EvalDecision": "allowed" if verdict.allowed else denied,
        "MatchedStatements": [{"SourcePolicyId": statement.sid}] if statement else [],
        "MissingContextValues": list(verdict.missing),
    }
    if verdict.kind == CONTROL:
        result["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": False}
    if verdict.kind == BOUNDARY:
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": False}
    return result
