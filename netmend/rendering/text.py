"""Rendered text is a fragment with its names filled in, put between two markers of a file."""

from __future__ import annotations

import json
import re
import string
import textwrap
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from netmend.catalog import short
from netmend.errors import UserError

FRAGMENTS: Final = Path(__file__).resolve().parent.parent / "templates"
BEGIN: Final = re.compile(r"^ *# >>> rendered by `netmend render`: (?P<name>\S.*)$")
END: Final = re.compile(r"^ *# <<< rendered: (?P<name>\S.*)$")
"""Markers bear the region's name, because remediation.yaml holds documents with markers inside."""
PLAIN: Final = re.compile(r"[A-Za-z]([\w:/.*${}-]*[\w/.*}])?")
NOT_TEXT: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
"""What YAML 1.1 reads as something else."""

LINE: Final = re.compile(r"^%(\w+)\n", re.MULTILINE)


class RenderError(UserError):
    """A source can't be rendered; `line` is where in it, 0 where that is not known."""

    def __init__(self, path: Path, line: int, what: str, fix: str) -> None:
        super().__init__(f"{short(path)}{f':{line}' if line else ''}: {what}", fix)


class _Fragment(string.Template):
    # CloudFormation and JSONPath own the dollar.
    delimiter = "%"


@cache
def _fragment(name: str) -> str:
    return (FRAGMENTS / name).read_text(encoding="utf-8")


def fill(name: str, /, **values: str) -> str:
    """The fragment with each `%name` replaced; a line of its own whose value is empty goes."""
    text = LINE.sub(lambda m: "" if values[m[1]] == "" else m[0], _fragment(name))
    return _Fragment(text).substitute(values).rstrip("\n")


def lines(items: Iterable[str], indent: int) -> str:
    """A YAML list, one item a line, indented by `indent` columns."""
    return "\n".join(f"{' ' * indent}- {item}" for item in items)


def quoted(text: str) -> str:
    """A double-quoted YAML scalar."""
    return json.dumps(text, ensure_ascii=False)


def indented(text: str, indent: int) -> str:
    """The text for a literal block scalar: each line that is not empty moved to the right."""
    return textwrap.indent(text.rstrip("\n"), " " * indent)


def block(value: Any, indent: int) -> str:
    """JSON as YAML's block style; a text with `${` in it gets CloudFormation's `!Sub`."""
    pad = " " * indent
    if isinstance(value, Mapping):
        pairs = ((_plain(key), _value(item, indent)) for key, item in value.items())
        return "\n".join(f"{pad}{key}:{text}" for key, text in pairs)
    if isinstance(value, list):
        items = (block(item, indent + 2).removeprefix(f"{pad}  ") for item in value)
        return "\n".join(f"{pad}- {item}" for item in items)
    return f"{pad}{_scalar(value)}"


def _value(value: Any, indent: int) -> str:
    if isinstance(value, (Mapping, list)):
        return "\n" + block(value, indent + 2)
    return " " + _scalar(value)


def _scalar(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    return f"!Sub {_plain(value)}" if "${" in value else _plain(value)


def _plain(text: str) -> str:
    return text if PLAIN.fullmatch(text) and text.lower() not in NOT_TEXT else quoted(text)


def replace_regions(path: Path, text: str, bodies: Mapping[str, str]) -> str:
    """The file's text with each marked region holding its body; raises `RenderError`.

    Each body has exactly one region of its name, and each region a body.
    """
    result: list[str] = []
    opened, seen = "", []
    for number, line in enumerate(text.splitlines(), start=1):
        begin, end = BEGIN.match(line), END.match(line)
        if opened:
            if end and end["name"] == opened:
                opened = ""
                result.append(line)
        elif begin:
            opened = begin["name"]
            if opened not in bodies or opened in seen:
                raise RenderError(path, number, "this region is not expected", "take it out")
            seen.append(opened)
            result += [line, *bodies[opened].splitlines()]
        elif end:
            raise RenderError(path, number, "no region ends here", "take it out")
        else:
            result.append(line)
    missing = opened or next((name for name in bodies if name not in seen), "")
    if missing:
        raise RenderError(
            path, 0, f"the region {missing!r} is missing or open", "restore its markers"
        )
    return "\n".join(result) + "\n"
