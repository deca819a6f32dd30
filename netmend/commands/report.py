"""`netmend report` shows what drifted, what was done about it, and what proves it."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netmend.commands.ambient import client
from netmend.commands.evidence import parsed_head, read
from netmend.errors import COULD_NOT, DRIFT, FINE, UsageError, UserError, one_line

if TYPE_CHECKING:
    from netmend.audit.report import Report


class Format(StrEnum):
    """What a report is written as."""

    html = "html"
    json = "json"
    md = "md"


def report(
    source: Annotated[
        str | None,
        typer.Argument(help="Folder, or s3://bucket/prefix, with evidence; without it, AWS now."),
    ] = None,
    head: Annotated[
        str,
        typer.Option(metavar="NUMBER:HASH", help="Newest record as you know it, kept elsewhere."),
    ] = "",
    out: Annotated[str | None, typer.Option(help="File to write; without it, stdout.")] = None,
    form: Annotated[
        Format, typer.Option("--format", help="A page, all of it as data, or a text.")
    ] = Format.html,
) -> int:
    """Report what drifted and what was done.

    Tells what was mended or refused, what waits for a person, and what proves it. Exit code 2 when
    the evidence has problems, 1 when something could not be read; the report is written all the
    same and says so first.
    """
    if out == "":
        raise UsageError("--out names no file", "give one, or leave --out away for stdout")
    if form is Format.html and not out and sys.stdout.isatty():
        raise UsageError("a page is not for a terminal", "add --out report.html, or --format md")
    from netmend.audit.page import FORMATS, verification

    made = made_at()
    found = of_account(head, made) if source is None else of_source(source, head, made)
    deliver(FORMATS[form.value](found), out)
    for one in found.unread:
        typer.echo(one_line(f"unread: {one.name}: {one.problem}"), err=True)
    typer.echo(f"{found.verdict}: {verification(found)}", err=True)
    if found.unread:
        return COULD_NOT
    return DRIFT if found.problems else FINE


def deliver(text: str, out: str | None) -> None:
    """To the file, whose name is told, or to stdout."""
    # A page says that it is UTF-8, whatever the terminal is; names of files may be no text at all.
    body = text.encode("utf-8", "replace")
    if out:
        write(Path(out), body)
        typer.echo(out)
    else:
        typer.echo(text if sys.stdout.isatty() else body, nl=False)


def of_source(source: str, head: str, made: str) -> Report:
    from netmend.audit.evidence import Head
    from netmend.audit.report import build

    known = Head(*parsed_head(head)) if head else None
    records = read(source, one_chain=bool(head))
    return build(records, made=made, source=source, head=known, head_from="the caller")


def of_account(head: str, made: str) -> Report:
    from netmend.audit import live
    from netmend.audit.evidence import Head
    from netmend.audit.report import of_live

    known = Head(*parsed_head(head)) if head else None
    return of_live(live.read(client), made=made, head=known)


def made_at() -> str:
    """Now; or SOURCE_DATE_EPOCH, with which equal evidence gives equal bytes."""
    from rules.netlib import clock
    from rules.netlib.evidence import stamp

    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not given:
        return stamp(clock.now())
    try:
        return stamp(datetime.fromtimestamp(int(given), UTC))
    except (ValueError, OverflowError, OSError) as error:
        raise UserError(f"SOURCE_DATE_EPOCH is {given}", "make it seconds since 1970") from error


def write(path: Path, body: bytes) -> None:
    """The file and, where they are missing, the folders above it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    except OSError as error:
        hint = "name a file that you may write"
        raise UserError(f"{path}: cannot be written: {error.strerror}", hint) from error
