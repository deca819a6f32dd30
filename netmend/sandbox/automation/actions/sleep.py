"""aws:sleep waits for an ISO 8601 duration, or until a time, which may have passed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from netmend.sandbox.automation.actions.base import Action, Call, Done, Outcome, Wait
from netmend.sandbox.automation.errors import invalid

LONGEST: Final = 604_799
"""Seconds; AWS lets a run sleep for less than seven days."""

DURATION: Final = re.compile(
    r"P(?=.)(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
UNITS: Final = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


def run(call: Call) -> Outcome:
    """Exactly one of Duration and Timestamp says how long."""
    if len(call.inputs) != 1:
        raise invalid("aws:sleep needs either Duration or Timestamp")
    now = call.effects.now()
    until = now + _seconds(call.text("Duration")) if "Duration" in call.inputs else _moment(call)
    if until - now > LONGEST:
        raise invalid(f"the sleep is longer than {LONGEST} seconds")
    if until <= now:
        return Done()
    return Wait(doing="sleeping", at=until, then=Done)


def _seconds(duration: str) -> float:
    match = DURATION.fullmatch(duration)
    if match is None:
        raise invalid(f"the Duration {duration} is not an ISO 8601 duration such as PT10M")
    return sum(float(match[unit] or 0) * size for unit, size in UNITS.items())


def _moment(call: Call) -> float:
    stamp = call.text("Timestamp")
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        raise invalid(
            f"the Timestamp {stamp} is not an ISO 8601 time such as 2026-01-01T01:00:00Z"
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


ACTION: Final = Action(run, optional=frozenset({"Duration", "Timestamp"}))
