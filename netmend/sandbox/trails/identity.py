"""userIdentity says who called, and the service that called on a role's behalf."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final

from moto.iam.models import iam_backends

from netmend.sandbox import callers
from netmend.sandbox.api import ApiCall, Caller
from netmend.sandbox.iam import directory

FOREIGN_CODE: Final = frozenset({"ec2.amazonaws.com", "lambda.amazonaws.com"})
"""Services that hand a role to code of somebody's, which calls by itself."""


def identity(call: ApiCall, moment: str) -> dict[str, Any]:
    """The userIdentity of a call."""
    who = call.caller
    key = str(call.context.get("credentials", {}).get("AccessKeyId", ""))
    if ":assumed-role/" in who.arn:
        found = _session(who, key, moment)
        service = invoked_by(who)
        return {**found, "invokedBy": service} if service else found
    return {
        "type": "IAMUser",
        "principalId": _user_id(who),
        "arn": who.arn,
        "accountId": who.account,
        "accessKeyId": key,
        "userName": who.arn.rsplit("/", 1)[-1],
    }


def stranger(call: ApiCall) -> dict[str, Any]:
    """The userIdentity of a call as another account's trail shows it."""
    return {
        "type": "AWSAccount",
        "principalId": _principal_id(call.caller),
        "accountId": call.account,
    }


def _principal_id(who: Caller) -> str:
    if ":assumed-role/" in who.arn:
        return str(_session(who, "", "")["principalId"])
    return _user_id(who)


def invoked_by(who: Caller) -> str:
    """The service that calls, where nobody but one service can assume the role; else empty."""
    found = directory.role(who.role_arn) if who.kind == "role" else None
    trust = found.assume_role_policy_document if found is not None else None
    return _only_service(trust) if isinstance(trust, str) else ""


@lru_cache(maxsize=1 << 8)
def _only_service(trust: str) -> str:
    statements = json.loads(trust).get("Statement", [])
    statements = statements if isinstance(statements, list) else [statements]
    names: set[str] = set()
    for statement in statements:
        principal = statement.get("Principal")
        if not isinstance(principal, dict) or set(principal) != {"Service"}:
            return ""
        services = principal["Service"]
        names.update([services] if isinstance(services, str) else services)
    return names.pop() if len(names) == 1 and not names & FOREIGN_CODE else ""


def _session(who: Caller, key: str, moment: str) -> dict[str, Any]:
    role = directory.role(who.role_arn) if who.role_arn else None
    name, session = who.arn.split("/")[-2:]
    role_id = str(role.id) if role is not None else "AROAUNKNOWN"
    partition = who.arn.split(":")[1]
    issuer = who.role_arn or f"arn:{partition}:iam::{who.account}:role/{name}"
    return {
        "type": "AssumedRole",
        "principalId": f"{role_id}:{session}",
        "arn": who.arn,
        "accountId": who.account,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role_id,
                "arn": issuer,
                "accountId": who.account,
                "userName": name,
            },
            "webIdFederationData": {},
            "attributes": {"creationDate": moment, "mfaAuthenticated": "false"},
        },
    }


def _user_id(who: Caller) -> str:
    if who.arn == callers.ADMINISTRATOR:
        return "AIDAADMINISTRATOR"
    users = iam_backends[who.account][who.arn.split(":")[1]].users
    found = users.get(who.arn.rsplit("/", 1)[-1])
    return str(found.id) if found is not None else who.account
