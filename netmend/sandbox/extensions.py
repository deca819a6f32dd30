"""What Netmend adds to moto, loaded in one place."""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from netmend.sandbox.api import ApiCall
    from netmend.sandbox.core import Sandbox

MODULES: Final = (
    "iam",
    "ec2",
    "gaps",
    "quotas",
    "statements",
    "buckets",
    "config",
    "events",
    "dns",
    "trails",
    "clockdoor",
    "scheduler",
    "functions",
    "scripts",
    "notifications",
    "ssm",
    "cloudformation",
    "organizations",
    "stacksets",
    "copies",
)
"""Each registers operations, guards and observers when imported; those with `install` and
`uninstall` also patch moto, and take the patch back."""


def load() -> list[ModuleType]:
    """Import every extension, so that it has registered what it answers."""
    return [importlib.import_module(f"netmend.sandbox.{name}") for name in MODULES]


def install(sandbox: Sandbox) -> None:
    """Load every extension and let it patch what it must."""
    for module in load():
        if hasattr(module, "install"):
            module.install(sandbox)


def uninstall(sandbox: Sandbox) -> None:
    """Take every patch back, last first."""
    for module in reversed(load()):
        if hasattr(module, "uninstall"):
            module.uninstall(sandbox)


def authorise(sandbox: Sandbox, call: ApiCall) -> None:
    """Let IAM judge the call; raises `ApiError` when it is denied."""
    from netmend.sandbox import iam

    iam.authorise(sandbox, call)
