"""Findings as lines of text, JSON, CSV or Markdown."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from io import StringIO
from typing import Final

from netmend.errors import one_line
from netmend.lint.runbook import Finding

SCHEMA_VERSION: Final = 1
COLUMNS: Final = tuple(field.name for field in fields(Finding))


def line(finding: Finding) -> str:
    """file:line:column: level id: reason - fix"""
    place = f"{finding.file}:{finding.line}:{finding.column}"
    told = f"{place}: {finding.level} {finding.id}: {finding.reason}"
    return one_line(f"{told} - {finding.fix}" if finding.fix else told)


def as_text(findings: Sequence[Finding]) -> str:
    return "".join(f"{line(finding)}\n" for finding in findings)


def as_json(findings: Sequence[Finding]) -> str:
    """{"schema_version": 1, "findings": [{file, line, column, level, id, reason, fix}]}"""
    told = {"schema_version": SCHEMA_VERSION, "findings": [asdict(one) for one in findings]}
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def as_csv(findings: Sequence[Finding]) -> str:
    written = StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows([_cell(value) for value in asdict(one).values()] for one in findings)
    return written.getvalue()


def as_markdown(findings: Sequence[Finding]) -> str:
    rows = [_row(COLUMNS), _row(["---"] * len(COLUMNS))]
    rows += [_row(one_line(str(value)) for value in asdict(one).values()) for one in findings]
    return "".join(rows)


def _cell(value: object) -> object:
    """A spreadsheet takes no cell of ours for a formula."""
    text = one_line(str(value)) if isinstance(value, str) else value
    return f"'{text}" if isinstance(text, str) and text.startswith(("=", "+", "-", "@")) else text


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


FORMATS: Final[Mapping[str, Callable[[Sequence[Finding]], str]]] = {
    "text": as_text,
    "json": as_json,
    "csv": as_csv,
    "md": as_markdown,
}
