"""What a command says reaches standard output whole, in any encoding, or the command fails."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper

from netmend.errors import UserError


@contextmanager
def whole_output() -> Iterator[None]:
    """Raises UserError where standard output is closed, OSError where it takes no more."""
    prepare()
    yield
    sys.stdout.flush()  # or Python itself finds out, after the exit code was chosen


def prepare() -> None:
    """Every stream is there, and none refuses a character that its encoding lacks."""
    # Python leaves None in the place of a descriptor that was closed before it began.
    if sys.stdout is None:
        raise UserError("standard output is closed", "leave it open, or send it to /dev/null")
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - for the process's life
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - the same
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def give_up() -> None:
    """Python does not try again, when it ends, to write what could not be written."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError):  # a stream in memory has no descriptor
        os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
