"""The block style in which `netmend render` writes YAML is read back, without a YAML library."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

COMMENT: Final = re.compile(r"(^|\s)#.*$")
KEY: Final = re.compile(r"(?P<key>[A-Za-z][\w:.-]*):(?: (?P<value>.+))?$")
TAG: Final = re.compile(r"^![A-Za-z]+ ")
STEP: Final = re.compile(
    r"^  - name: (?P<name>\w+)\n    action: (?P<action>\S+)\n"
    r"(?:    description: (?P<does>.+(?:\n {6,}\S.*)*)\n)?",
    re.MULTILINE,
)


def steps(document: str) -> Iterator[tuple[str, str, str]]:
    """Name, action and description of each step of a runbook's text, in order."""
    for match in STEP.finditer(document):
        yield match["name"], match["action"], scalar(" ".join((match["does"] or "").split()))


def description(document: str) -> str:
    """The runbook's own description: the literal block at its top."""
    found = re.search(r"^description: \|-?\n((?:  .*\n|\n)+)", document, re.MULTILINE)
    return re.sub(r"^  ", "", found[1], flags=re.MULTILINE) if found else ""


def resources(template: str) -> Iterator[str]:
    """The text of each resource of a template, its name left out."""
    body = template.partition("\nResources:\n")[2].partition("\nOutputs:\n")[0]
    return (part for part in re.split(r"^  \w+:\n", body, flags=re.MULTILINE) if part.strip())


def read(text: str) -> Any:
    """Maps, lists and texts; tags are taken for what they stand before."""
    lines = [COMMENT.sub("", line).rstrip() for line in text.splitlines()]
    return _value([line for line in lines if line])


def _value(lines: list[str]) -> Any:
    first = lines[0].lstrip()
    indent = len(lines[0]) - len(first)
    parts = list(_parts(lines, indent))
    if first.startswith("- "):
        return [_value([f"{' ' * (indent + 2)}{p[0].lstrip()[2:]}", *p[1:]]) for p in parts]
    keys = [KEY.match(part[0].lstrip()) for part in parts]
    if keys[0] is None:
        return scalar(first)
    return {
        key["key"]: scalar(key["value"]) if key["value"] else _value(part[1:]) if part[1:] else ""
        for key, part in zip(keys, parts, strict=True)
        if key
    }


def _parts(lines: list[str], indent: int) -> Iterator[list[str]]:
    """The lines of each member of a map or a list."""
    part: list[str] = []
    for line in lines:
        if part and len(line) - len(line.lstrip()) == indent:
            yield part
            part = []
        part.append(line)
    yield part


def scalar(text: str) -> str:
    """A text as it is meant, its tag and its quotes taken away."""
    bare = TAG.sub("", text)
    return str(json.loads(bare)) if bare.startswith('"') and bare.endswith('"') else bare
