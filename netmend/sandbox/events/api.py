"""PutEvents, TestEventPattern and what a rule may hold; the rest of the API is moto's."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, cast

import moto.s3.models as s3_models
from moto.events.models import EventsBackend, Rule

from netmend.sandbox import iam
from netmend.sandbox.api import ApiCall, ApiError, guard, operation
from netmend.sandbox.events import bus, patterns, targets
from netmend.sandbox.events.delivery import PRINCIPAL

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

MOST_ENTRIES: Final = 10
LARGEST_REQUEST: Final = 1_048_576
REQUIRED: Final = ("Source", "DetailType", "Detail")

_originals: Final[dict[str, Any]] = {
    "put_rule": EventsBackend.put_rule,
    "put_targets": EventsBackend.put_targets,
    "send_to_targets": Rule.send_to_targets,
    "s3_notification": cast(Any, s3_models).events_send_notification,
}


class EntryError(Exception):
    """One entry of PutEvents is refused; the others are not."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@operation("events", "PutEvents")
def put_events(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Each entry is taken or refused by itself."""
    entries = call.params["Entries"]
    _check_size(entries)
    results = [_put_entry(sandbox, call, entry) for entry in entries]
    failed = sum("ErrorCode" in result for result in results)
    return {"FailedEntryCount": failed, "Entries": results}


def _check_size(entries: list[dict[str, Any]]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise ApiError(
            "ValidationException",
            f"1 validation error detected: Value '{len(entries)} entries' at 'entries' failed to "
            f"satisfy constraint: Member must have length less than or equal to {MOST_ENTRIES}",
        )
    size = sum(len(str(entry.get(name, "")).encode()) for entry in entries for name in REQUIRED)
    if size >= LARGEST_REQUEST:
        raise ApiError(
            "ValidationException", "Total size of the entries in the request is over the limit."
        )


def _put_entry(sandbox: Sandbox, call: ApiCall, entry: dict[str, Any]) -> dict[str, Any]:
    try:
        detail = _detail(entry)
    except EntryError as error:
        return {"ErrorCode": error.code, "ErrorMessage": str(error)}
    account, region, name = _bus(call, entry.get("EventBusName") or bus.DEFAULT_BUS)
    event = bus.envelope(
        sandbox,
        call.account,
        call.region,
        entry["Source"],
        entry["DetailType"],
        detail,
        entry.get("Resources") or (),
        entry.get("Time"),
    )
    bus.route(sandbox, account, region, name, event)
    return {"EventId": event["id"]}


def _detail(entry: dict[str, Any]) -> dict[str, Any]:
    for name in REQUIRED:
        if not entry.get(name):
            reason = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            raise EntryError("InvalidArgument", reason)
    if entry["Source"].startswith("aws."):
        raise EntryError("NotAuthorizedForSourceException", "Not authorized for the source.")
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        raise EntryError("MalformedDetail", "Detail is malformed.") from None
    if not isinstance(detail, dict):
        raise EntryError("MalformedDetail", "Detail is malformed.")
    return detail


def _bus(call: ApiCall, name_or_arn: str) -> tuple[str, str, str]:
    if not name_or_arn.startswith("arn:"):
        return call.account, call.region, name_or_arn
    _, _, _, region, account, name = name_or_arn.split(":", 5)
    if account != call.account:
        raise NotImplementedError(f"the sandbox takes no events for another account: {name_or_arn}")
    return account, region, name.partition("/")[2]


@operation("events", "TestEventPattern")
def match_pattern(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Whether a pattern would match an event."""
    pattern = patterns.check(call.params["EventPattern"])
    try:
        event = json.loads(call.params["Event"])
    except ValueError as error:
        raise ApiError("ValidationException", f"Event is not JSON: {error}") from None
    return {"Result": patterns.matches(pattern, event)}


@guard("events", "PutTargets")
def check_passed_roles(sandbox: Sandbox, call: ApiCall) -> None:
    """Whoever gives a target a role must be allowed to."""
    for target in call.params.get("Targets", []):
        if "RoleArn" in target:
            iam.require_pass_role(sandbox, call.caller, target["RoleArn"], PRINCIPAL)


@guard("events", "CreateArchive", "StartReplay", "PutPartnerEvents", "CreateApiDestination")
def refuse_unserved(sandbox: Sandbox, call: ApiCall) -> None:
    """What moto would store and nothing here would act on."""
    raise NotImplementedError(f"the sandbox does not do {call.name}")


def install(sandbox: Sandbox) -> None:
    """Check rules and targets by whichever way they come, and replace moto's delivery."""
    backend, rule = cast(Any, EventsBackend), cast(Any, Rule)
    backend.put_rule = _checked_rule(_originals["put_rule"])
    backend.put_targets = _checked_targets(_originals["put_targets"])
    rule.send_to_targets = lambda self, event, transform_input=True: _redirect(sandbox, self, event)
    cast(Any, s3_models).events_send_notification = lambda *_, **__: None


def uninstall(sandbox: Sandbox) -> None:
    """Give moto its own methods back."""
    backend = cast(Any, EventsBackend)
    backend.put_rule = _originals["put_rule"]
    backend.put_targets = _originals["put_targets"]
    cast(Any, Rule).send_to_targets = _originals["send_to_targets"]
    cast(Any, s3_models).events_send_notification = _originals["s3_notification"]


def _redirect(sandbox: Sandbox, rule: Rule, event: Any) -> None:
    # moto's S3 notifications call each rule by themselves, with a number for the time.
    event = {**event, "time": bus.stamp(sandbox.clock.now())}
    if rule.state in bus.ENABLED and patterns.matches(rule.event_pattern, event):
        bus.deliver(sandbox, rule, event)


def _checked_rule(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def put_rule(self: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("scheduled_expression"):
            raise ApiError(
                "ValidationException",
                f"the sandbox runs no schedules: give rule {name} an EventPattern instead of "
                f"ScheduleExpression {kwargs['scheduled_expression']}.",
            )
        if kwargs.get("event_pattern"):
            patterns.check(kwargs["event_pattern"])
        return original(self, name, *args, **kwargs)

    return put_rule


def _checked_targets(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def put_targets(
        self: Any, name: str, event_bus_arn: str | None, targets: list[dict[str, Any]]
    ) -> Any:
        _check_targets(self, name, event_bus_arn, targets)
        return original(self, name, event_bus_arn, targets)

    return put_targets


def _check_targets(
    backend: Any, name: str, event_bus_arn: str | None, given: list[dict[str, Any]]
) -> None:
    found = backend.event_buses.get(backend._normalize_event_bus_arn(event_bus_arn))
    rule = found.rules.get(name) if found else None
    if rule is not None:
        ids = {target["Id"] for target in (*rule.targets, *given)}
        if len(ids) > targets.MOST_TARGETS:
            raise ApiError(
                "LimitExceededException",
                f"The requested resource exceeds the maximum number allowed: a rule has at most "
                f"{targets.MOST_TARGETS} targets.",
            )
    for target in given:
        targets.check(target, backend.account_id, backend.region_name)
