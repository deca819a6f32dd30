"""A schedule wakes at its next moment, calls its target, and waits for the one after."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from moto.scheduler.models import Schedule, scheduler_backends

from netmend.sandbox.events import expressions
from netmend.sandbox.scheduler.attempts import Invocation, submit

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox


@dataclass
class Armed:
    """For each schedule by its ARN: what it waits with; another object means another life."""

    tokens: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class _Life:
    account: str
    region: str
    schedule: Schedule
    origin: float
    token: object


def arm(sandbox: Sandbox, account: str, region: str, schedule: Schedule) -> None:
    """Begin to wait, anew where it waited before; a rate counts from StartDate, or from now."""
    token = object()
    sandbox.state(Armed, account, region).tokens[schedule.arn] = token
    now = sandbox.clock.time()
    start = moment(schedule.start_date)
    life = _Life(account, region, schedule, now if start is None else start, token)
    # The first of a rate is its origin itself, and that of `at` may be this very second.
    _wait(sandbox, life, max(now, life.origin) - 0.001)


def disarm(sandbox: Sandbox, account: str, region: str, arn: str) -> None:
    """Wake no more."""
    sandbox.state(Armed, account, region).tokens.pop(arn, None)


def moment(given: Any) -> float | None:
    """Epoch seconds of a date as the API or moto has it."""
    if given is None:
        return None
    if isinstance(given, datetime):
        return given.timestamp()
    if isinstance(given, int | float):
        return float(given)
    text = str(given)
    return (
        float(text)
        if text.replace(".", "", 1).isdigit()
        else datetime.fromisoformat(text).timestamp()
    )


def _next(life: _Life, after: float) -> float | None:
    schedule = life.schedule
    expression = expressions.parse(
        schedule.schedule_expression, schedule.schedule_expression_timezone
    )
    due = expression.next(after, life.origin)
    end = moment(schedule.end_date)
    return None if due is None or (end is not None and due > end) else due


def _wait(sandbox: Sandbox, life: _Life, after: float) -> None:
    due = _next(life, after)
    if due is not None:
        label = f"wake {life.schedule.arn}"
        sandbox.engine.submit(label, lambda: _fire(sandbox, life, due), at=due)


def _fire(sandbox: Sandbox, life: _Life, due: float) -> None:
    schedule = life.schedule
    tokens = sandbox.state(Armed, life.account, life.region).tokens
    if tokens.get(schedule.arn) is not life.token:
        return
    if schedule.state == "ENABLED":
        at = sandbox.clock.time() + _window(sandbox, schedule)
        submit(sandbox, _invocation(sandbox, life, due), at=at)
    if _next(life, due) is not None:
        _wait(sandbox, life, due)
    elif schedule.action_after_completion == "DELETE":
        tokens.pop(schedule.arn)
        group = scheduler_backends[life.account][life.region].schedule_groups[schedule.group_name]
        group.schedules.pop(schedule.name, None)


def _window(sandbox: Sandbox, schedule: Schedule) -> float:
    window = schedule.flexible_time_window
    if window.get("Mode") != "FLEXIBLE":
        return 0.0
    return sandbox.random.uniform(0.0, int(window["MaximumWindowInMinutes"]) * 60.0)


def _invocation(sandbox: Sandbox, life: _Life, due: float) -> Invocation:
    schedule = life.schedule
    group_arn = schedule.arn.replace(":schedule/", ":schedule-group/").rpartition("/")[0]
    return Invocation(
        life.account,
        life.region,
        schedule.arn,
        group_arn,
        dict(schedule.target),
        due,
        sandbox.clock.time(),
        sandbox.uuid(),
    )
