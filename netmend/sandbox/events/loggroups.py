"""A log group takes events where a resource policy of CloudWatch Logs lets EventBridge write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.logs.models import LogsBackend, logs_backends

from netmend.sandbox import iam
from netmend.sandbox.api import ApiError
from netmend.sandbox.events.delivery import Delivery

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox


def to_log_group(sandbox: Sandbox, delivery: Delivery, payload: str) -> None:
    """One stream for each event; `ApiError` ResourceNotFoundException or AccessDeniedException."""
    _, _, _, region, account, _, name, *_ = delivery.target["Arn"].split(":")
    backend = logs_backends[account][region]
    if name not in backend.groups:
        raise ApiError("ResourceNotFoundException", "The specified log group does not exist.")
    stream = str(delivery.event["id"])
    arn = f"{delivery.target['Arn'].removesuffix(':*')}:log-stream:{stream}"
    if not _allowed(backend, delivery, arn):
        raise ApiError("AccessDeniedException", f"no resource policy lets EventBridge write {arn}")
    if stream not in backend.groups[name].streams:
        backend.create_log_stream(name, stream)
    # moto refuses what is older or newer than the machine's own clock allows, so nothing is lost
    # by giving it the moment of delivery.
    moment = int(sandbox.clock.time() * 1000)
    backend.put_log_events(name, stream, [{"timestamp": moment, "message": payload}])


def _allowed(backend: LogsBackend, delivery: Delivery, arn: str) -> bool:
    sender = delivery.sender
    return any(
        iam.allows_service(
            policy.policy_document, sender.principal, "logs:PutLogEvents", arn, sender.context()
        )
        for policy in backend.resource_policies.values()
    )
