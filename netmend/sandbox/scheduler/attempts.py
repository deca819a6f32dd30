"""A schedule's call is made as its role, tried again, and in the end laid in its queue."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError, ParamValidationError

from netmend.sandbox import iam
from netmend.sandbox.api import ApiError
from netmend.sandbox.events.attempts import backoff, spent
from netmend.sandbox.events.expressions import shown
from netmend.sandbox.events.failure import DeliveryError, from_error
from netmend.sandbox.scheduler.targets import request

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

logger = logging.getLogger(__name__)

PRINCIPAL: Final = "scheduler.amazonaws.com"


@dataclass(frozen=True)
class Failure:
    """A call that was given up: whose, of what, why, and the ARN of the queue that has it."""

    schedule_arn: str
    target_arn: str
    code: str
    message: str
    dead_letter_queue: str


class Failures(list[Failure]):
    """One per account and Region, from `sandbox.state(Failures, account, region)`."""


@dataclass
class Invocation:
    """One firing of a schedule; times are epoch seconds."""

    account: str
    region: str
    schedule_arn: str
    group_arn: str
    target: dict[str, Any]
    scheduled: float
    accepted: float
    execution_id: str
    retries: int = 0

    def input(self) -> str:
        """The target's input with the keywords of the context replaced."""
        text = str(self.target.get("Input") or "{}")
        for name, value in (
            ("schedule-arn", self.schedule_arn),
            ("scheduled-time", shown(self.scheduled)),
            ("execution-id", self.execution_id),
            ("attempt-number", str(self.retries + 1)),
        ):
            text = text.replace(f"<aws.scheduler.{name}>", value)
        return text


def submit(sandbox: Sandbox, invocation: Invocation, *, at: float) -> None:
    """Queue one attempt for epoch second `at`."""
    label = f"call {invocation.target['Arn']} for {invocation.schedule_arn}"
    sandbox.engine.submit(label, lambda: _attempt(sandbox, invocation), at=at)


def assume(sandbox: Sandbox, role: str, account: str, region: str, group_arn: str) -> Any:
    """Credentials of the role on behalf of a schedule group; `ApiError` unless it trusts us."""
    return iam.assume(
        sandbox,
        role,
        principal=PRINCIPAL,
        session_name="scheduler",
        region=region,
        source_account=account,
        source_arn=group_arn,
    )


def _attempt(sandbox: Sandbox, invocation: Invocation) -> None:
    try:
        _call(sandbox, invocation)
    except DeliveryError as failure:
        _failed(sandbox, invocation, failure)


def _call(sandbox: Sandbox, invocation: Invocation) -> None:
    try:
        wanted = request(invocation.target, invocation.input())
        region = wanted.region or invocation.region
        client = sandbox.lend(wanted.service, region, _credentials(sandbox, invocation))
        answer = getattr(client, wanted.method)(**wanted.params)
    except (ApiError, ClientError) as error:
        raise from_error(error) from error
    except ParamValidationError as error:
        raise DeliveryError("INVALID_PARAMETER", str(error)) from error
    for entry in answer.get("Entries", ()):
        if "ErrorCode" in entry:
            raise DeliveryError(entry["ErrorCode"], str(entry.get("ErrorMessage")))


def _credentials(sandbox: Sandbox, invocation: Invocation) -> Any:
    try:
        return assume(
            sandbox,
            invocation.target["RoleArn"],
            invocation.account,
            invocation.region,
            invocation.group_arn,
        )
    except ApiError as error:
        raise DeliveryError("FAILED_TO_ASSUME_ROLE", error.message) from error


def _failed(sandbox: Sandbox, invocation: Invocation, failure: DeliveryError) -> None:
    due = sandbox.clock.time() + backoff(sandbox, invocation.retries)
    age = due - invocation.accepted
    exhausted = spent(invocation.target, invocation.retries, age) if failure.retry else ""
    if failure.retry and not exhausted:
        invocation.retries += 1
        return submit(sandbox, invocation, at=due)
    return _give_up(sandbox, invocation, failure, exhausted)


def _give_up(
    sandbox: Sandbox, invocation: Invocation, failure: DeliveryError, exhausted: str
) -> None:
    queue = (invocation.target.get("DeadLetterConfig") or {}).get("Arn", "")
    if queue:
        queue = _dead_letter(sandbox, invocation, failure, exhausted, queue)
    logger.warning(
        "%s failed: %s; its input in %s", invocation.schedule_arn, failure, queue or "no queue"
    )
    sandbox.state(Failures, invocation.account, invocation.region).append(
        Failure(
            invocation.schedule_arn, invocation.target["Arn"], failure.code, failure.message, queue
        )
    )


def _dead_letter(
    sandbox: Sandbox, invocation: Invocation, failure: DeliveryError, exhausted: str, queue: str
) -> str:
    attributes = {
        "ERROR_CODE": failure.code,
        "ERROR_MESSAGE": failure.message,
        "EXECUTION_ID": invocation.execution_id,
        "EXHAUSTED_RETRY_CONDITION": exhausted,
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": str(invocation.retries),
        "SCHEDULED_TIME": shown(invocation.scheduled),
        "SCHEDULE_ARN": invocation.schedule_arn,
        "TARGET_ARN": invocation.target["Arn"],
    }
    wanted = request({"Arn": queue}, invocation.input())
    wire = {k: {"DataType": "String", "StringValue": v} for k, v in attributes.items() if v}
    try:
        client = sandbox.lend("sqs", wanted.region, _credentials(sandbox, invocation))
        client.send_message(**wanted.params, MessageAttributes=wire)
    except (ClientError, DeliveryError) as error:
        logger.warning("the dead-letter queue %s took nothing: %s", queue, error)
        return ""
    return queue
