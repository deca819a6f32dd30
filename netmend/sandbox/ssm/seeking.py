"""The run that a call names."""

from __future__ import annotations

from netmend.sandbox.api import ApiCall, ApiError
from netmend.sandbox.core import Sandbox
from netmend.sandbox.ssm.runs import Run, Runs


def sought(sandbox: Sandbox, call: ApiCall) -> Run:
    """The run of AutomationExecutionId; raises ApiError where this account has none."""
    wanted = call.params["AutomationExecutionId"]
    found = sandbox.state(Runs, call.account, call.region).by_id.get(wanted)
    if found is None:
        message = f"An automation execution with the ID {wanted} was not found."
        raise ApiError("AutomationExecutionNotFoundException", message)
    return found
