"""A runbook's envelope is the same in every document; only the words that Decide knows differ."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from netmend.catalog import Runbook
from netmend.rendering.text import RenderError, fill, replace_regions

BEFORE: Final = "envelope-before.yaml"
AFTER: Final = "envelope-after.yaml"

QUIET: Final = ("NONE", "OBSERVE", "HELD", "EXEMPT")
"""Decisions that end a run without a change, and well."""

DIRECTIVE: Final = re.compile(
    r"^  # on (?P<word>\S+) takes (?P<takes>.+)\n(?P<next>.*)$", re.MULTILINE
)
WORD: Final = re.compile(r"MEND(_[A-Z0-9]+)+")
OUTPUT: Final = re.compile(
    r"(?P<name>[A-Z][A-Za-z0-9]*) (?P<type>StringList|MapList|StringMap|String)"
)
STEP: Final = re.compile(r"  - name: (?P<name>[A-Za-z0-9]{3,128})")
CHANGE: Final = re.compile(r"^ *- name:", re.MULTILINE)


@dataclass(frozen=True)
class Start:
    """A step where the change may begin: on which decision, with which outputs of Plan."""

    word: str
    step: str
    outputs: tuple[tuple[str, str], ...]


def starts(runbook: Runbook) -> list[Start]:
    """What the comments `# on WORD takes Name Type, ...` above the change's steps say.

    A runbook whose rule plans no change has no steps of its own, and no start.
    """
    found = [_start(runbook, match) for match in DIRECTIVE.finditer(runbook.text)]
    if not found and CHANGE.search(_by_hand(runbook.text)):
        raise RenderError(
            runbook.path, 0, "no step begins the change", "write `# on MEND_X takes ...` above it"
        )
    return found


def _by_hand(text: str) -> str:
    """What stands between the two halves of the envelope."""
    return text.partition(f"<<< rendered: {BEFORE}")[2].partition(">>> rendered")[0]


def _start(runbook: Runbook, match: re.Match[str]) -> Start:
    line = runbook.text.count("\n", 0, match.start()) + 1
    outputs = [OUTPUT.fullmatch(part.strip()) for part in match["takes"].split(",")]
    step = STEP.fullmatch(match["next"])
    if not WORD.fullmatch(match["word"]) or None in outputs or step is None:
        raise RenderError(
            runbook.path, line, "this begins no step", "write `# on MEND_X takes Name Type, ...`"
        )
    pairs = tuple((output["name"], output["type"]) for output in outputs if output)
    return Start(match["word"], step["name"], pairs)


def document(runbook: Runbook) -> str:
    """The document's whole text with its envelope rendered around the change."""
    begins = starts(runbook)
    goes = [(start.word, start.step) for start in begins]
    done = [(word, "Done") for word in QUIET]
    outputs = [pair for start in begins for pair in start.outputs]
    before = fill(
        BEFORE,
        outputs="\n".join(fill("output.yaml", name=name, type=kind) for name, kind in outputs),
        choices=_choices("Plan", [*goes, ("APPROVE", "Approve"), *done]),
        choices_approved=_choices("PlanApproved", [*goes, *done, ("STALE", "Done")]),
    )
    return replace_regions(runbook.path, runbook.text, {BEFORE: before, AFTER: fill(AFTER)})


def _choices(step: str, targets: list[tuple[str, str]]) -> str:
    return "\n".join(fill("choice.yaml", step=step, word=word, next=name) for word, name in targets)
