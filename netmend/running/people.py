"""A run that waits for a person gets the answer that was given on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from netmend.errors import UserError
from netmend.running.recorder import READER, STARTER
from netmend.running.steps import WAITING

if TYPE_CHECKING:
    from netmend.running.places import Place

APPROVE: Final = "Approve"
REJECT: Final = "Reject"
OPERATIONS: Final = frozenset({"SendAutomationSignal", "StopAutomationExecution"})
PAUSE: Final = "aws:pause"
ADMINISTRATOR: Final = "administrator"
"""The name of whoever signs with keys that nobody issued."""


def question(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """step, action, message and approvers of the step that waits; None where none does."""
    for step in record.get("StepExecutions", []):
        if step.get("StepStatus") == WAITING:
            inputs = step.get("Inputs", {})
            return {
                "execution": record["AutomationExecutionId"],
                "step": step["StepName"],
                "action": step["Action"],
                "message": read(inputs.get("Message", "")),
                "approvers": read(inputs.get("Approvers", "[]")),
                "needed": int(read(inputs.get("MinRequiredApprovals", "1"))),
            }
    return None


def read(text: str) -> Any:
    """A step's input, which records show as JSON or as bare text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def answer(place: Place, asked: Mapping[str, Any], kind: str, note: Callable[[str], None]) -> None:
    """Give the answer, as each approver that it takes; raises UserError where that is refused."""
    execution = asked["execution"]
    try:
        if asked["action"] == PAUSE:
            _pause(place.client("ssm"), execution, kind)
            return
        needed = asked["needed"] if kind == APPROVE else 1
        for approver in asked["approvers"][:needed]:
            ssm = place.client("ssm", dict(_keys(place, approver, note)))
            ssm.send_automation_signal(AutomationExecutionId=execution, SignalType=kind)
    except ClientError as error:
        what = f"{asked['step']} took no answer: {error.response['Error']['Message']}"
        raise UserError(what, "see who may approve it") from error


def _pause(ssm: Any, execution: str, kind: str) -> None:
    if kind == APPROVE:
        ssm.send_automation_signal(AutomationExecutionId=execution, SignalType="Resume")
    else:
        ssm.stop_automation_execution(AutomationExecutionId=execution, Type="Cancel")


def _keys(place: Place, approver: str, note: Callable[[str], None]) -> Iterator[tuple[str, str]]:
    """Credentials of an approver: a user's own keys, a role's session, or the administrator's."""
    name = approver.rpartition("/")[2]
    if ":role/" in approver:
        sts = place.client("sts")
        session = sts.assume_role(RoleArn=approver, RoleSessionName="netmend-run")
        yield from session["Credentials"].items()
        return
    if name in (ADMINISTRATOR, "root") or ":assumed-role/" in approver:
        yield from {"AccessKeyId": READER, "SecretAccessKey": STARTER}.items()
        return
    iam = place.client("iam")
    try:
        iam.get_user(UserName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchEntity":
            raise
        iam.create_user(UserName=name)
        note(f"user {name}: made, to answer")
    yield from iam.create_access_key(UserName=name)["AccessKey"].items()
