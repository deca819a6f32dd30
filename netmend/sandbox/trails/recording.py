"""Each management call leaves an entry in a bounded ring, and an event where a rule wants one."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from moto.events.models import events_backends

from netmend.sandbox.api import ApiCall, ApiError, witness
from netmend.sandbox.events import bus, patterns
from netmend.sandbox.trails import services
from netmend.sandbox.trails.records import Entry

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox
    from netmend.sandbox.wire import Exchange, Response

LONGEST: Final = 10_000
DETAIL_TYPE: Final = "AWS API Call via CloudTrail"
EVERYTHING: Final = ("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",)


@dataclass
class Trail:
    """What an account's trail saw in a Region, oldest first; `logging` is its switch."""

    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=LONGEST))
    logging: bool = True


def records(sandbox: Sandbox, account: str, region: str) -> list[dict[str, Any]]:
    """The records of an account and Region, oldest first."""
    return [entry.record() for entry in list(sandbox.state(Trail, account, region).entries)]


@witness
def see(
    sandbox: Sandbox,
    exchange: Exchange,
    call: ApiCall,
    response: Response | None,
    refusal: ApiError | None,
) -> None:
    """Record how a call ended, whoever refused it."""
    if call.caller.kind == "anonymous":
        return
    if not services.is_management(call.service, call.operation):
        return
    region = services.recorded_in(call.service, call.region)
    agent = exchange.request.headers.get("User-Agent", "")
    agent = agent.decode() if isinstance(agent, bytes) else str(agent)
    error = (refusal.code, refusal.message) if refusal else None
    entry = Entry(call, region, sandbox.clock.time(), agent, error=error)
    if response is not None and call.response is None and _is_read_back(entry, response):
        status, headers, body = response
        entry.protocol = exchange._protocol
        entry.wire = (int(status), dict(headers), body)
    _keep(sandbox, entry)
    if call.name == "sts:AssumeRole" and response is not None and int(response[0]) < 300:
        owner = str(call.params["RoleArn"]).split(":")[4]
        if owner != call.account:
            _keep(sandbox, replace(entry, recipient=owner, _record={}))


def _keep(sandbox: Sandbox, entry: Entry) -> None:
    trail = sandbox.state(Trail, entry.account, entry.region)
    if trail.logging:
        trail.entries.append(entry)
        _announce(sandbox, entry)


def _is_read_back(entry: Entry, response: Response) -> bool:
    # The answers to reads are large, and no record shows them.
    return not entry.read_only or int(response[0]) >= 300


def _announce(sandbox: Sandbox, entry: Entry) -> None:
    account, region = entry.account, entry.region
    states = EVERYTHING if entry.read_only else bus.ENABLED
    source = services.prefix(entry.call.service)
    known = {
        "source": f"aws.{source}",
        "detail-type": DETAIL_TYPE,
        "account": account,
        "region": region,
        "detail": {
            "eventSource": f"{source}.amazonaws.com",
            "eventName": services.event_name(entry.call.service, entry.call.operation),
        },
    }
    if not _wanted(account, region, states, known):
        return
    event = bus.envelope(sandbox, account, region, f"aws.{source}", DETAIL_TYPE, entry.record())
    bus.route(sandbox, account, region, bus.DEFAULT_BUS, event, states=states)


def _wanted(account: str, region: str, states: tuple[str, ...], known: dict[str, Any]) -> bool:
    # moto makes what is asked for, so neither accounts nor Regions are asked for here.
    backend = dict.get(dict.get(events_backends, account, {}), region)
    found = backend.event_buses.get(bus.DEFAULT_BUS) if backend is not None else None
    rules = list(found.rules.values()) if found is not None else ()
    return any(
        rule.state in states and patterns.may_match(rule.event_pattern.dump(), known)
        for rule in rules
    )
