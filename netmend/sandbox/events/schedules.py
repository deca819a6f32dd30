"""A rule with a ScheduleExpression fires by the sandbox's clock while it is enabled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from moto.events.models import Rule, events_backends

from netmend.sandbox.api import ApiError
from netmend.sandbox.events import bus, expressions

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox


@dataclass
class Armed:
    """For each rule with a schedule: its expression, and the epoch second from which it counts."""

    rules: dict[str, tuple[str, float]] = field(default_factory=dict)


def check(text: str) -> None:
    """Raise `ApiError` ValidationException for what is no schedule of a rule."""
    try:
        parsed = expressions.parse(text)
    except ValueError:
        parsed = None
    if parsed is None or isinstance(parsed, expressions.Once):
        raise ApiError("ValidationException", "Parameter ScheduleExpression is not valid.")


def arm(sandbox: Sandbox, rule: Rule) -> None:
    """Begin to count for a new expression; what counted for another one falls silent."""
    armed = sandbox.state(Armed, rule.account_id, rule.region_name).rules
    expression = rule.scheduled_expression
    if not expression:
        armed.pop(rule.arn, None)
        return
    if armed.get(rule.arn, ("", 0.0))[0] == expression:
        return
    now = sandbox.clock.time()
    armed[rule.arn] = (expression, now)
    _wait(sandbox, rule, armed[rule.arn], now)


def forget(sandbox: Sandbox, rule: Rule) -> None:
    """The rule is deleted; one of the same name counts anew."""
    sandbox.state(Armed, rule.account_id, rule.region_name).rules.pop(rule.arn, None)


def _wait(sandbox: Sandbox, rule: Rule, mine: tuple[str, float], after: float) -> None:
    expression, origin = mine
    due = expressions.parse(expression).next(after, origin)
    if due is not None:
        sandbox.engine.submit(
            f"schedule {rule.arn}", lambda: _fire(sandbox, rule, mine, due), at=due
        )


def _fire(sandbox: Sandbox, rule: Rule, mine: tuple[str, float], due: float) -> None:
    armed = sandbox.state(Armed, rule.account_id, rule.region_name).rules
    if armed.get(rule.arn) is not mine:
        return
    # PutRule makes a new object of moto's each time.
    bus_ = events_backends[rule.account_id][rule.region_name].event_buses[bus.DEFAULT_BUS]
    found = bus_.rules.get(rule.name)
    if found is None:
        armed.pop(rule.arn)
        return
    if found.state in bus.ENABLED:
        bus.deliver(sandbox, found, _event(sandbox, found, due))
    _wait(sandbox, rule, mine, due)


def _event(sandbox: Sandbox, rule: Rule, due: float) -> dict[str, object]:
    account, region = rule.account_id, rule.region_name
    event = bus.envelope(sandbox, account, region, "aws.events", "Scheduled Event", {}, [rule.arn])
    return {**event, "time": expressions.shown(due)}
