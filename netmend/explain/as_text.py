"""An explanation for a terminal: the verdict, why, what does not count, and what follows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from netmend.explain.model import (
    COMPLIANT,
    NON_COMPLIANT,
    NOT_APPLICABLE,
    Explanation,
    Mend,
    Opening,
    Permission,
    arguments,
)
from netmend.explain.sheet import Line, Sheet

STYLES: Final = {COMPLIANT: "bold green", NON_COMPLIANT: "bold red"}
STATES: Final = {COMPLIANT: "fine", NON_COMPLIANT: "not compliant", NOT_APPLICABLE: "not judged"}
CHANGES: Final = {"+": "green", "-": "red"}
NARROW: Final = "narrow"
LONGEST_CALL: Final = 700
IN_FULL: Final = "characters of JSON: the lines above; in full with --format json or md"
NOTHING_LOST: Final = "nothing but what the rule forbids"


def lines(told: Explanation, columns: int) -> list[Line]:
    """The lines of one explanation."""
    sheet = Sheet(columns)
    _head(sheet, told)
    if told.openings or told.because:
        _why(sheet, told)
    if told.harmless:
        heading = "What does not count" if told.openings else "Why each of its permissions is fine"
        sheet.heading(heading)
        for why, alike in grouped(told.harmless).items():
            sheet.text(why, "  ")
            for one in alike:
                few = f" ({one.addresses:,})" * why.startswith(NARROW)
                _permission(sheet, one, few)
    if told.mend:
        _mend(sheet, told.mend)
    return sheet.lines


def _head(sheet: Sheet, told: Explanation) -> None:
    name = f" ({told.name})" if told.name else ""
    style = STYLES.get(told.compliance, "bold")
    sheet.text(f"{told.resource}{name} is {told.compliance}", style=style)
    sheet.gap()
    notes = [("rule", told.rule), ("", told.statement), ("read", told.context.read)]
    notes += [("parameters", told.context.whose), *told.context.notes]
    sheet.pairs(notes)


def _why(sheet: Sheet, told: Explanation) -> None:
    sheet.heading(f"Why it is {STATES[told.compliance]}" if told.because else "Why it is public")
    if told.because:
        sheet.text(told.because, "  ")
    for number, opening in enumerate(told.openings):
        if number:
            sheet.gap()
        _opening(sheet, opening)


def _opening(sheet: Sheet, opening: Opening) -> None:
    for ports in opening.traffic:
        sheet.text(str(ports), "  ", rest="      ", style="red")
    sheet.text(f"open to {opening.share} ({opening.addresses:,})", "    ")
    sheet.text(f"public is {opening.threshold} or more", "    ")
    together = len(opening.permissions) > 1
    sheet.text("together, by these permissions:" if together else "by this permission:", "    ")
    for one in opening.permissions:
        _permission(sheet, one, f": {one.share} ({one.addresses:,})" * together)


def _permission(sheet: Sheet, one: Permission, note: str) -> None:
    sheet.text(f"{one.rule_id or ''} {one.lets_in}{note}", "      ", rest="          ")


def grouped(found: Iterable[Permission]) -> dict[str, list[Permission]]:
    """Permissions by why they do not count, in order."""
    groups: dict[str, list[Permission]] = {}
    for one in found:
        groups.setdefault(one.why, []).append(one)
    return groups


def _mend(sheet: Sheet, mend: Mend) -> None:
    sheet.heading("What Netmend would do")
    sheet.text(mend.meaning, "  ")
    if mend.changes:
        sheet.gap()
    for change in mend.changes:
        sheet.text(change, "  ", rest="      ", style=CHANGES.get(change[:1], ""))
    if mend.calls:
        sheet.gap()
        sheet.text("as API calls of EC2, in this order:", "  ")
    for number, call in enumerate(mend.calls, 1):
        sheet.text(call["op"], f"  {number}. ")
        told = arguments(call)
        whole = len(told) <= LONGEST_CALL
        sheet.text(told if whole else f"{len(told):,} {IN_FULL}", "     ", style="dim")
    if mend.after is not None:
        sheet.heading("What is let in afterwards" if mend.calls else "What stays let in")
        for one in mend.after or ("nothing",):
            sheet.text(one, "  ", rest="      ")
    if mend.calls:
        sheet.heading("What is lost")
        for sentence in mend.lost or (NOTHING_LOST,):
            sheet.text(sentence, "  ", rest="      ")
