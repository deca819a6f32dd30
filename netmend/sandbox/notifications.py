"""What AWS services send to queues and topics arrives only where the resource's policy lets it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from moto.core.exceptions import ServiceException
from moto.sns.models import Subscription, sns_backends
from moto.sqs.models import sqs_backends

from netmend.sandbox import functions, iam
from netmend.sandbox.api import ApiCall, ApiError, guard

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

logger = logging.getLogger(__name__)

SNS: Final = "sns.amazonaws.com"
PROTOCOLS: Final = ("email", "email-json", "lambda", "sms", "sqs")
"""Mail and text messages leave no trace here; `http` and `https` would leave the machine."""

_moto_publish = Subscription.publish


@dataclass(frozen=True)
class Sender:
    """The service that sends, and the resource on whose behalf it does."""

    principal: str
    source_arn: str
    source_account: str

    def context(self) -> dict[str, str]:
        """The condition keys that a resource policy can ask about."""
        return {"aws:SourceArn": self.source_arn, "aws:SourceAccount": self.source_account}


def send_to_queue(
    queue_arn: str,
    body: str,
    sender: Sender,
    attributes: Mapping[str, str] | None = None,
    *,
    group: str = "",
) -> None:
    """Put a message on a queue; group: the message group of a FIFO queue.

    Raises `ApiError` AWS.SimpleQueueService.NonExistentQueue, AccessDenied, or moto's own.
    """
    _, _, _, region, account, name = queue_arn.split(":", 5)
    backend = sqs_backends[account][region]
    queue = backend.queues.get(name)
    if queue is None:
        raise ApiError("AWS.SimpleQueueService.NonExistentQueue", f"there is no {queue_arn}")
    _judge(queue.policy, sender, "sqs:SendMessage", queue_arn)
    wire = {
        key: {"DataType": "String", "StringValue": value}
        for key, value in (attributes or {}).items()
    }
    try:
        backend.send_message(name, body, message_attributes=wire, group_id=group or None)
    except ServiceException as error:
        raise ApiError(error.code, error.message) from error


def send_to_topic(topic_arn: str, message: str, sender: Sender) -> None:
    """Publish to a topic; `ApiError` NotFound or AccessDenied."""
    _, _, _, region, account, _ = topic_arn.split(":", 5)
    backend = sns_backends[account][region]
    topic = backend.topics.get(topic_arn)
    if topic is None:
        raise ApiError("NotFound", f"there is no {topic_arn}", 404)
    _judge(topic.policy, sender, "sns:Publish", topic_arn)
    try:
        backend.publish(message, topic_arn)
    except ServiceException as error:
        raise ApiError(error.code, error.message) from error


def _judge(policy: str | None, sender: Sender, action: str, resource: str) -> None:
    if not policy or not iam.allows_service(
        policy, sender.principal, action, resource, sender.context()
    ):
        raise ApiError(
            "AccessDenied",
            f"the policy of {resource} does not let {sender.principal} do {action} "
            f"for {sender.source_arn}",
            403,
        )


@guard("sns", "Subscribe")
def refuse_unserved_protocol(sandbox: Sandbox, call: ApiCall) -> None:
    """A subscription that would leave the machine is refused."""
    protocol = call.params["Protocol"]
    if protocol not in PROTOCOLS:
        raise NotImplementedError(
            f"the sandbox delivers no {protocol} notifications: use one of {', '.join(PROTOCOLS)}"
        )


def install(sandbox: Sandbox) -> None:
    """Deliver notifications as work of the engine, in place of moto's own delivery."""

    def publish(subscription: Any, message: str, message_id: str, **options: Any) -> None:
        label = f"notify {subscription.endpoint}"
        sandbox.engine.submit(
            label, lambda: _notify(sandbox, subscription, message, message_id, options)
        )

    cast(Any, Subscription).publish = publish


def uninstall(sandbox: Sandbox) -> None:
    """Give moto its delivery back."""
    cast(Any, Subscription).publish = _moto_publish


def _notify(
    sandbox: Sandbox, subscription: Any, message: str, message_id: str, options: dict[str, Any]
) -> None:
    matcher = subscription._filter_policy_matcher
    attributes = options.get("message_attributes")
    if matcher is not None and not matcher.matches(attributes, message):
        return
    if options.get("message_structure") == "json":
        message = subscription._parse_message_structure(message, subscription.protocol)
    deliver = _DELIVERIES.get(subscription.protocol)
    if deliver is None:
        return
    notification = _notification(subscription, message, message_id, options)
    sender = Sender(SNS, subscription.topic.arn, subscription.topic.account_id)
    try:
        deliver(sandbox, subscription, notification, sender)
    except ApiError as error:
        logger.warning("%s got no notification: %s", subscription.endpoint, error)


def _notification(
    subscription: Any, message: str, message_id: str, options: dict[str, Any]
) -> dict[str, Any]:
    data = subscription.get_post_data(
        message, message_id, options.get("subject"), options.get("message_attributes")
    )
    return cast("dict[str, Any]", data)


def _notify_queue(
    sandbox: Sandbox, subscription: Any, notification: dict[str, Any], sender: Sender
) -> None:
    raw = subscription.attributes.get("RawMessageDelivery") == "true"
    body = notification["Message"] if raw else json.dumps(notification, indent=2)
    send_to_queue(subscription.endpoint, body, sender)


def _notify_function(
    sandbox: Sandbox, subscription: Any, notification: dict[str, Any], sender: Sender
) -> None:
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "Sns": {"Subject": None, "MessageAttributes": {}} | notification,
    }
    functions.invoke_later(
        sandbox,
        subscription.endpoint,
        json.dumps({"Records": [record]}),
        account=subscription.account_id,
        region=subscription.endpoint.split(":")[3],
        principal=sender.principal,
        source_account=sender.source_account,
        source_arn=sender.source_arn,
    )


_Deliver = Callable[["Sandbox", Any, dict[str, Any], Sender], None]
_DELIVERIES: Final[dict[str, _Deliver]] = {"sqs": _notify_queue, "lambda": _notify_function}
