"""What people read of the checks, before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from netmend.verification.checks import CHECKS, FAILED, PASSED, SKIPPED, UNCHECKED, Check
from netmend.verification.live import ADVICE, Report
from netmend.verification.place import MODE, RUNBOOK, Place
from rules.netlib.verified import MUST_PASS, PARAMETER, SCRATCH

RAISING: Final = (2, 5)
"""Checks whose runs end Failed on purpose."""

DOC: Final = "docs/unverified.md"


def intent(place: Place, numbers: Sequence[int], old: Sequence[str]) -> Iterator[str]:
    """What a go at the checks will do, in lines."""
    yield f"Account {place.account}, Region {place.region}, as {place.caller}"
    yield f"Checks {_listed(numbers)} of {DOC}. {MODE} stays as it is: {place.mode}."
    yield f"Makes security groups netmend-scratch-* in {place.vpc}, with no interface in them,"
    yield f"opens them, runs {RUNBOOK} for them, and removes them at the end."
    yield f"{SCRATCH} lets runs for one such group at a time act; it is deleted after each."
    yield "The evidence bucket keeps records of these runs."
    if raising := [number for number in numbers if number in RAISING]:
        yield f"Checks {_listed(raising)} fail a run on purpose: netmend-planner-errors will alarm."
    if set(MUST_PASS) <= set(numbers):
        yield f"When checks {_listed(MUST_PASS)} pass, {PARAMETER} is written: enforce is allowed."
    if old:
        yield f"Removes first what an earlier go has left: {', '.join(old)}."
        yield "If another go is under way, stop here: these groups are its own."


def table(report: Report) -> Iterator[str]:
    """The results, a line or two for each check that was run."""
    for result in report.results:
        if result.state == SKIPPED:
            continue
        yield f"{result.check.number:>3}  {result.state:<12} {result.check.belief}"
        yield f"{'':17} {result.seen}"
        if result.state == FAILED:
            yield f"{'':17} expected: {result.expected}"
            yield f"{'':17} {ADVICE}: {DOC}, entry {result.check.number}"
    yield ""
    yield _summary(report)
    yield "Mode enforce is allowed here." if report.verified else "Mode enforce is refused here."


def _summary(report: Report) -> str:
    states = [result.state for result in report.results]
    counts = [f"{states.count(state)} {state}" for state in (PASSED, FAILED, UNCHECKED)]
    return ", ".join(counts) + "."


def listing() -> Iterator[str]:
    """All checks, without AWS."""
    for check in sorted(CHECKS, key=lambda one: one.number):
        yield f"{check.number:>3}  {_need(check):<10} {check.belief}"


def _need(check: Check) -> str:
    return "must pass" if check.must else ""


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
