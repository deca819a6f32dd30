"""What runbooks need of AWS, and moto does otherwise: a file a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netmend.sandbox.gaps import (  # noqa: F401  registers guards, observers and patches
    databases,
    findings,
    identities,
    interfaces,
    keys,
    load_balancers,
    logs,
    network,
    queues,
    s3,
    scaling,
    snapshots,
    topics,
)
from netmend.sandbox.gaps.patches import put, take_back

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox


def install(sandbox: Sandbox) -> None:
    """Put the patches on moto."""
    put()


def uninstall(sandbox: Sandbox) -> None:
    """Give moto its own back."""
    take_back()
