"""Whether a pattern speaks of a whole value, or of something that may stand in it."""

from __future__ import annotations

from typing import Final

ALL: Final = (".*", "(?s).*", r"[\s\S]*")
OPENERS: Final = ("^", r"\A", "(?i)^")
CLOSERS: Final = ("$", r"\z", r"\Z")
LOOKS: Final = ("(?=", "(?!", "(?<=", "(?<!")


def is_anchored(part: str) -> bool:
    """Whether an alternative begins and ends where the value does."""
    part = _without_looks(part.strip())
    end = closing(part, 0) if part.startswith("(") else 0
    if end and end == len(part) - 1 and part[1] != "?":
        return all(map(is_anchored, alternatives(part[1:-1])))
    if end and end == len(part) - 1 and part.startswith("(?:"):
        return all(map(is_anchored, alternatives(part[3:-1])))
    ends = part.endswith(CLOSERS) and not part.endswith(r"\$")
    return part in ALL or (part.startswith(OPENERS) and ends)


def _without_looks(part: str) -> str:
    """Without what looks ahead at its beginning or back at its end."""
    while part.startswith(LOOKS):
        part = part[closing(part, 0) + 1 :]
    for look in LOOKS:
        start = part.rfind(look)
        if start > 0 and closing(part, start) == len(part) - 1:
            return _without_looks(part[:start])
    return part


def closing(pattern: str, start: int) -> int:
    """Where the bracket that opens at `start` closes; the end where it does not."""
    depth = 0
    for index, step in _depths(pattern):
        depth += step if index >= start else 0
        if index >= start and depth == 0:
            return index
    return len(pattern)


def alternatives(pattern: str) -> list[str]:
    """The parts of a pattern between bars that stand in no bracket."""
    parts, start, depth = [], 0, 0
    for index, step in _depths(pattern):
        depth += step
        if pattern[index] == "|" and depth == 0:
            parts.append(pattern[start:index])
            start = index + 1
    return [*parts, pattern[start:]]


def _depths(pattern: str) -> list[tuple[int, int]]:
    """Each character outside character sets and escapes, with how much deeper it leads."""
    found, index, inside = [], 0, False
    while index < len(pattern):
        character = pattern[index]
        if character == "\\":
            index += 1
        elif inside or character == "[":
            inside = character != "]"
        else:
            found.append((index, (character == "(") - (character == ")")))
        index += 1
    return found
