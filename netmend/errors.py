"""Every error that a user can mend is one line: what is wrong, and how to put it right.

UserError           exit code 1: it could not be done
└── UsageError      exit code 64: it was not asked for in the right way
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

FINE = 0
COULD_NOT = 1
DRIFT = 2
USAGE = 64
INTERRUPTED = 130


class UserError(Exception):
    """`message` says what is wrong; `hint` how to put it right, empty where nothing helps."""

    exit_code = COULD_NOT

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message} - {hint}" if hint else message)


class UsageError(UserError):
    """The command line itself is wrong."""

    exit_code = USAGE


def one_line(text: str) -> str:
    """What users, files and AWS wrote, in a line that no terminal obeys."""
    return "".join(c if c.isprintable() else "\ufffd" for c in " ".join(text.split()))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint with the nearest known name, or with all of them where none is near."""
    by_folded = {one.casefold(): one for one in sorted(known)}
    nearest = get_close_matches(name.casefold(), by_folded, n=1)
    if nearest:
        return f"did you mean {by_folded[nearest[0]]}?"
    return f"known: {', '.join(by_folded.values())}" if by_folded else ""
