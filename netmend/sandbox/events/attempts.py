"""A delivery is tried, tried again later, and in the end laid in the target's dead-letter queue."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from netmend.sandbox.api import ApiError
from netmend.sandbox.events.delivery import Delivery, payload
from netmend.sandbox.events.failure import DeliveryError
from netmend.sandbox.events.senders import send
from netmend.sandbox.notifications import send_to_queue

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

logger = logging.getLogger(__name__)

MOST_RETRIES: Final = 185
LONGEST_SECONDS: Final = 86_400
FIRST_WAIT_SECONDS: Final = 1.0
LONGEST_WAIT_SECONDS: Final = 600.0


@dataclass(frozen=True)
class Loss:
    """A delivery that was given up, with where its event went: a queue's ARN, or nowhere."""

    rule_arn: str
    target_arn: str
    code: str
    message: str
    dead_letter_queue: str


class Losses(list[Loss]):
    """One per account and Region, from `sandbox.state(Losses, account, region)`."""


def submit(sandbox: Sandbox, delivery: Delivery, *, at: float) -> None:
    """Queue one attempt for epoch second `at`."""
    sandbox.engine.submit(delivery.label, lambda: _attempt(sandbox, delivery), at=at)


def _attempt(sandbox: Sandbox, delivery: Delivery) -> None:
    try:
        send(sandbox, delivery, payload(delivery))
    except DeliveryError as failure:
        _failed(sandbox, delivery, failure)


def _failed(sandbox: Sandbox, delivery: Delivery, failure: DeliveryError) -> None:
    if not failure.retry:
        return _give_up(sandbox, delivery, failure)
    wait = backoff(sandbox, delivery.retries)
    due = sandbox.clock.time() + wait
    exhausted = spent(delivery.target, delivery.retries, due - delivery.accepted)
    if exhausted:
        return _give_up(sandbox, delivery, failure, exhausted)
    delivery.retries += 1
    logger.info("%s failed, again in %.0f s: %s", delivery.label, wait, failure)
    return submit(sandbox, delivery, at=due)


def backoff(sandbox: Sandbox, retries: int) -> float:
    """Seconds until the next attempt: twice as many each time, up to ten minutes, with jitter."""
    longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** min(retries, 20))
    return longest * sandbox.random.uniform(0.5, 1.0)


def spent(target: Mapping[str, Any], retries: int, age: float) -> str:
    """Which limit of a target's RetryPolicy leaves no further attempt; empty where none does.

    retries: those made; age: seconds since the event was accepted, at the next attempt.
    """
    policy = target.get("RetryPolicy") or {}
    if retries >= int(policy.get("MaximumRetryAttempts", MOST_RETRIES)):
        return "MaximumRetryAttempts"
    if age > int(policy.get("MaximumEventAgeInSeconds", LONGEST_SECONDS)):
        return "MaximumEventAgeInSeconds"
    return ""


def _give_up(
    sandbox: Sandbox, delivery: Delivery, failure: DeliveryError, exhausted: str = ""
) -> None:
    queue = (delivery.target.get("DeadLetterConfig") or {}).get("Arn", "")
    if queue:
        queue = _dead_letter(delivery, failure, exhausted, queue)
    logger.warning("%s failed: %s; event in %s", delivery.label, failure, queue or "no queue")
    sandbox.state(Losses, delivery.account, delivery.region).append(
        Loss(delivery.rule_arn, delivery.target["Arn"], failure.code, failure.message, queue)
    )


def _dead_letter(delivery: Delivery, failure: DeliveryError, exhausted: str, queue: str) -> str:
    attributes = {
        "RULE_ARN": delivery.rule_arn,
        "TARGET_ARN": delivery.target["Arn"],
        "ERROR_CODE": failure.code,
        "ERROR_MESSAGE": failure.message,
        "RETRY_ATTEMPTS": str(delivery.retries),
    }
    if exhausted:
        attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
    try:
        send_to_queue(queue, json.dumps(delivery.event), delivery.sender, attributes)
    except ApiError as error:
        logger.warning("the dead-letter queue %s took no event: %s", queue, error)
        return ""
    return queue
