"""`netmend evidence` reads what mending left behind."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from netmend.audit.source import Record, records
from netmend.commands.ambient import client
from netmend.errors import DRIFT, FINE, UsageError, one_line

HEAD = re.compile(r"([0-9]{1,12}):([0-9a-fA-F]{64})")

evidence = typer.Typer(name="evidence", help="Check the evidence of what was mended.")


@evidence.callback(no_args_is_help=True)
def group() -> None:
    """Check the evidence of what was mended."""


@evidence.command()
def verify(
    source: Annotated[str, typer.Argument(help="Folder, or s3://bucket/prefix, with the chain.")],
    head: Annotated[
        str,
        typer.Option(metavar="NUMBER:HASH", help="Newest record as you know it, kept elsewhere."),
    ] = "",
) -> int:
    """Check the hash chain of evidence.

    Names each record that was altered, removed or reordered; exit code 2 when there is one.
    """
    from netmend.audit import evidence as engine

    known = engine.Head(*parsed_head(head)) if head else None
    verification = engine.verify(read(source, one_chain=bool(head)), known)
    for problem in verification.problems:
        typer.echo(one_line(problem))  # it names files, which may be called anything
    typer.echo(f"{verification.count} records: {verification.message}")
    return FINE if verification.ok else DRIFT


def read(source: str, *, one_chain: bool) -> list[Record]:
    """The records of a source; with `one_chain` they must be those of one account and Region."""
    found = list(records(source, client))
    chains = sorted({name.rpartition("/")[0] for name, _ in found})
    if one_chain and len(chains) > 1:
        what = f"--head belongs to one chain, {source} holds {', '.join(chains)}"
        raise UsageError(what, "name one of them")
    return found


def parsed_head(text: str) -> tuple[int, str]:
    found = HEAD.fullmatch(text)
    if found is None:
        what = f"--head {text} is not NUMBER:HASH"
        raise UsageError(what, "for example --head 12:9f86d081..., with all 64 digits of the hash")
    return int(found[1]), found[2].lower()
