"""Texts of records are anybody's: what hides in one is made visible, and what is endless is cut."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

LONGEST: Final = 2000
"""Characters of one text that a page shows."""

LAYOUT: Final = "\n\t"


def visible(text: str, longest: int = LONGEST) -> str:
    """The text with controls, direction marks and the like as `⟨U+202E⟩`, cut where it is long."""
    kept = text[:longest]
    if not kept.isprintable():
        kept = "".join(one if one.isprintable() or one in LAYOUT else _named(one) for one in kept)
    return kept if len(text) <= longest else f"{kept} … (cut, it has {len(text):,} characters)"


def _named(character: str) -> str:
    return f"⟨U+{ord(character):04X}⟩"


def text(record: Any, *path: str) -> str:
    """What lies at `path` as text: '' where nothing does, JSON where it is no text."""
    found = at(record, *path)
    if found is None:
        return ""
    try:
        return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
    except RecursionError:  # how deep JSON may be depends on how deep the stack is already
        return "nested too deeply to be told"


ERRORS_FIELD: Final = r'"%s"\s*:\s*("(?:[^"\\]|\\.)*")'
"""A field of the document by which Lambda tells of an error, which may be cut short further on."""

STEP: Final = re.compile(r"(\w+): ")
AROUND: Final = re.compile(
    r"Step fails when it is Execute/Cancelling action\. *"
    r"| *Please refer to Automation Service Troubleshooting Guide for more diagnosis details\.$"
)
"""What Automation says of every failure alike."""


def own_error(said: str) -> str:
    """Of a failure its own words; of one that holds a whole error document its step and those."""
    message, kind = (_field(said, name) for name in ("errorMessage", "errorType"))
    if not (message or kind):
        return AROUND.sub("", said)
    step = STEP.match(said)
    parts = step[1] if step else "", kind if kind not in message else "", message
    return ": ".join(filter(None, parts))


def _field(said: str, name: str) -> str:
    found = re.search(ERRORS_FIELD % name, said)
    try:
        return str(json.loads(found[1], strict=False)).strip() if found else ""
    except ValueError:
        return found[1] if found else ""


def sentence(said: str) -> str:
    """With a full stop, where it has no end of its own."""
    return said if not said or said.endswith((".", "!", "?", "…")) else f"{said}."


def at(record: Any, *path: str) -> Any:
    """What lies at `path`, None where nothing does."""
    for name in path:
        if not isinstance(record, Mapping):
            return None
        record = record.get(name)
    return record


def items(record: Any, *path: str) -> Sequence[Any]:
    """The list at `path`; empty where there is none."""
    found = at(record, *path)
    return found if isinstance(found, list) else []


def texts(record: Any, *path: str) -> tuple[str, ...]:
    """The list at `path`, each element as text."""
    return tuple(text({"": one}, "") for one in items(record, *path))


def moment(said: str) -> datetime | None:
    """A time with its zone, or None where the text is none."""
    try:
        found = datetime.fromisoformat(said)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def between(first: str, last: str) -> float | None:
    """Seconds from one time to another, None where one is missing or they run backwards."""
    begun, ended = moment(first), moment(last)
    if begun is None or ended is None or ended < begun:
        return None
    return (ended - begun).total_seconds()


UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"))


def duration(seconds: float | None) -> str:
    """`0.31 s`, `42 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`."""
    if seconds is None:
        return "not known"
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"
    parts: list[str] = []
    rest = round(seconds)
    for size, unit in UNITS:
        if rest >= size or parts:
            parts.append(f"{rest // size} {unit}")
            rest %= size
    return " ".join([*parts, f"{rest} s"][:2])


def clock(said: str) -> str:
    """A time to the second; what is none, as it is said."""
    found = moment(said)
    return f"{found:%Y-%m-%d %H:%M:%S}" if found else said


BRIEF: Final = 300
LONG_LIST: Final = re.compile(r"((?:[0-9-]+, ?){7})(?:[0-9-]+, ?)+[0-9-]+")
"""More than eight ports or ranges."""


def unlisted(said: str) -> str:
    """The text with its long lists of ports cut; the whole stands elsewhere."""
    return LONG_LIST.sub(lambda found: f"{found[1].rstrip()} …", said)


def brief(said: str) -> str:
    """The text in at most a few lines."""
    cut = unlisted(said)
    return cut if len(cut) <= BRIEF else f"{cut[:BRIEF]} …"
