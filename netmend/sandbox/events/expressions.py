"""A schedule expression says when it fires next: rate(), cron() or at(), in a time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from netmend.sandbox.events import cron

SECONDS: Final = {"minute": 60, "hour": 3600, "day": 86_400}

_FORM: Final = re.compile(r"(rate|cron|at)\((.*)\)")
_RATE: Final = re.compile(r"(\d+) (minute|hour|day)(s?)")
_AT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


@dataclass(frozen=True)
class Rate:
    """Every so many seconds from an origin."""

    seconds: int

    def next(self, after: float, origin: float) -> float | None:
        """The first epoch second later than `after`; the origin itself is the first of all."""
        passed = max(-1, int((after - origin) // self.seconds))
        return origin + (passed + 1) * self.seconds


@dataclass(frozen=True)
class Calendar:
    """At the minutes of a cron expression in a time zone."""

    cron: cron.Cron
    zone: ZoneInfo

    def next(self, after: float, origin: float) -> float | None:
        """The first epoch second later than `after`; None where the years are over."""
        local = datetime.fromtimestamp(after, self.zone).replace(tzinfo=None)
        for minute in self.cron.after(local):
            aware = minute.replace(tzinfo=self.zone)
            epoch = aware.timestamp()
            # A local time that summer time leaves out does not come; one that it repeats, once.
            real = datetime.fromtimestamp(epoch, self.zone).replace(tzinfo=None) == minute
            if real and epoch > after:
                return epoch
        return None


@dataclass(frozen=True)
class Once:
    """At one moment alone."""

    epoch: float

    def next(self, after: float, origin: float) -> float | None:
        """That moment while it is still to come."""
        return self.epoch if self.epoch > after else None


Expression = Rate | Calendar | Once


def parse(text: str, zone: str = "UTC") -> Expression:
    """The expression; ValueError says what is wrong with it or with the time zone's name."""
    try:
        where = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{zone} is no time zone") from None
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text} is neither rate(...), cron(...) nor at(...)")
    kind, inside = match[1], match[2].strip()
    if kind == "cron":
        return Calendar(cron.parse(inside), where)
    return _rate(inside) if kind == "rate" else _once(inside, where)


def _rate(text: str) -> Rate:
    match = _RATE.fullmatch(text)
    value = int(match[1]) if match else 0
    if match is None or value < 1:
        raise ValueError(f"rate({text}) is no positive number of minutes, hours or days")
    if (value == 1) == bool(match[3]):
        raise ValueError(f"rate({text}): 1 takes the singular, other values the plural")
    return Rate(value * SECONDS[match[2]])


def _once(text: str, zone: ZoneInfo) -> Once:
    if not _AT.fullmatch(text):
        raise ValueError(f"at({text}) is not of the form at(yyyy-mm-ddThh:mm:ss)")
    return Once(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


def shown(epoch: float) -> str:
    """UTC to the second."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
