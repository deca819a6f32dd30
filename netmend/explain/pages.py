"""A rule's page in the terminal, as JSON, and as the Markdown that is committed."""

from __future__ import annotations

import json
import re
from typing import Final

import typer

from netmend import catalog as catalogs
from netmend.explain import page, sheet
from netmend.explain.model import SCHEMA_VERSION
from netmend.explain.page import Page
from netmend.explain.sections import Block, Code, Prose, Table, facts, sections
from netmend.rendering.pages import markdown

ITEM: Final = re.compile(r"(?P<mark>[-*]|\d+\.) +")
MARKUP: Final = re.compile(r"\*\*|`")
WIDEST_TERM: Final = 24


def names() -> list[str]:
    """Every rule of the catalog."""
    return [control.rule for control in catalogs.load().controls]


def find(name: str) -> Page | None:
    """The page of a rule by its folder or its name in Config, with or without a pack's suffix."""
    folder = name.partition("-conformance-pack-")[0].removeprefix("netmend-")
    wanted = folder.replace("-", "_").upper()
    catalog = catalogs.load()
    if wanted not in [control.rule for control in catalog.controls]:
        return None
    return next((one for one in page.of_disk(catalog) if one.rule == wanted), None)


def show(found: Page, form: str) -> None:
    """The page on stdout: text, json or md."""
    if form == "md":
        typer.echo(markdown(found), nl=False)
    elif form == "json":
        typer.echo(
            json.dumps({"schema_version": SCHEMA_VERSION, "page": found.to_json()}, indent=2)
        )
    else:
        sheet.show(lines(found, sheet.width()))


def lines(found: Page, columns: int) -> list[sheet.Line]:
    """The page as lines for a terminal."""
    told = sheet.Sheet(columns)
    told.text(found.rule, style="bold")
    told.text(found.description)
    told.gap()
    told.pairs((term, bare(value)) for term, value in facts(found))
    for heading, blocks in sections(found):
        told.heading(heading)
        for number, block in enumerate(blocks):
            if number:
                told.gap()
            _block(told, block)
    return told.lines


def bare(text: str) -> str:
    """Markdown's marks taken away."""
    return MARKUP.sub("", text)


def _block(told: sheet.Sheet, block: Block) -> None:
    if isinstance(block, Code):
        for line in block.lines:
            told.lines.append(sheet.Line(f"  {line}", "cyan"))
    elif isinstance(block, Prose):
        _prose(told, block.text)
    else:
        _table(told, block)


def _prose(told: sheet.Sheet, text: str) -> None:
    """Paragraphs and list items, each wrapped anew."""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        told.gap()
        for item in re.split(r"\n(?=(?:[-*]|\d+\.) )", paragraph):
            mark = ITEM.match(item)
            first = f"  {mark['mark']} " if mark else "  "
            told.text(bare(item[mark.end() :] if mark else item), first)


def _table(told: sheet.Sheet, table: Table) -> None:
    rows = [[bare(cell) for cell in row] for row in table.rows]
    if "action" in table.head:
        rows = [[row[0], row[-1]] for row in rows]
    if len(rows[0]) == 2 and max(len(row[0]) for row in rows) <= WIDEST_TERM:
        told.pairs((row[0], row[1]) for row in rows)
        return
    for number, (term, *cells) in enumerate(rows):
        if number and len(cells) > 2:
            told.gap()
        told.text(term, "  ", rest="      ", style="bold")
        for head, cell in zip(table.head[1:], cells, strict=True):
            if head == "means":
                told.text(cell, "      ")
            elif cell:
                told.text(f"{head} {cell}", "      ", rest="          ")
