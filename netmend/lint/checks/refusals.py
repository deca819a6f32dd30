"""What CreateDocument refuses in the sandbox never passes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from netmend.lint.runbook import Problem, Runbook
from netmend.lint.source import Path
from netmend.sandbox.automation.document import Document
from netmend.sandbox.automation.errors import DocumentError

PART: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
NAME: Final = re.compile(r'"(\w+)"')


def check(runbook: Runbook) -> Iterator[Problem]:
    """One problem at most: the sandbox, as AWS, stops at the first."""
    try:
        Document.parse(runbook.source.text, runbook.source.format)
    except DocumentError as error:
        fix = "mend what it names"
        yield Problem("refused", _place(runbook, error), error.message.rstrip("."), fix)


def _place(runbook: Runbook, error: DocumentError) -> Path:
    """The path that the error carries, or that of the parameter or variable that it names."""
    if error.path:
        return tuple(int(m[2]) if m[2] else m[1] for m in PART.finditer(error.path))
    for name in NAME.findall(error.message):
        for key in ("parameters", "variables"):
            if (key, name) in runbook.source.values:
                return (key, name)
    return ()
