"""The seven steps as CONTRIBUTING.md has them: commands to run, and diffs to apply, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.stacks import ROOT

SECTION = re.compile(r"^## Add a rule in seven steps\n(.*?)^### ", re.MULTILINE | re.DOTALL)
STEP = re.compile(r"^\*\*(\d)\. ", re.MULTILINE)
BLOCK = re.compile(r"^```(sh|diff)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """kind: sh or diff. step: of which of the seven."""

    step: int
    kind: str
    text: str


def blocks() -> Iterator[Block]:
    """All blocks of the section, in order."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (section,) = SECTION.findall(text)
    _, *parts = STEP.split(section)
    for number, part in zip(parts[::2], parts[1::2], strict=True):
        for kind, text in BLOCK.findall(part):
            yield Block(int(number), kind, text)


def apply(diff: str, root: Path) -> None:
    """Edit the file that a diff names; each hunk stands in it exactly once, in the diff's order."""
    head, _, body = diff.partition("\n")
    path = root / head.removeprefix("--- ")
    text, place = path.read_text(encoding="utf-8"), 0
    for hunk in body.split("@@\n"):
        lines = hunk.splitlines()
        old = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
        new = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
        at = text.find(old, place)
        if at < 0 or text.count(old) > 1:
            raise AssertionError(f"{path.name} has this not once, or above the last:\n{old}")
        text, place = text[:at] + new + text[at + len(old) :], at + len(new)
    path.write_text(text, encoding="utf-8")
