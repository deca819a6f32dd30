"""Text for a terminal of 80 columns or more: wrapped lines with a style each, painted by rich."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from textwrap import wrap
from typing import Final, NamedTuple

from netmend.errors import one_line

NARROWEST: Final = 60
WIDEST: Final = 100
USUAL: Final = 80


class Line(NamedTuple):
    """One line as it is shown; style: a style of rich, or nothing."""

    text: str
    style: str = ""


def width() -> int:
    """Columns to fill: those of the terminal within reason, 80 where there is none."""
    columns = shutil.get_terminal_size((USUAL, 24)).columns
    return min(max(columns, NARROWEST), WIDEST)


class Sheet:
    """Lines in the order in which they are read."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.lines: list[Line] = []

    def text(self, text: str, first: str = "", *, rest: str | None = None, style: str = "") -> None:
        """A paragraph: its first line begins with `first`, the others with `rest` or as far in."""
        rest = " " * len(first) if rest is None else rest
        found = wrap(
            one_line(text),
            self.columns,
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        self.lines += [Line(line, style) for line in found or [first.rstrip()]]

    def heading(self, text: str) -> None:
        """A section begins."""
        self.gap()
        self.text(text, style="bold")
        self.gap()

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Words with what they mean, in two columns."""
        told = list(pairs)
        wide = max((len(word) for word, _ in told), default=0)
        for word, meaning in told:
            self.text(meaning, f"  {word:{wide}}  ")

    def gap(self) -> None:
        """One empty line, however often it is asked for."""
        if self.lines and self.lines[-1].text:
            self.lines.append(Line(""))


def show(lines: Iterable[Line]) -> None:
    """To standard output; in colour on a terminal that wants it, else bare."""
    if not sys.stdout.isatty():
        sys.stdout.writelines(f"{line.text}\n" for line in lines)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for line in lines:
        console.print(Text(line.text, line.style), soft_wrap=True)
