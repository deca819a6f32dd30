"""AWS Organizations: moto keeps the tree, and what it does otherwise than AWS is mended here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.utils import get_service_model

from netmend.sandbox.api import GUARDS, OPERATIONS, ApiCall, operation
from netmend.sandbox.organizations import accounts, founding, policies, reads, units

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

__all__ = ["accounts", "founding", "policies", "reads", "units"]


def _refuse(sandbox: Sandbox, call: ApiCall) -> Any:
    raise NotImplementedError(f"the sandbox does not have {call.name}")


for _name in get_service_model("organizations").operation_names:
    # What is neither answered nor checked here, moto would answer wrongly or not at all.
    if ("organizations", _name) not in {*OPERATIONS, *GUARDS}:
        operation("organizations", _name)(_refuse)
