"""Where a document is refused, or its run fails, netmend lint may know the place and the remedy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from netmend.errors import UserError
from netmend.running.runner import MEND

if TYPE_CHECKING:
    from netmend.lint.runbook import Finding
    from netmend.running.document import Book

MOST: Final = 5
"""Findings that are shown of a run that failed."""


def errors(books: Sequence[Book]) -> list[Finding]:
    """What lint calls an error in these documents, the last of which is the one that is run."""
    from netmend.lint import linting
    from netmend.lint.runbook import ERROR

    runbooks = [linting.parse(str(book.path), book.text) for book in reversed(books)]
    library = {runbook.name: runbook for runbook in runbooks}
    found = (one for runbook in runbooks for one in linting.findings(runbook, library))
    return [one for one in found if one.level == ERROR]


def located(refused: UserError, books: Sequence[Book]) -> UserError:
    """The same refusal with the place and the remedy, where it is one of a document."""
    message, found, _ = str(refused).partition(f" - {MEND}")
    listed = errors(books) if found else []
    if not listed:
        return refused
    first = listed[0]
    others = f" (and {len(listed) - 1} more: netmend lint {first.file})" if listed[1:] else ""
    place = f"{first.file}:{first.line}:{first.column}"
    return UserError(message, f"{place}: {first.reason}: {first.fix}{others}")


def lines(books: Sequence[Book]) -> Iterator[str]:
    """Findings as netmend lint writes them."""
    from netmend.lint.writing import line

    listed = errors(books)
    yield from (line(one) for one in listed[:MOST])
    if len(listed) > MOST:
        yield f"and {len(listed) - MOST} more: netmend lint {listed[-1].file}"
