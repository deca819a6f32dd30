"""Queues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from moto.sqs.models import sqs_backends

from netmend.sandbox.api import ApiCall, observer

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox


@observer
def read_queue_flags(sandbox: Sandbox, call: ApiCall) -> None:
    """`True` and `true` are the same to SQS, which answers the latter."""
    if call.name != "sqs:SetQueueAttributes":
        return
    name = call.params["QueueUrl"].rpartition("/")[2]
    queue = cast(Any, sqs_backends[call.account][call.region].queues[name])
    if isinstance(queue.sqs_managed_sse_enabled, str):
        queue.sqs_managed_sse_enabled = queue.sqs_managed_sse_enabled.lower() == "true"
