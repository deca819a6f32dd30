"""aws:approve asks the approvers and waits until enough of them say yes or one says no."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from netmend.sandbox.automation.actions.base import Action, Call, Done, Signal, Wait
from netmend.sandbox.automation.errors import SignalError, StepFailed, invalid
from netmend.sandbox.automation.values import ConversionError, compact, convert

MAX_MESSAGE: Final = 4096
MAX_APPROVERS: Final = 10
TOPIC: Final = re.compile(r"arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:Automation[A-Za-z0-9_-]*(\.fifo)?")
ROLE: Final = re.compile(r"arn:([a-z-]+):iam::(\d{12}):role/(?:.*/)?([^/]+)")
USER: Final = re.compile(r"arn:[a-z-]+:iam::(\d{12}):user/(?:.*/)?([^/]+)")
WORDS: Final = {"Approve": "Approved", "Reject": "Rejected"}


def run(call: Call) -> Wait:
    """Publish the question, where a topic is named, and wait."""
    approval = _Approval(call, _approvers(call), _minimum(call))
    topic = call.text("NotificationArn")
    message = call.text("Message")
    if len(message) > MAX_MESSAGE:
        raise invalid(f"Message has more than {MAX_MESSAGE} characters")
    if topic and not TOPIC.fullmatch(topic):
        raise invalid("NotificationArn must be an SNS topic whose name begins with Automation")
    if topic:
        subject = f"Approval needed: {call.facts.document_name}"[:100]
        call.effects.publish(topic, subject, _question(call, message), call.credentials)
    return Wait("waiting for approval", on_signal=approval.answer, outputs=approval.outputs)


@dataclass
class _Approval:
    """The decisions so far; `outputs` is what the step shows while it waits and afterwards."""

    call: Call
    approvers: Sequence[str]
    minimum: int
    decisions: dict[str, dict[str, str]] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=lambda: {"ApprovalStatus": "Waiting"})

    def answer(self, signal: Signal) -> Done | None:
        """Take one decision; raises SignalError where the sender may not give it."""
        decision = WORDS.get(signal.type)
        if decision is None:
            raise SignalError(f"The signal {signal.type} does not answer an aws:approve step.")
        self._record(signal, decision)
        if decision == "Rejected":
            self.outputs["ApprovalStatus"] = "Rejected"
            raise StepFailed(
                f"The step was Rejected by {signal.sender}", retry=False, outputs=self.outputs
            )
        if len(self.decisions) < self.minimum:
            return None
        self.outputs["ApprovalStatus"] = "Approved"
        return Done(outputs=self.outputs)

    def _record(self, signal: Signal, decision: str) -> None:
        account = self.call.facts.account
        approver = next((a for a in self.approvers if _is(a, signal.sender, account)), None)
        if approver is None:
            raise SignalError(f"{signal.sender} is not an approver of this step.")
        senders = [entry["Approver"] for entry in self.decisions.values()]
        if approver in self.decisions or signal.sender in senders:
            raise SignalError(f"{signal.sender} has answered this step already.")
        self.decisions[approver] = {
            "Approver": signal.sender,
            "Decision": decision,
            "Time": f"{datetime.fromtimestamp(signal.time, UTC):%Y-%m-%dT%H:%M:%SZ}",
            "Comment": signal.comment,
        }
        self.outputs["ApproverDecisions"] = list(self.decisions.values())


def _approvers(call: Call) -> list[str]:
    listed = call.inputs["Approvers"]
    approvers = list(dict.fromkeys(listed)) if _texts(listed) else []
    if not 1 <= len(approvers) <= MAX_APPROVERS:
        raise invalid(f"Approvers must be a list of 1 to {MAX_APPROVERS} texts")
    return approvers


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)


def _minimum(call: Call) -> int:
    try:
        minimum = int(convert(call.inputs.get("MinRequiredApprovals", 1), "Integer"))
    except ConversionError as problem:
        raise invalid(f"MinRequiredApprovals: {problem}") from None
    most = len(_approvers(call))
    if not 1 <= minimum <= most:
        raise invalid(f"MinRequiredApprovals must be 1 to {most}, the number of Approvers")
    return minimum


def _is(approver: str, sender: str, account: str) -> bool:
    """Whether the sender is this approver: a user by name or ARN, a role's session, or itself."""
    if sender == approver:
        return True
    user = USER.fullmatch(sender)
    if user and not approver.startswith("arn:"):
        return user[1] == account and user[2] == approver
    role = ROLE.fullmatch(approver)
    # The ARN of a role's session does not show the role's path.
    session = role and f"arn:{role[1]}:sts::{role[2]}:assumed-role/{role[3]}/"
    return bool(session) and sender.startswith(str(session))


def _question(call: Call, message: str) -> str:
    facts = call.facts
    return "\n".join(
        (
            f"Automation {facts.document_name} waits for approval in {facts.account},"
            f" {facts.region}.",
            f"Execution: {facts.execution_id}",
            f"Step: {call.step.name}",
            f"Approvers: {compact(call.inputs['Approvers'])}",
            "",
            message,
        )
    )


ACTION: Final = Action(
    run,
    required=frozenset({"Approvers"}),
    optional=frozenset({"NotificationArn", "Message", "MinRequiredApprovals"}),
    timeout=604_800,
    longest=2_592_000,
)
