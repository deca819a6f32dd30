"""A comment can suppress a finding, and is reported itself when it suppresses nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from netmend.errors import did_you_mean
from netmend.lint.rules import RULES
from netmend.lint.runbook import Finding
from netmend.lint.source import Source

COMMENT: Final = re.compile(r"#\s*netmend:\s*ignore=(\S*)")
UNUSED: Final = "unused-ignore"


@dataclass(frozen=True)
class Ignore:
    """One id of one comment. whole: it stands before the document's first key, for all of it."""

    id: str
    line: int
    column: int
    whole: bool

    def covers(self, finding: Finding) -> bool:
        return finding.id == self.id and (self.whole or finding.line == self.line)


def ignores(source: Source) -> list[Ignore]:
    """Every suppression in a text; JSON has no comments."""
    if source.format == "JSON":
        return []
    return list(_found(source))


def _found(source: Source) -> Iterator[Ignore]:
    first = source.position(source.values[()].index)[0] if () in source.values else 0
    for number, line in enumerate(source.text.split("\n"), 1):
        match = COMMENT.search(line)
        if match:
            for name in match[1].split(","):
                yield Ignore(name, number, match.start() + 1, number < first)


def suppressed(findings: Iterable[Finding], source: Source, file: str) -> list[Finding]:
    """The findings that no comment covers, and one for each comment that covers none."""
    comments = ignores(source)
    kept, used = [], set()
    for finding in findings:
        covering = [one for one in comments if one.covers(finding)]
        used.update(covering)
        if not covering:
            kept.append(finding)
    return kept + [_unused(one, file) for one in comments if one not in used]


def _unused(one: Ignore, file: str) -> Finding:
    place = "this document" if one.whole else "this line"
    reason = f"there is no finding {one.id} on {place}"
    fix = "take the comment out" if one.id in RULES else did_you_mean(one.id, RULES)
    fix = fix if fix.startswith(("take", "did")) else "see the ids in docs/lint.md"
    return Finding(file, one.line, one.column, RULES[UNUSED].level, UNUSED, reason, fix)
