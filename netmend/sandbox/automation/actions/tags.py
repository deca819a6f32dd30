"""aws:createTags tags resources of EC2, or one parameter of Parameter Store."""

from __future__ import annotations

from typing import Any, Final

from netmend.sandbox.automation.actions.base import Action, Call, Done, Outcome
from netmend.sandbox.automation.actions.calls import fitted, patient, respond, texts
from netmend.sandbox.automation.errors import invalid, not_emulated

TYPES: Final = ("EC2", "ManagedInstance", "MaintenanceWindow", "Parameter")


def run(call: Call) -> Outcome:
    """Nothing in the sandbox is a managed instance or a maintenance window."""
    kind = call.text("ResourceType") or "EC2"
    ids = texts(call, "ResourceIds")
    if kind not in TYPES:
        raise invalid(f"ResourceType must be one of {', '.join(TYPES)}, not {kind}")
    if kind != "EC2" and len(ids) > 1:
        raise invalid(f"ResourceIds must be one item where ResourceType is {kind}")
    if kind not in ("EC2", "Parameter"):
        raise not_emulated(f"the ResourceType {kind} of aws:createTags")
    return patient(lambda again: _tag(again, kind, ids), call)


def _tag(call: Call, kind: str, ids: list[str]) -> Done:
    tags = call.inputs["Tags"]
    params: dict[str, Any] = {"Resources": ids, "Tags": tags}
    service, operation = "ec2", "CreateTags"
    if kind == "Parameter":
        params = {"ResourceType": kind, "ResourceId": ids[0], "Tags": tags}
        service, operation = "ssm", "AddTagsToResource"
    respond(call, service, operation, fitted(service, operation, params))
    return Done()


ACTION: Final = Action(
    run,
    required=frozenset({"ResourceIds", "Tags"}),
    optional=frozenset({"ResourceType"}),
)
