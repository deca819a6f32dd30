"""What can become of a drift, in words, and what would change it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

MENDED, REFUSED, WAITING = "mended", "refused", "waiting"
FAILED, INTERRUPTED, UNREAD = "failed", "interrupted", "unread"


class State(NamedTuple):
    """word and symbol say it together, for colour alone says nothing; group is what is counted."""

    word: str
    symbol: str
    group: str


STATES: Final = {
    "MENDED": State("mended", "✓", MENDED),
    "WAITING": State("waits for a person", "?", WAITING),
    "FAILED": State("failed", "✗", FAILED),
    "INTERRUPTED": State("interrupted", "✗", INTERRUPTED),
    "HELD": State("held", "⊘", REFUSED),
    "OBSERVE": State("observed only", "⊘", REFUSED),
    "EXEMPT": State("exempt", "⊘", REFUSED),
    "REJECTED": State("rejected", "⊘", REFUSED),
    "EXPIRED": State("not answered in time", "⊘", REFUSED),
    "STALE": State("changed meanwhile", "⊘", REFUSED),
    "NONE": State("no longer needed", "⊘", REFUSED),
}
"""By the outcome that a record states."""

UNFINISHED: Final = State("begun, not closed", "!", INTERRUPTED)
UNVERIFIED: Final = State("not verified", "✗", UNREAD)
UNKNOWN: Final = State("not understood", "!", UNREAD)

GROUPS: Final = {
    MENDED: "mended and verified",
    REFUSED: "refused or held",
    WAITING: "waiting for a person",
    FAILED: "failed",
    INTERRUPTED: "interrupted",
    UNREAD: "not readable or not verified",
}

OVER: Final = frozenset({"NONE", "EXEMPT", "MENDED"})
"""Outcomes that leave nothing to do."""

AGAIN: Final = "then start the runbook again, or let the next change of the resource do it"
ADVICE: Final = (
    ("OBSERVE", "", "Raise the mode in the SSM parameter /netmend/mode to approve or enforce."),
    ("REJECTED", "", "Somebody said no. The next run for this resource asks again."),
    ("EXPIRED", "", "Nobody answered within 24 hours. Start the runbook again and answer it."),
    ("STALE", "", "The resource changed while the question waited; the next run asks anew."),
    ("NONE", "", "Nothing: the resource was compliant when it was looked at again."),
    ("HELD", "verify", "Run netmend verify --live there until it passes."),
    ("HELD", "nobody may approve", "Name Approvers in the stack netmend-remediation."),
    ("HELD", "questions wait", "Answer the questions that wait; this one is asked after them."),
    ("HELD", "belongs to account", "Mend it in the account that owns it."),
    ("HELD", "parameters of", "Correct the rule's parameters in the stack netmend-detection."),
    ("HELD", "conformance pack|detector|runbook of", "Start it from a rule of Netmend's packs."),
    ("HELD", r"\bmode\b", "Set the SSM parameter /netmend/mode as it should be."),
    ("HELD", "quota|rules", "Make room in the resource, or have its quota raised, " + AGAIN + "."),
    ("HELD", "", "Take the reason away, " + AGAIN + "."),
    ("FAILED", "", "Read why, put it right, " + AGAIN + "."),
    ("INTERRUPTED", "", "Look at the resource: its run ended in between; " + AGAIN + "."),
    ("UNFINISHED", "", "If its run has ended, the next run for this resource closes it."),
)
"""(outcome, pattern in the reason, what would change it); the first that fits."""


def advice(outcome: str, reason: str) -> str:
    """What would change a decision; '' where nothing is known to."""
    for wanted, pattern, said in ADVICE:
        if wanted == outcome and re.search(pattern, reason):
            return said
    return ""
