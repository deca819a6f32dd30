"""A script that asks for the time is told the sandbox's, and where it sleeps, that clock goes on.

Only the standard library is imported here: this runs inside worker processes.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, Final

NANO: Final = 1_000_000_000

Source = Callable[[], float]


class Times:
    """modules: `time` and `datetime` with `now` (epoch seconds) and `sleep` behind them."""

    def __init__(self, now: Source, sleep: Callable[[float], None]) -> None:
        self.modules: Mapping[str, ModuleType] = {
            "time": _like(time, _clocks(now, sleep)),
            "datetime": _like(datetime, _dates(now)),
        }


def _like(module: ModuleType, changes: Mapping[str, Any]) -> ModuleType:
    copy = ModuleType(module.__name__)
    vars(copy).update({**vars(module), **changes})
    return copy


def _clocks(now: Source, sleep: Callable[[float], None]) -> dict[str, Any]:
    def at(read: Callable[[float], time.struct_time]) -> Callable[..., time.struct_time]:
        return lambda moment=None: read(now() if moment is None else moment)

    def strftime(form: str, moment: Any = None) -> str:
        return time.strftime(form, time.localtime(now()) if moment is None else moment)

    return {
        "time": now,
        "time_ns": lambda: int(now() * NANO),
        "monotonic": now,
        "perf_counter": now,
        "sleep": sleep,
        "gmtime": at(time.gmtime),
        "localtime": at(time.localtime),
        "strftime": strftime,
    }


def _dates(now: Source) -> dict[str, Any]:
    class Moment(datetime.datetime, metaclass=_Same):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return cls.fromtimestamp(now(), tz)

        @classmethod
        def utcnow(cls) -> Any:
            return cls.fromtimestamp(now(), datetime.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:
            return cls.fromtimestamp(now())

    class Day(datetime.date, metaclass=_Same):
        @classmethod
        def today(cls) -> Any:
            return cls.fromtimestamp(now())

    return {"datetime": Moment, "date": Day}


class _Same(type):
    """What boto3 gives is an instance of these too."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, cls.__mro__[1])
