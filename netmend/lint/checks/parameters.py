"""A parameter has a type, a default of that type, and a pattern that means what it seems to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import regex

from netmend.errors import did_you_mean
from netmend.lint import patterns
from netmend.lint.names import base_type
from netmend.lint.runbook import Problem, Runbook, a_kind, listing, table
from netmend.lint.source import Path
from netmend.lint.tables import MAX_FILES, MAX_PARAMETERS
from netmend.sandbox.automation.errors import DocumentError
from netmend.sandbox.automation.loading import MAX_BYTES
from netmend.sandbox.automation.parameters import TEXTS, Parameter
from netmend.sandbox.automation.references import REFERENCE
from netmend.sandbox.automation.values import TYPES, text
from netmend.sandbox.automation.variables import Variable

VALID: Final = "Name"
SURROGATES: Final = regex.compile(r"\\u([dD][89abAB]\w\w)\\u([dD][c-fC-F]\w\w)")


def check(runbook: Runbook) -> Iterator[Problem]:
    yield from _sizes(runbook)
    yield from _variables(runbook)
    for name, entry in runbook.parameters.items():
        path = ("parameters", name)
        if not (name.isascii() and name.isalnum()):
            reason = f"the parameter name {name} has other characters than letters and digits"
            yield Problem("parameter-name", path, reason, "leave those out", key=True)
        elif not base_type(table(entry).get("type")):
            yield _type(table(entry).get("type"), path)
        else:
            yield from _default(name, entry, path)
            yield from _pattern(entry.get("allowedPattern"), (*path, "allowedPattern"))


def _variables(runbook: Runbook) -> Iterator[Problem]:
    for name, entry in runbook.variables.items():
        path, kind = ("variables", name), table(entry).get("type")
        if str(kind) not in TYPES:
            yield _type(kind, path)
            continue
        try:
            Variable.parse(VALID, {"type": str(kind), "default": entry.get("default")})
        except DocumentError:
            fix = f"write {a_kind(str(kind))}, or leave the default out"
            yield Problem("default-type", (*path, "default"), f"the default is no {kind}", fix)


def _sizes(runbook: Runbook) -> Iterator[Problem]:
    size = len(runbook.source.text.encode())
    if size > MAX_BYTES:
        reason = f"the document has {size} bytes, and AWS takes {MAX_BYTES}"
        yield Problem("document-size", (), reason, "move scripts to attachments, steps to a child")
    for key, most in (("files", MAX_FILES), ("parameters", MAX_PARAMETERS)):
        found = runbook.tree.get(key)
        count = len(found) if isinstance(found, dict | list) else 0
        if count > most:
            reason = f"there are {count} {key}, and AWS takes {most}"
            yield Problem("over-limit", (key,), reason, "do with fewer", key=True)


def _type(written: Any, path: Path) -> Problem:
    if written is None:
        return Problem("parameter-type", path, "its type is not said", "add type", key=True)
    fix = did_you_mean(str(written), [*TYPES, *TEXTS])
    return Problem("parameter-type", (*path, "type"), f"there is no type {written}", fix)


def _default(name: str, entry: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    default = entry.get("default")
    kind, path = base_type(entry["type"]), (*path, "default")
    try:
        Parameter.parse(name, {"type": entry["type"], "default": default})
    except DocumentError:
        reason = f"the default is no {kind}"
        yield Problem(
            "default-type", path, reason, f"write {a_kind(kind)}, or leave the default out"
        )
        return
    allowed = [text(one) for one in listing(entry.get("allowedValues"))]
    if default is None or not allowed or REFERENCE.search(str(default)):
        return
    for value in default if isinstance(default, list) else [default]:
        if text(value) not in allowed:
            reason = f"the default {text(value)!r} is not among the allowedValues"
            yield Problem("default-not-allowed", path, reason, did_you_mean(text(value), allowed))


def _pattern(pattern: Any, path: Path) -> Iterator[Problem]:
    if not isinstance(pattern, str) or not pattern:
        return
    try:
        regex.compile(SURROGATES.sub(_character, pattern), flags=regex.VERSION1)
    except regex.error as error:
        reason = f"the pattern does not compile: {error}"
        yield Problem("pattern-invalid", path, reason, "write a Java regular expression")
        return
    loose = [part for part in patterns.alternatives(pattern) if not patterns.is_anchored(part)]
    if loose:
        reason = f"{loose[0]} matches anywhere in a value, whatever stands around it"
        yield Problem("pattern-unanchored", path, reason, "begin it with ^ and end it with $")


def _character(pair: regex.Match[str]) -> str:
    """Java reads two escapes of 16 bits as the one character that they stand for."""
    high, low = (int(half, 16) for half in pair.groups())
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08X}"
