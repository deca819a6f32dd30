"""Which operations of a service the sandbox answers, and by whom; the rest it refuses."""

from __future__ import annotations

import importlib
import pkgutil
import textwrap
from collections.abc import Iterable
from functools import cache
from types import ModuleType
from typing import Final, NamedTuple

from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores, get_service_model, method_names_from_class

from netmend.sandbox import extensions
from netmend.sandbox.api import GUARDS, OPERATIONS, Guard, Operation

SERVICES: Final = (
    "cloudformation",
    "cloudtrail",
    "cloudwatch",
    "config",
    "dynamodb",
    "ec2",
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "organizations",
    "route53",
    "s3",
    "scheduler",
    "service-quotas",
    "sns",
    "sqs",
    "ssm",
    "sts",
)
"""What runbooks, templates and the loop are made of."""

PACKAGES: Final = {"lambda": "awslambda", "service-quotas": "servicequotas"}

ROUTED: Final = frozenset({"s3"})
"""moto tells these services' operations by their addresses; guards refuse what it lacks."""

MOTOS_OWN: Final = frozenset({"BucketCORSPreflightCheck", "ObjectCORSPreflightCheck", "PostObject"})
"""moto routes these like operations, and AWS's model has none of the name."""

HEAD: Final = """\
<!-- Rendered by netmend render. -->
# Operations that the sandbox answers

Each service that Netmend and runbooks for networks need, with all operations that AWS has. *Own*
are answered by Netmend's own code, *moto* by moto 5. **Every other operation is refused**, at both
doors, with the error `NotImplemented` (status 501) in the service's own wire form; so is what an
operation of moto's finds missing in itself. Services that are not listed are moto's alone, or
nobody's. [sandbox.md](sandbox.md) says what differs from AWS in those that are answered.

| service | of AWS's operations | own | moto | refused |
|---|---|---|---|---|
"""


class Coverage(NamedTuple):
    """The names of a service's operations, by who answers them."""

    service: str
    own: tuple[str, ...]
    moto: tuple[str, ...]
    refused: tuple[str, ...]


@cache
def coverage(service: str) -> Coverage:
    """service: boto3's client name."""
    for module in extensions.load():
        _import_all(module)
    own: list[str] = []
    moto: list[str] = []
    refused: list[str] = []
    by_moto = _moto(service)
    for name in sorted({*get_service_model(service).operation_names} - MOTOS_OWN):
        answer = OPERATIONS.get((service, name))
        if any(map(_only_refuses, GUARDS.get((service, name), []))):
            refused.append(name)
        elif answer is not None:
            (refused if _only_refuses(answer) else own).append(name)
        elif service in ROUTED or camelcase_to_underscores(name) in by_moto:
            moto.append(name)
        else:
            refused.append(name)
    return Coverage(service, tuple(own), tuple(moto), tuple(refused))


def _import_all(package: ModuleType) -> None:
    """Some register what they answer only when a sandbox begins, so that workers need no moto."""
    for found in pkgutil.iter_modules(getattr(package, "__path__", ())):
        importlib.import_module(f"{package.__name__}.{found.name}")


def _only_refuses(answer: Operation | Guard) -> bool:
    """What is registered only to refuse an operation, as moto would answer it, returns `Never`."""
    return str(answer.__annotations__.get("return")) == "Never"


def _moto(service: str) -> frozenset[str]:
    package = PACKAGES.get(service, service.replace("-", ""))
    module = importlib.import_module(f"moto.{package}.responses")
    found = [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, BaseResponse) and kind is not BaseResponse
    ]
    return frozenset(name for kind in found for name in method_names_from_class(kind))


@cache
def page() -> str:
    """docs/sandbox-coverage.md."""
    found = [coverage(service) for service in SERVICES]
    rows = [_row(one) for one in found]
    return HEAD + "\n".join(rows) + "\n" + "".join(map(_refused, found))


def _row(one: Coverage) -> str:
    own, moto, refused = len(one.own), len(one.moto), len(one.refused)
    return f"| `{one.service}` | {own + moto + refused} | {own} | {moto} | {refused} |"


def _refused(one: Coverage) -> str:
    parts = [("Own", one.own), ("Refused", one.refused)]
    told = "\n\n".join(f"{word}: {_listed(names)}" for word, names in parts if names)
    return f"\n## {one.service}\n\n{told}\n"


def _listed(names: Iterable[str]) -> str:
    return "\n".join(textwrap.wrap(", ".join(names) + ".", 100))
