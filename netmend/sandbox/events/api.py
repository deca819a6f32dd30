"""TestEventPattern and what a rule may hold; the rest of the API is moto's."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, Never, cast

import moto.s3.models as s3_models
from moto.events.models import EventBus, EventBusPolicyStatement, EventsBackend, Rule

from netmend.sandbox import iam
from netmend.sandbox.api import ApiCall, ApiError, guard, operation
from netmend.sandbox.events import bus, patterns, schedules, targets
from netmend.sandbox.events.delivery import PRINCIPAL

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

_originals: Final[dict[str, Any]] = {
    "add_policy": EventBus.add_policy,
    "put_rule": EventsBackend.put_rule,
    "delete_rule": EventsBackend.delete_rule,
    "put_targets": EventsBackend.put_targets,
    "send_to_targets": Rule.send_to_targets,
    "s3_notification": cast(Any, s3_models).events_send_notification,
}

ENVELOPE: Final = ("id", "account", "source", "time", "region", "resources", "detail-type")
"""What TestEventPattern wants to find in an event."""


@operation("events", "TestEventPattern")
def match_pattern(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Whether a pattern would match an event."""
    text = call.params["EventPattern"]
    patterns.check(text)
    try:
        event = json.loads(call.params["Event"])
    except ValueError as error:
        raise ApiError("ValidationException", f"Event is not JSON: {error}") from None
    if not isinstance(event, dict):
        raise ApiError("ValidationException", "Event is not a JSON object.")
    missing = [name for name in ENVELOPE if name not in event]
    if missing:
        raise ApiError(
            "ValidationException", f"Parameter Event is not valid. Reason: it has no {missing[0]}."
        )
    return {"Result": patterns.matches(text, event)}


@guard("events", "PutTargets")
def check_passed_roles(sandbox: Sandbox, call: ApiCall) -> None:
    """Whoever gives a target a role must be allowed to."""
    for target in call.params.get("Targets", []):
        if "RoleArn" in target:
            iam.require_pass_role(sandbox, call.caller, target["RoleArn"], PRINCIPAL, call.region)


@guard("events", "CreateArchive", "StartReplay", "PutPartnerEvents", "CreateApiDestination")
def refuse_unserved(sandbox: Sandbox, call: ApiCall) -> Never:
    """What moto would store and nothing here would act on."""
    raise NotImplementedError(f"the sandbox does not do {call.name}")


def install(sandbox: Sandbox) -> None:
    """Check rules and targets by whichever way they come, and replace moto's delivery."""
    backend, rule = cast(Any, EventsBackend), cast(Any, Rule)
    backend.put_rule = _checked_rule(sandbox, _originals["put_rule"])
    backend.delete_rule = _forgotten_rule(sandbox, _originals["delete_rule"])
    backend.put_targets = _checked_targets(_originals["put_targets"])
    cast(Any, EventBus).add_policy = _replace_policy
    rule.send_to_targets = lambda self, event, transform_input=True: _redirect(sandbox, self, event)
    cast(Any, s3_models).events_send_notification = lambda *_, **__: None


def uninstall(sandbox: Sandbox) -> None:
    """Give moto its own methods back."""
    backend = cast(Any, EventsBackend)
    for name in ("put_rule", "delete_rule", "put_targets"):
        setattr(backend, name, _originals[name])
    cast(Any, EventBus).add_policy = _originals["add_policy"]
    cast(Any, Rule).send_to_targets = _originals["send_to_targets"]
    cast(Any, s3_models).events_send_notification = _originals["s3_notification"]


def _redirect(sandbox: Sandbox, rule: Rule, event: Any) -> None:
    # moto's S3 notifications call each rule by themselves, with a number for the time.
    event = {**event, "time": bus.stamp(sandbox.clock.now())}
    if rule.state in bus.ENABLED and patterns.matches(rule.event_pattern.dump(), event):
        bus.deliver(sandbox, rule, event)


def _replace_policy(bus_: Any, policy: dict[str, Any]) -> None:
    # moto adds to what stands, and tells statements apart by a Sid, which AWS does not demand.
    given = policy["Statement"]
    bus_.remove_statements()
    for number, statement in enumerate(given if isinstance(given, list) else [given]):
        named = {"Sid": f"statement-{number}", **statement}
        bus_._statements[named["Sid"]] = EventBusPolicyStatement.from_dict(named)


def _checked_rule(sandbox: Sandbox, original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def put_rule(self: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("scheduled_expression"):
            schedules.check(kwargs["scheduled_expression"])
        if kwargs.get("event_pattern"):
            patterns.check(kwargs["event_pattern"])
        made = original(self, name, *args, **kwargs)
        schedules.arm(sandbox, made)
        return made

    return put_rule


def _forgotten_rule(sandbox: Sandbox, original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def delete_rule(self: Any, name: str, event_bus_arn: str | None) -> Any:
        found = self.event_buses.get(self._normalize_event_bus_arn(event_bus_arn))
        rule = found.rules.get(name) if found else None
        original(self, name, event_bus_arn)
        if rule is not None:
            schedules.forget(sandbox, rule)

    return delete_rule


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
