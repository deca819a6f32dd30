"""A cron expression of AWS's six fields says at which minutes of local time it fires."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

MONTHS: Final = dict(zip("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), range(1, 13)))  # noqa: B905, SIM905
DAYS: Final = dict(zip("SUN MON TUE WED THU FRI SAT".split(), range(1, 8)))  # noqa: B905, SIM905

_PART: Final = re.compile(r"(\*|[A-Z0-9]+)(?:-([A-Z0-9]+))?(?:/(\d+))?")


@dataclass(frozen=True)
class Cron:
    """Sets of what each field names; the days are kept as text, since months differ."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    day_of_month: str
    months: tuple[int, ...]
    day_of_week: str
    years: tuple[int, ...]

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The naive local minutes after a naive local moment, in order."""
        for day in self._days(moment.date()):
            for hour in self.hours:
                for minute in self.minutes:
                    found = datetime(day.year, day.month, day.day, hour, minute)
                    if found > moment:
                        yield found

    def _days(self, first: date) -> Iterator[date]:
        for year in self.years:
            for month in self.months:
                if (year, month) >= (first.year, first.month):
                    days = sorted(self._in_month(year, month))
                    yield from (day for day in days if day >= first)

    def _in_month(self, year: int, month: int) -> set[date]:
        last = calendar.monthrange(year, month)[1]
        whole = [date(year, month, day) for day in range(1, last + 1)]
        if self.day_of_week == "?":
            return _by_number(self.day_of_month, whole)
        return _by_weekday(self.day_of_week, whole)


def parse(text: str) -> Cron:
    """The six fields `minutes hours day-of-month month day-of-week year`; ValueError says why."""
    fields = text.upper().split()
    if len(fields) != 6:
        raise ValueError(f"a cron expression has 6 fields, not {len(fields)}")
    minutes, hours, day, months, weekday, years = fields
    if (day == "?") == (weekday == "?"):
        raise ValueError("one of day-of-month and day-of-week must be ?, and only one")
    cron = Cron(
        _values(minutes, 0, 59),
        _values(hours, 0, 23),
        day,
        _values(months, 1, 12, MONTHS),
        weekday,
        _values(years, 1970, 2199),
    )
    whole = [date(2024, 1, day) for day in range(1, 32)]
    _by_weekday(weekday, whole) if day == "?" else _by_number(day, whole)
    return cron


def _values(
    field: str, low: int, high: int, names: dict[str, int] | None = None
) -> tuple[int, ...]:
    found: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is no value of a cron field")
        first = low if match[1] == "*" else _number(match[1], low, high, names)
        last = _number(match[2], low, high, names) if match[2] else first
        if match[1] == "*" or (match[3] and not match[2]):
            last = high
        step = int(match[3] or 1)
        if step < 1 or (match[1] == "*" and match[2]):
            raise ValueError(f"{part!r} is no value of a cron field")
        span = (
            range(first, last + 1)
            if first <= last
            else (*range(first, high + 1), *range(low, last + 1))
        )
        found.update(list(span)[::step])
    return tuple(sorted(found))


def _number(text: str, low: int, high: int, names: dict[str, int] | None) -> int:
    value = (names or {}).get(text)
    if value is None:
        if not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(f"{text!r} is not from {low} to {high}")
        value = int(text)
    return value


def _by_number(field: str, whole: list[date]) -> set[date]:
    if field in ("L", "LW"):
        return {_weekday_near(whole[-1], whole) if field == "LW" else whole[-1]}
    if field.endswith("W"):
        number = _number(field[:-1], 1, 31, None)
        return {_weekday_near(day, whole) for day in whole if day.day == number}
    wanted = _values(field, 1, 31)
    return {day for day in whole if day.day in wanted}


def _weekday_near(day: date, whole: list[date]) -> date:
    """The same day, or the nearest Monday to Friday of the same month."""
    for shift in (0, -1, 1, -2, 2):
        found = day + timedelta(days=shift)
        if found in whole and found.isoweekday() < 6:
            return found
    return day


def _by_weekday(field: str, whole: list[date]) -> set[date]:
    name, hash_, nth = field.partition("#")
    if hash_:
        place = _number(nth, 1, 5, None)
        days = _on(whole, (_number(name, 1, 7, DAYS),))
        return set(days[place - 1 : place])
    if field == "L":
        return set(_on(whole, (7,)))
    if field.endswith("L"):
        return set(_on(whole, (_number(field[:-1], 1, 7, DAYS),))[-1:])
    return set(_on(whole, _values(field, 1, 7, DAYS)))


def _on(whole: list[date], weekdays: tuple[int, ...]) -> list[date]:
    return [day for day in whole if day.isoweekday() % 7 + 1 in weekdays]
