"""The condition keys that a call really has, and which absent ones are truly absent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from netmend.sandbox.api import ApiCall, Caller
from netmend.sandbox.callers import Session
from netmend.sandbox.iam import control, directory, reference, tags
from netmend.sandbox.iam.keys import (
    ABSENT,
    FILLED,
    OBJECT_CREATIONS,
    PARAMETERS,
    PREFIXES,
    PRINCIPAL_TYPES,
)
from netmend.sandbox.iam.patterns import Context, Values

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

Keys = dict[str, str | Values]


def knowing(action: str, kind_keys: frozenset[str], resource: str) -> Callable[[str], bool]:
    """Whether a lower-case key that one action on one resource has not is truly absent.

    A key that AWS never sends with this action is; one that AWS may send and that nobody here
    fills in is not.
    """

    def knows(key: str) -> bool:
        if key in ABSENT or key in FILLED or key.startswith(PREFIXES):
            return True
        found = reference.action(action)
        sent = found is None or reference.has_key(found.keys | kind_keys, key)
        if "resourcetag/" in key:
            return not sent or resource == "*" or tags.readable(resource)
        return not sent and not key.startswith("aws:")

    return knows


def knows(key: str) -> bool:
    """The same for what is no API call, of which only the caller is known."""
    return key in ABSENT or key in FILLED or key.startswith(PREFIXES)


def of_service(values: Mapping[str, str | Values]) -> Context:
    """The context of an act of an AWS service, from what it says about itself."""
    always = {"aws:SecureTransport": "true", "aws:PrincipalIsAWSService": "true"}
    return Context({**always, **values}, knows)


def of_call(sandbox: Sandbox, call: ApiCall) -> Keys:
    """The keys that every need of this call shares."""
    keys = of_caller(sandbox, call.caller)
    keys["aws:RequestedRegion"] = call.region
    named = PARAMETERS.get(call.service, {})
    keys |= {key: _text(call.params[p]) for p, key in named.items() if p in call.params}
    keys |= request_tags(call.params)
    if call.service == "ec2":
        keys["ec2:Region"] = call.region
    if call.service == "s3":
        keys["s3:ObjectCreationOperation"] = str(call.operation in OBJECT_CREATIONS).lower()
    return keys


def _text(value: Any) -> str | Values:
    if isinstance(value, list):
        return tuple(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def of_caller(sandbox: Sandbox, who: Caller) -> Keys:
    """Who calls, when and how."""
    now = sandbox.clock.now()
    keys: Keys = {
        "aws:CurrentTime": now.isoformat(),
        "aws:EpochTime": str(int(now.timestamp())),
        "aws:SecureTransport": "true",
        "aws:SourceIp": "127.0.0.1",
        "aws:ViaAWSService": "false",
        "aws:PrincipalIsAWSService": "false",
        "aws:PrincipalAccount": who.account,
        "aws:PrincipalArn": who.role_arn or who.arn,
        "aws:PrincipalType": PRINCIPAL_TYPES[who.kind],
        "aws:userid": directory.user_id(who),
    }
    if who.kind == "user":
        keys["aws:username"] = who.arn.split("/")[-1]
    if isinstance(who, Session):
        keys["aws:MultiFactorAuthPresent"] = "false"
    keys |= of_organization("aws:Principal", who.account)
    given = directory.principal_tags(who)
    return keys | {f"aws:PrincipalTag/{key}": value for key, value in given.items()}


def of_organization(head: str, account: str) -> Keys:
    """The organisation of a principal or resource: head is aws:Principal or aws:Resource."""
    found, path = control.organization(account)
    return {f"{head}OrgID": found, f"{head}OrgPaths": (path,)} if found else {}


def request_tags(params: Mapping[str, Any]) -> Keys:
    """aws:RequestTag and aws:TagKeys of a call that tags or untags."""
    given = dict(_pairs(params))
    if not given:
        return {}
    values = {f"aws:RequestTag/{k}": v for k, v in given.items() if v is not None}
    return {**values, "aws:TagKeys": tuple(given)}


def _pairs(params: Mapping[str, Any]) -> Iterable[tuple[str, str | None]]:
    for specification in params.get("TagSpecifications") or []:
        yield from _tags(specification.get("Tags") or specification.get("tags") or [])
    for name in ("Tags", "tags", "TagList"):
        yield from _tags(params.get(name) or [])
    for name in ("TagKeys", "tagKeys"):
        yield from ((key, None) for key in params.get(name) or [])


def _tags(given: Any) -> Iterable[tuple[str, str | None]]:
    if isinstance(given, Mapping):
        yield from given.items()
        return
    for tag in given:
        if isinstance(tag, Mapping):
            folded = {name.lower().removeprefix("tag"): value for name, value in tag.items()}
            yield folded.get("key", ""), folded.get("value")
