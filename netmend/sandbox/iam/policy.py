"""A policy allows or denies exactly what its statements say, and what it does not know it refuses.

Pure: nothing here reads an account. Semantics are those of the IAM User Guide, chapter
"Policy evaluation logic".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from netmend.sandbox.iam import conditions
from netmend.sandbox.iam.conditions import Condition
from netmend.sandbox.iam.patterns import Context, PolicyError, expand, like, resource_like

VERSIONS: Final = ("2012-10-17", "2008-10-17")
ROOT_ARN: Final = re.compile(r"^arn:[^:]+:iam::(\d{12}):root$")
PRINCIPAL_TYPES: Final = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
ANYONE: Final = ("AWS", "*")

Principal = tuple[str, str]
"""(type, name) as in a policy's Principal element; an account's name is its 12 digits."""


class Kind(Enum):
    """Where a policy is attached decides which elements it has: (principal, resource)."""

    IDENTITY = (False, True)
    RESOURCE = (True, True)
    TRUST = (True, False)


class Decision(Enum):
    """What policies say of a request."""

    ALLOW = "allow"
    DENY = "explicit deny"
    NONE = "implicit deny"


@dataclass(frozen=True)
class Request:
    """One action on one resource by somebody who bears all these principals' names."""

    action: str
    resource: str
    context: Context
    principals: frozenset[Principal] = frozenset()


@dataclass(frozen=True)
class Element:
    """A list of patterns, or its complement (NotAction, NotResource, NotPrincipal)."""

    values: tuple[Any, ...]
    negated: bool = False


@dataclass(frozen=True)
class Statement:
    """One statement; an element that its kind of policy has not is None."""

    denies: bool
    action: Element
    resource: Element | None
    principal: Element | None
    conditions: tuple[Condition, ...]
    sid: str = field(default="", compare=False)

    def is_about(self, action: str) -> bool:
        """Whether the action is one that the statement names, or does not except."""
        found = any(like(pattern, action, fold=True) for pattern in self.action.values)
        return found != self.action.negated

    def applies(self, request: Request) -> bool:
        """Whether all but the action, which `is_about` answers for, matches the request."""
        return (
            self._resource(request)
            and self._principal(request)
            and all(condition.holds(request.context) for condition in self.conditions)
        )

    def _resource(self, request: Request) -> bool:
        if self.resource is None:
            return True
        expanded = (expand(pattern, request.context) for pattern in self.resource.values)
        found = any(p is not None and resource_like(p, request.resource) for p in expanded)
        return found != self.resource.negated

    def _principal(self, request: Request) -> bool:
        if self.principal is None:
            return True
        if self.principal.negated:
            # AWS spares only somebody all of whose names are listed: the session, the role
            # and the account.
            return not request.principals <= set(self.principal.values)
        return any(name == ANYONE or name in request.principals for name in self.principal.values)


class Policy(tuple[Statement, ...]):
    """The statements of one document."""

    def about(self, action: str) -> tuple[Statement, ...]:
        """Those about an action; they are few, and the same actions come again and again."""
        known: dict[str, tuple[Statement, ...]] = self.__dict__
        if action not in known:
            known[action] = tuple(one for one in self if one.is_about(action))
        return known[action]


def decide(policies: Iterable[Policy], request: Request) -> Decision:
    """Explicit deny wins over allow, and allow over silence."""
    return find(policies, request)[0]


def find(policies: Iterable[Policy], request: Request) -> tuple[Decision, Statement | None]:
    """The decision, and the statement that made it: the first deny, else the first allow."""
    allowing: Statement | None = None
    for policy in policies:
        for statement in policy.about(request.action):
            if (statement.denies or allowing is None) and statement.applies(request):
                if statement.denies:
                    return Decision.DENY, statement
                allowing = statement
    return (Decision.ALLOW if allowing else Decision.NONE), allowing


@lru_cache(maxsize=2048)
def parse(text: str, kind: Kind = Kind.IDENTITY) -> Policy:
    """Read a policy document; raises `PolicyError` for anything that is not understood."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise PolicyError(f"the policy is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise PolicyError("the policy is not a JSON object")
    _refuse_unknown(document, {"Version", "Id", "Statement"})
    version = document.get("Version", VERSIONS[1])
    if version not in VERSIONS:
        raise PolicyError(f"Version {version!r}: give {VERSIONS[0]}")
    if version != VERSIONS[0] and "${" in text:
        raise PolicyError(f"variables are plain text in Version {version}: give {VERSIONS[0]}")
    statements = document.get("Statement")
    listed = statements if isinstance(statements, list) else [statements]
    return Policy(_statement(item, kind) for item in listed)


def _statement(item: Any, kind: Kind) -> Statement:
    if not isinstance(item, dict):
        raise PolicyError(f"Statement holds {item!r}: give an object")
    has_principal, has_resource = kind.value
    known = {"Sid", "Effect", "Action", "NotAction", "Condition"}
    known |= {"Principal", "NotPrincipal"} if has_principal else set()
    known |= {"Resource", "NotResource"} if has_resource else set()
    _refuse_unknown(item, known)
    if item.get("Effect") not in ("Allow", "Deny"):
        raise PolicyError(f"Effect is {item.get('Effect')!r}: give Allow or Deny")
    return Statement(
        denies=item["Effect"] == "Deny",
        action=_patterns(item, "Action"),
        resource=_patterns(item, "Resource") if has_resource else None,
        principal=_principals(item) if has_principal else None,
        conditions=conditions.parse(item.get("Condition", {})),
        sid=str(item.get("Sid", "")),
    )


def _refuse_unknown(item: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(set(item) - known)
    if unknown:
        raise PolicyError(f"{unknown[0]} is no element here: one of {', '.join(sorted(known))}")


def _either(item: dict[str, Any], name: str) -> tuple[Any, bool]:
    if (name in item) == (f"Not{name}" in item):
        raise PolicyError(f"a statement needs exactly one of {name} and Not{name}")
    return (item[name], False) if name in item else (item[f"Not{name}"], True)


def _patterns(item: dict[str, Any], name: str) -> Element:
    written, negated = _either(item, name)
    values = tuple(written if isinstance(written, list) else [written])
    prefix = ":" if name == "Action" else "arn:"
    for value in values:
        if not isinstance(value, str) or (value != "*" and prefix not in value):
            raise PolicyError(f"{name} {value!r}: give {_FORMS[name]} or *")
    return Element(values, negated)


_FORMS: Final = {"Action": "service:Action", "Resource": "an ARN"}


def _principals(item: dict[str, Any]) -> Element:
    written, negated = _either(item, "Principal")
    if negated and item["Effect"] == "Allow":
        raise PolicyError("NotPrincipal with Allow lets in everybody else: use Principal")
    if written == "*":
        return Element((ANYONE,), negated)
    if not isinstance(written, dict) or not written:
        raise PolicyError(f"Principal is {written!r}: give * or an object")
    names: list[Principal] = []
    for kind, values in written.items():
        if kind not in PRINCIPAL_TYPES:
            raise PolicyError(f"principals of type {kind} are unknown to the sandbox's IAM")
        names += [(kind, _name(v)) for v in (values if isinstance(values, list) else [values])]
    return Element(tuple(names), negated)


def _name(value: Any) -> str:
    if not isinstance(value, str) or ("*" in value and value != "*"):
        raise PolicyError(f"principal {value!r}: give a whole name; wildcards do not match here")
    root = ROOT_ARN.match(value)
    return root[1] if root else value


ANYTHING: Final = parse(
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
)
"""AWS's FullAWSAccess and AdministratorAccess."""
