"""A runbook's text becomes plain data, and every key and value in it keeps its place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

Path = tuple[str | int, ...]
"""Keys and indexes from the top of a document down to a value."""

ESCAPES: Final = {"x": 2, "u": 4, "U": 8}
"""How many hexadecimal digits follow these letters after a backslash in double quotes."""


class Unreadable(ValueError):
    """The text is no document of its format; `index` is the character where that shows."""

    def __init__(self, what: str, index: int) -> None:
        super().__init__(what)
        self.what = what
        self.index = index


@dataclass(frozen=True)
class Mark:
    """Where a value begins. style: of a text, its quote, '|', '>', or '' where it has none."""

    index: int
    style: str = ""
    indent: int = 0


@dataclass
class Source:
    """A loaded document. keys, values: the first character of each key and value by its path."""

    text: str
    format: str
    tree: Any = None
    keys: dict[Path, int] = field(default_factory=dict)
    values: dict[Path, Mark] = field(default_factory=dict)
    _lines: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lines = [0] + [i + 1 for i, c in enumerate(self.text) if c == "\n"]

    def position(self, index: int) -> tuple[int, int]:
        """Line and column of a character, both from 1."""
        line = bisect_right(self._lines, index)
        return line, index - self._lines[line - 1] + 1

    def place(self, path: Path, *, key: bool = False, offset: int | None = None) -> tuple[int, int]:
        """Line and column of a value, of its key, or of a character in a text.

        What is not there is where the nearest that holds it begins.
        """
        if offset is not None and path in self.values:
            return self.position(self._inside(self.values[path], offset))
        if key and path in self.keys:
            return self.position(self.keys[path])
        while path not in self.values and path:
            path = path[:-1]
        return self.position(self.values[path].index if path in self.values else 0)

    def _inside(self, mark: Mark, offset: int) -> int:
        found = list(islice(characters(self.text, mark), offset, offset + 1))
        return found[0] if found else mark.index


def characters(text: str, mark: Mark) -> Iterator[int]:
    """The index in the source of each character of a text value, in order."""
    if mark.style in ("|", ">"):
        return _block(text, mark)
    return _flow(text, mark)


def _block(text: str, mark: Mark) -> Iterator[int]:
    """A folded text has a blank in the place of a line break, so both count alike."""
    start = text.find("\n", mark.index) + 1
    indent = mark.indent
    while start and start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if not indent and text[start:end].strip():
            indent = end - start - len(text[start:end].lstrip(" "))
        yield from range(min(start + indent, end), end + 1)
        start = end + 1


def _flow(text: str, mark: Mark) -> Iterator[int]:
    index = mark.index + bool(mark.style)
    while index < len(text):
        if mark.style and text.startswith(mark.style, index):
            if mark.style == '"' or not text.startswith("''", index):
                return
            yield index
            index += 2
        elif mark.style == '"' and text[index] == "\\":
            if text[index + 1 : index + 2] != "\n":
                yield index
            index = _after_escape(text, index)
        else:
            yield index
            index = _after_fold(text, index) if text[index] == "\n" else index + 1


def _after_escape(text: str, index: int) -> int:
    letter = text[index + 1 : index + 2]
    if letter == "\n":
        return _after_fold(text, index + 1)
    after = index + 2 + ESCAPES.get(letter, 0)
    # JSON writes what lies beyond 16 bits as two escapes, which are one character.
    high = letter == "u" and text[index + 2 : index + 4].lower() in ("d8", "d9", "da", "db")
    return after + 6 if high and text.startswith("\\u", after) else after


def _after_fold(text: str, index: int) -> int:
    index += 1
    while index < len(text) and text[index] in " \t":
        index += 1
    return index
