"""A delivery is one event on its way to one target; its payload is what the target receives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from netmend.sandbox.events import template
from netmend.sandbox.events.failure import DeliveryError
from netmend.sandbox.notifications import Sender

PRINCIPAL: Final = "events.amazonaws.com"


@dataclass
class Delivery:
    """One event on its way to one target of one rule; times are epoch seconds.

    hops: how many buses sent it on before.
    """

    rule_arn: str
    account: str
    region: str
    target: dict[str, Any]
    event: dict[str, Any]
    accepted: float
    hops: int = 0
    retries: int = 0

    @property
    def sender(self) -> Sender:
        """EventBridge, on behalf of the rule."""
        return Sender(PRINCIPAL, self.rule_arn, self.account)

    @property
    def label(self) -> str:
        """What the engine calls this piece of work."""
        return f"deliver {self.event['detail-type']} to {self.target['Arn']}"


def payload(delivery: Delivery) -> str:
    """The text that the target receives; `DeliveryError` where the input path finds nothing."""
    target, event = delivery.target, delivery.event
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        there, value = template.find(event, target["InputPath"])
        if not there:
            raise DeliveryError("INVALID_JSON", f"{target['InputPath']} is not in the event")
        return template.compact(value)
    if "InputTransformer" in target:
        return _transformed(delivery, target["InputTransformer"])
    return template.compact(event)


def _transformed(delivery: Delivery, transformer: dict[str, Any]) -> str:
    ingested = datetime.fromtimestamp(delivery.accepted, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    values = template.variables(
        delivery.event, transformer.get("InputPathsMap", {}), delivery.rule_arn, ingested
    )
    return template.render(transformer["InputTemplate"], values)
