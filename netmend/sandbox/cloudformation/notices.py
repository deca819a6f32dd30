"""Each event of a stack is published to the topics that the stack names."""

from __future__ import annotations

import logging
from typing import Final

from botocore.exceptions import ClientError

from netmend.sandbox.cloudformation.access import Access
from netmend.sandbox.cloudformation.model import Event, Stack

logger = logging.getLogger(__name__)

SUBJECT: Final = "AWS CloudFormation Notification"


def publish(access: Access, stack: Stack, event: Event) -> None:
    """Tell the topics; one that cannot be told stops no stack."""
    for topic in stack.topics:
        try:
            access.client("sns").publish(
                TopicArn=topic, Subject=SUBJECT, Message=message(stack, event)
            )
        except ClientError as error:
            logger.warning("stack %s could not tell %s: %s", stack.name, topic, error)


def message(stack: Stack, event: Event) -> str:
    """A line for each field, as CloudFormation writes them."""
    fields = {
        "StackId": stack.id,
        "Timestamp": f"{event.at:%Y-%m-%dT%H:%M:%S}.{event.at.microsecond // 1000:03}Z",
        "EventId": event.id,
        "LogicalResourceId": event.logical_id,
        "Namespace": stack.account,
        "PhysicalResourceId": event.physical_id,
        "ResourceProperties": "null",
        "ResourceStatus": event.status,
        "ResourceStatusReason": event.reason,
        "ResourceType": event.type,
        "StackName": stack.name,
        "ClientRequestToken": event.token or "null",
    }
    return "".join(f"{key}='{value}'\n" for key, value in fields.items())
