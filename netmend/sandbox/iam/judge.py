"""Whether a request is allowed by all the policies that AWS would ask, and in AWS's words why not.

Pure: it knows no account and no AWS library. `Judge` holds policies, `Request` is what is asked,
`Verdict` is the answer. The order is that of the IAM User Guide, "Policy evaluation logic":
an explicit deny anywhere; service control policies; the resource's own policy; the identity's
policies, its boundary and the session's policies.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from netmend.sandbox.iam.patterns import Context, PolicyError
from netmend.sandbox.iam.policy import (
    ANYONE,
    Decision,
    Kind,
    Policy,
    Principal,
    Request,
    Statement,
    find,
    parse,
)

__all__ = ["Context", "Judge", "PolicyError", "Request", "Verdict", "judge", "request"]

Document = str | Mapping[str, Any]
"""A policy as JSON text or as the object that the text means."""

CONTROL: Final = "service control policy"
BOUNDARY: Final = "permissions boundary"
SESSION: Final = "session policy"
IDENTITY: Final = "identity-based policy"
RESOURCE: Final = "resource-based policy"
TRUST: Final = "role trust policy"


@dataclass(frozen=True)
class Verdict:
    """The answer to one request.

    reason: the end of AWS's message, such as "because no identity-based policy allows the
    s3:GetObject action"; empty where it is allowed. statement: the one that denied, or that
    allowed; None where nothing allows. kind: of which kind of policy the statement is, or is
    missing. missing: condition keys asked for that the request has not.
    """

    allowed: bool
    reason: str = ""
    statement: Statement | None = None
    kind: str = ""
    missing: tuple[str, ...] = ()

    @property
    def explicit(self) -> bool:
        """Whether a statement denies it, so that no further allow could help."""
        return not self.allowed and self.statement is not None


@dataclass(frozen=True)
class Judge:
    """The policies over one principal and one resource.

    identity: the principal's own; None for an administrator whom none bounds. boundary: his
    permissions boundary; session: the policies of his session; for both None means that there is
    none. controls: for each level of the organisation from its root to the account, the service
    control policies there. resource: the resource's own policy. foreign: the resource is of
    another account, so that both sides must allow. delegates: the resource's policy must allow
    even in its own account, as a KMS key's and a role's trust policy do.
    """

    identity: tuple[Policy, ...] | None = ()
    boundary: Policy | None = None
    session: tuple[Policy, ...] | None = None
    controls: tuple[tuple[Policy, ...], ...] = ()
    resource: Policy | None = None
    foreign: bool = False
    delegates: bool = False
    resource_name: str = RESOURCE

    def decide(self, request: Request) -> Verdict:
        """Judge one request; `PolicyError` where a policy says what nobody here understands."""
        verdict = self._denied(request) or self._limited(request) or self._granted(request)
        return replace(verdict, missing=tuple(sorted(request.context.missing)))

    def _layers(self) -> Iterable[tuple[str, Iterable[Policy]]]:
        yield from ((CONTROL, level) for level in self.controls)
        yield self.resource_name, [self.resource] if self.resource else []
        yield IDENTITY, self.identity or ()
        yield BOUNDARY, [self.boundary] if self.boundary is not None else []
        yield SESSION, self.session or ()

    def _denied(self, request: Request) -> Verdict | None:
        for kind, policies in self._layers():
            decision, statement = find(policies, request)
            if decision is Decision.DENY:
                return Verdict(False, f"with an explicit deny in {_a(kind)}", statement, kind)
        return None

    def _limited(self, request: Request) -> Verdict | None:
        for level in self.controls:
            if find(level, request)[0] is not Decision.ALLOW:
                return _silent(CONTROL, request)
        return None

    def _granted(self, request: Request) -> Verdict:
        by_resource = self._by_resource(request)
        if by_resource and not self.foreign and self._names(request, _is_session_or_user):
            return Verdict(True, "", by_resource, self.resource_name)
        limit = self._outside(request)
        if limit is not None:
            return limit
        if by_resource and not self.foreign and self._names(request, _is_no_account):
            return Verdict(True, "", by_resource, self.resource_name)
        by_identity = find(self.identity or (), request)[1]
        if self.identity is not None and by_identity is None:
            return _silent(IDENTITY, request)
        if (self.foreign or self.delegates) and by_resource is None:
            return _silent(self.resource_name, request)
        return Verdict(True, "", by_identity or by_resource, IDENTITY)

    def _by_resource(self, request: Request) -> Statement | None:
        return find([self.resource], request)[1] if self.resource else None

    def _outside(self, request: Request) -> Verdict | None:
        limits = ((BOUNDARY, None if self.boundary is None else (self.boundary,)),)
        for kind, policies in (*limits, (SESSION, self.session)):
            if policies is not None and find(policies, request)[0] is not Decision.ALLOW:
                return _silent(kind, request)
        return None

    def _names(self, request: Request, meant: Callable[[Principal], bool]) -> bool:
        # A policy that names the account alone leaves it to the account's own policies, and one
        # that names the role, or everybody, leaves the role's boundary and session in force.
        direct = {name for name in (*request.principals, ANYONE) if meant(name)}
        return any(
            not statement.denies
            and statement.principal is not None
            and not direct.isdisjoint(statement.principal.values)
            and statement.applies(request)
            for statement in (self.resource.about(request.action) if self.resource else ())
        )


def _is_session_or_user(name: Principal) -> bool:
    parts = name[1].split(":", 5)
    return len(parts) == 6 and parts[5].startswith(("assumed-role/", "user/", "federated-user/"))


def _is_no_account(name: Principal) -> bool:
    return not name[1].isdigit()


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _silent(kind: str, request: Request) -> Verdict:
    return Verdict(False, f"because no {kind} allows the {request.action} action", None, kind)


def judge(
    identity: Iterable[Document] | None = (),
    *,
    boundary: Document | None = None,
    session: Iterable[Document] | None = None,
    controls: Iterable[Iterable[Document]] = (),
    resource: Document | None = None,
    foreign: bool = False,
    delegates: bool = False,
) -> Judge:
    """A `Judge` of policies as JSON texts or objects; `PolicyError` for one not understood."""
    return Judge(
        None if identity is None else tuple(map(_read, identity)),
        None if boundary is None else _read(boundary),
        None if session is None else tuple(map(_read, session)),
        tuple(tuple(map(_read, level)) for level in controls),
        None if resource is None else _read(resource, Kind.RESOURCE),
        foreign,
        delegates,
    )


def _read(document: Document, kind: Kind = Kind.IDENTITY) -> Policy:
    return parse(document if isinstance(document, str) else json.dumps(document), kind)


def request(
    action: str,
    resource: str = "*",
    keys: Mapping[str, str | tuple[str, ...]] | None = None,
    principals: Iterable[str] = (),
) -> Request:
    """A `Request` of plain values.

    keys: condition keys, several values as a tuple; what is not there is absent. principals:
    every AWS name of the caller: account id, user or role ARN, session ARN.
    """
    names = frozenset(("AWS", name) for name in principals)
    return Request(action, resource, Context(keys or {}), names)
