"""One go at the checks: what earlier goes left is removed, and in the end what this one made."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from netmend.errors import COULD_NOT, DRIFT, FINE
from netmend.verification import record
from netmend.verification.checks import CHECKS, FAILED, PASSED, UNCHECKED, Result, run
from netmend.verification.place import Place
from netmend.verification.stage import Stage
from rules.netlib import clock
from rules.netlib.verified import MUST_PASS, PARAMETER, SANDBOX

SCHEMA_VERSION: Final = 1
ADVICE: Final = "keep the mode at observe and report it"


@dataclass(frozen=True)
class Report:
    """results in the order of their numbers; verified: whether enforce is allowed from now on;
    left: what could not be removed, and why."""

    place: Place
    results: tuple[Result, ...]
    verified: bool
    left: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """1 where something could not be checked or removed, 2 where a belief is wrong."""
        states = {result.state for result in self.results}
        if self.left or UNCHECKED in states:
            return COULD_NOT
        return DRIFT if FAILED in states else FINE

    def to_json(self) -> dict[str, Any]:
        """For machines; state: passed, failed, not checked or skipped."""
        return {
            "schema_version": SCHEMA_VERSION,
            "account": self.place.account,
            "region": self.place.region,
            "caller": self.place.caller,
            "made_for": made_for(self.place),
            "enforce_allowed": self.verified,
            "left_behind": list(self.left),
            "checks": [
                {
                    "id": result.check.number,
                    "belief": result.check.belief,
                    "must_pass": result.check.must,
                    "state": result.state,
                    "seen": result.seen,
                    "expected": result.expected,
                }
                for result in self.results
            ],
        }


def made_for(place: Place) -> str:
    """What the record says it was made for."""
    return SANDBOX if place.sandbox else record.AWS


def verify(stage: Stage, numbers: Collection[int], old: Iterable[str] = ()) -> Report:
    """Run the checks and keep their record; old: scratch groups that an earlier go has left.

    The record is written where all that must pass has passed in this one go, and an older one is
    removed where one of those has failed.
    """
    left: list[str] = []
    results: list[Result] = []
    try:
        left += stage.withdraw() if stage.place.granted else []
        left += [line for group in old for line in stage.remove(group)]
        results.extend(run(stage, numbers))
    finally:
        if _must_failed(results):  # even where the go was interrupted after that
            left += stage.tried(PARAMETER, record.remove, stage)
        left += stage.clean()
        for line in left:
            stage.say(f"  not removed: {line}")
    verified = not _must_failed(results) and _keep(stage, results)
    in_order = sorted(results, key=lambda result: result.check.number)
    return Report(stage.place, tuple(in_order), verified, tuple(left))


def _must_failed(results: Iterable[Result]) -> bool:
    return any(result.check.must and result.state == FAILED for result in results)


def _keep(stage: Stage, results: Iterable[Result]) -> bool:
    states = {result.check.number: result.state for result in results}
    if any(states[number] != PASSED for number in MUST_PASS):
        return not stage.place.verified
    passed = [number for number, state in states.items() if state == PASSED]
    place = stage.place
    written = record.text(
        place.account, place.region, place.caller, passed, clock.now(), made_for(place)
    )
    record.write(stage, written)
    return True


ALL: Final = tuple(sorted(check.number for check in CHECKS))
