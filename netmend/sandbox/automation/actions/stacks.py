"""aws:createStack and aws:deleteStack wait until CloudFormation has ended its work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from netmend.sandbox.automation.actions.base import Action, Call, Done, Outcome, Wait
from netmend.sandbox.automation.actions.calls import (
    ApiFailed,
    fitted,
    given,
    one,
    patient,
    respond,
)
from netmend.sandbox.automation.errors import EXECUTING, StepFailed
from netmend.sandbox.automation.values import text

POLL_SECONDS: Final = 5.0
CREATE: Final = (
    "Capabilities",
    "ClientRequestToken",
    "DisableRollback",
    "NotificationARNs",
    "OnFailure",
    "Parameters",
    "ResourceTypes",
    "RoleARN",
    "StackName",
    "StackPolicyBody",
    "StackPolicyURL",
    "Tags",
    "TemplateBody",
    "TemplateURL",
    "TimeoutInMinutes",
)
DELETE: Final = ("ClientRequestToken", "RetainResources", "RoleARN")


def create(call: Call) -> Outcome:
    """Create the stack; one that is not CREATE_COMPLETE in the end fails the step."""
    params = given(call, CREATE)
    if "Parameters" in params:
        params["Parameters"] = [_parameter(item) for item in params["Parameters"]]
    return patient(lambda again: _create(again, params), call)


def _create(call: Call, params: Mapping[str, Any]) -> Outcome:
    name = "CreateStack"
    answer = respond(call, "cloudformation", name, fitted("cloudformation", name, params))
    return _awaited(call, str(answer["StackId"]), "CREATE_COMPLETE")


def _parameter(item: Any) -> Any:
    """A list becomes the text with commas that CloudFormation takes for one."""
    if not isinstance(item, dict) or not isinstance(item.get("ParameterValue"), list):
        return item
    return {**item, "ParameterValue": ",".join(text(part) for part in item["ParameterValue"])}


def delete(call: Call) -> Outcome:
    """Delete the stack; one that does not exist is deleted already."""
    return patient(_delete, call)


def _delete(call: Call) -> Outcome:
    name = one(call, "StackName")
    stack = _existing(call, name)
    respond(call, "cloudformation", "DeleteStack", {"StackName": name, **given(call, DELETE)})
    return _awaited(call, stack, "DELETE_COMPLETE") if stack else Done()


def _existing(call: Call, name: str) -> str:
    """The stack's id, under which it can still be described when it is gone."""
    try:
        return str(_stack(call, name)["StackId"])
    except ApiFailed as failure:
        if failure.code != "ValidationError" or "does not exist" not in failure.cause:
            raise
        return ""


def _stack(call: Call, name: str) -> dict[str, Any]:
    answer = respond(call, "cloudformation", "DescribeStacks", {"StackName": name})
    found: dict[str, Any] = answer["Stacks"][0]
    return found


def _awaited(call: Call, stack: str, wanted: str) -> Outcome:
    found = _stack(call, stack)
    status = str(found["StackStatus"])
    reason = str(found.get("StackStatusReason") or "")
    outputs = {"StackId": stack, "StackStatus": status, "StackStatusReason": reason}
    if status == wanted:
        return Done({**found, **outputs}, outputs if wanted == "CREATE_COMPLETE" else {})
    if not status.endswith("IN_PROGRESS"):
        why = f" ({reason})" if reason else ""
        raise StepFailed(f"Stack {stack} entered unexpected state: {status}{why}", outputs=outputs)
    return Wait(
        doing=EXECUTING,
        at=call.effects.now() + POLL_SECONDS,
        then=lambda: patient(lambda again: _awaited(again, stack, wanted), call),
        outputs=outputs,
    )


CREATE_ACTION: Final = Action(
    create, required=frozenset({"StackName"}), optional=frozenset(CREATE) - {"StackName"}
)
DELETE_ACTION: Final = Action(delete, required=frozenset({"StackName"}), optional=frozenset(DELETE))
