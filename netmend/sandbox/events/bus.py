"""An event reaches the enabled rules of its bus whose pattern matches, each target by itself."""

from __future__ import annotations

import copy
import json
from collections.abc import Container, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from moto.events.models import Rule, events_backends

from netmend.sandbox.events import patterns
from netmend.sandbox.events.attempts import submit
from netmend.sandbox.events.delivery import Delivery
from netmend.sandbox.events.faults import DeliveryFaults

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

DEFAULT_BUS: Final = "default"
ENABLED: Final = ("ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")


def publish(
    sandbox: Sandbox,
    account: str,
    region: str,
    source: str,
    detail_type: str,
    detail: dict[str, Any],
    resources: Sequence[str] = (),
) -> str:
    """Put an event of an AWS service on the account's default bus; return the event's id."""
    event = envelope(sandbox, account, region, source, detail_type, detail, resources)
    route(sandbox, account, region, DEFAULT_BUS, event)
    return str(event["id"])


def envelope(
    sandbox: Sandbox,
    account: str,
    region: str,
    source: str,
    detail_type: str,
    detail: dict[str, Any],
    resources: Sequence[str] = (),
    time: datetime | None = None,
) -> dict[str, Any]:
    """The event as rules match it and targets receive it."""
    return {
        "version": "0",
        "id": sandbox.uuid(),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": stamp(time or sandbox.clock.now()),
        "region": region,
        "resources": list(resources),
        "detail": json.loads(json.dumps(detail)),
    }


def stamp(moment: datetime) -> str:
    """UTC to the second, as every event carries it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def route(
    sandbox: Sandbox,
    account: str,
    region: str,
    bus: str,
    event: dict[str, Any],
    *,
    states: Container[str] = ENABLED,
    hops: int = 0,
) -> None:
    """Queue one delivery for each target of each rule that matches.

    states: the rules that hear of it. hops: how many buses sent it on before.
    """
    for rule in rules(account, region, bus):
        if rule.state in states and patterns.matches(rule.event_pattern.dump(), event):
            deliver(sandbox, rule, event, hops=hops)


def deliver(sandbox: Sandbox, rule: Rule, event: dict[str, Any], *, hops: int = 0) -> None:
    """Queue the event for every target of a rule, as often and as late as tests want it."""
    faults = sandbox.state(DeliveryFaults, rule.account_id, rule.region_name)
    now = sandbox.clock.time()
    for target in copy.deepcopy(rule.targets):
        for delay in faults.delays(rule.name, event, sandbox.random):
            work = Delivery(rule.arn, rule.account_id, rule.region_name, target, event, now, hops)
            submit(sandbox, work, at=now + delay)


def rules(account: str, region: str, bus: str) -> Sequence[Rule]:
    """The rules of a bus; none where nobody has made the bus."""
    found = events_backends[account][region].event_buses.get(bus)
    return list(found.rules.values()) if found else ()
