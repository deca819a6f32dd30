"""A lane of the flow becomes boxes with places and lines of text that fit into them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Final, NamedTuple

from netmend.audit.flow import Lane, Target

CHARACTER: Final = 6.8
"""Width of a character of the drawing's monospaced type, with something to spare."""

LINE, TOP, PAD, GAP, AFTER, APART = 16, 50, 14, 40, 6, 7
WIDE, NARROW = 1100, 330
ACROSS: Final = 4
"""Steps beside each other in the wide layout."""


class Line(NamedTuple):
    """One line of a box. tone: name, note, or change for what may change AWS."""

    x: float
    y: float
    text: str
    tone: str


class Box(NamedTuple):
    """One of source, event, target, action."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    lines: tuple[Line, ...]


class Arrow(NamedTuple):
    """From the edge of one box to the next."""

    x1: float
    y1: float
    x2: float
    y2: float


class Drawing(NamedTuple):
    """A lane in one layout, wide or narrow."""

    layout: str
    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


Words = tuple[str, str]  # tone, text
Item = list[Words]
Part = tuple[str, list[Item]]  # kind of a box, and what is in it


def draw(lane: Lane) -> tuple[Drawing, Drawing]:
    """The same lane for wide pages, its steps below, and from top to bottom for narrow ones."""
    parts: list[Part] = [
        ("Source", list(_source(lane)) or [[("note", "not named")]]),
        ("Event", [_event(lane)]),
        ("Target", [_target(target) for target in lane.targets] or [[("note", "nothing")]]),
        ("Action", list(_steps(lane)) or [[("note", "nothing is started")]]),
    ]
    return _wide(parts), _narrow(parts)


def _source(lane: Lane) -> Iterable[Item]:
    for rule in lane.rules:
        yield [
            ("name", rule.name),
            ("note", f"AWS Config rule of pack {rule.pack}"),
            ("note", f"judged by {rule.judged_by}"),
            *(("note", kind) for kind in rule.kinds),
        ]
    if not lane.rules:
        yield [("name", value) for key, value in lane.pattern if key == "source"]


def _event(lane: Lane) -> Item:
    takes = "EventBridge rule, takes" if lane.event else "no EventBridge rule takes it up"
    pattern = (f"{key.rpartition('.')[2]} = {value}" for key, value in lane.pattern)
    return [("name", lane.event or "none"), ("note", takes), *(("note", one) for one in pattern)]


def _target(target: Target) -> Item:
    kept = (
        ("started as", target.role),
        ("retried", target.retries),
        ("else to", target.dead_letters),
    )
    return [
        ("name", target.name),
        ("note", "Automation document" if target.steps else target.arn),
        *(("note", f"{word} {value}") for word, value in kept if value),
    ]


def _steps(lane: Lane) -> Iterable[Item]:
    for target in lane.targets:
        for number, step in enumerate(target.steps, start=1):
            tone, said = ("change", " (changes AWS)") if step.changes else ("name", "")
            yield [(tone, f"{number} {step.name}{said}"), ("note", step.does)]


def _wide(parts: list[Part]) -> Drawing:
    """Source, event and target beside each other; under them the steps, in columns."""
    width = (WIDE - 2 * GAP) / 3
    above = [
        (kind, number * (width + GAP), *_column(items, number * (width + GAP), 0, width))
        for number, (kind, items) in enumerate(parts[:3])
    ]
    high = max(bottom for _, _, _, bottom in above)
    boxes = [Box(kind, x, 0, width, high, lines) for kind, x, lines, _ in above]
    boxes.append(_steps_box(parts[3], high + GAP))
    arrows = [Arrow(b.x + width + AFTER, 28, b.x + width + GAP - AFTER, 28) for b in boxes[:2]]
    middle = boxes[2].x + width / 2
    arrows.append(Arrow(middle, high + AFTER, middle, high + GAP - AFTER))
    return Drawing("wide", WIDE, boxes[3].y + boxes[3].height, tuple(boxes), tuple(arrows))


def _steps_box(part: Part, y: float) -> Box:
    kind, items = part
    rows = -(-len(items) // ACROSS)
    width = WIDE / ACROSS
    columns = [
        _column(items[first : first + rows], number * width, y, width)
        for number, first in enumerate(range(0, len(items), rows))
    ]
    lines = tuple(line for found, _ in columns for line in found)
    return Box(kind, 0, y, WIDE, max(bottom for _, bottom in columns) - y, lines)


def _narrow(parts: list[Part]) -> Drawing:
    boxes: list[Box] = []
    top = 0.0
    for kind, items in parts:
        lines, bottom = _column(items, 0, top, NARROW)
        boxes.append(Box(kind, 0, top, NARROW, bottom - top, lines))
        top = bottom + GAP
    middle = NARROW / 2
    tops = [box.y for box in boxes[1:]]
    arrows = tuple(Arrow(middle, y - GAP + AFTER, middle, y - AFTER) for y in tops)
    return Drawing("narrow", NARROW, top - GAP, tuple(boxes), arrows)


def _column(
    items: Iterable[Item], x: float, y: float, width: float
) -> tuple[tuple[Line, ...], float]:
    """The lines of items below each other, and where a box around them ends."""
    lines: list[Line] = []
    below = y + TOP
    for item in items:
        for tone, said in item:
            for part in _wrapped(said, int((width - 2 * PAD) / CHARACTER)):
                lines.append(Line(x + PAD, below, part, tone))
                below += LINE
        below += APART
    return tuple(lines), below - APART


def _wrapped(said: str, most: int) -> list[str]:
    """Broken at spaces, and in names that are longer than a line after one of their hyphens."""
    return textwrap.wrap(said, most, subsequent_indent="  ", break_on_hyphens=True) or [""]
