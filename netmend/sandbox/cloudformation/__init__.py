"""CloudFormation whose stacks are what their templates say, or are refused, or rolled back.

The engine is Netmend's own; resources are made through the API like any change, those of types
that Netmend has no provider for by moto's models. What the engine does not do is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Never

from moto.core.utils import get_service_model

from netmend.sandbox.api import OPERATIONS, ApiCall, operation
from netmend.sandbox.cloudformation import (
    changesets,
    descriptions,
    drift,
    operations,
    recovery,
)

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

__all__ = ["changesets", "descriptions", "drift", "operations", "recovery"]


def _refuse(sandbox: Sandbox, call: ApiCall) -> Never:
    raise NotImplementedError(f"the sandbox does not have {call.name}")


for _name in get_service_model(operations.SERVICE).operation_names:
    # Left to moto they would speak of moto's own stacks, of which there are none.
    if (operations.SERVICE, _name) not in OPERATIONS:
        operation(operations.SERVICE, _name)(_refuse)
