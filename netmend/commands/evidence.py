"""`netmend evidence` reads what mending left behind."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from netmend.commands.ambient import client, told_in_one_line
from netmend.errors import DRIFT, FINE, UsageError, UserError

evidence = typer.Typer(name="evidence", help="Check the evidence of what was mended.")

WHERE = "name the folder, or the s3:// prefix, that holds <account>/<region>/"

ACCOUNT = re.compile("[0-9]{12}")

Record = tuple[str, bytes]  # its name below the source, and its bytes


@evidence.callback(no_args_is_help=True)
def group() -> None:
    """Check the evidence of what was mended."""


@evidence.command()
def verify(
    source: Annotated[str, typer.Argument(help="Folder, or s3://bucket/prefix, with the chain.")],
    head: Annotated[
        str, typer.Option(help="Newest record as you know it, NUMBER:HASH, kept elsewhere.")
    ] = "",
) -> int:
    """Name each record that was altered, removed or reordered; exit code 2 when there is one."""
    from netmend.audit import evidence as engine

    known = engine.Head(*parsed_head(head)) if head else None
    found = list(records(source))
    chains = sorted({name.rpartition("/")[0] for name, _ in found})
    if known and len(chains) > 1:
        what = f"--head belongs to one chain, {source} holds {', '.join(chains)}"
        raise UsageError(what, "name one of them")
    verification = engine.verify(found, known)
    for problem in verification.problems:
        typer.echo(problem)
    typer.echo(f"{verification.count} records: {verification.message}")
    return FINE if verification.ok else DRIFT


def parsed_head(text: str) -> tuple[int, str]:
    number, _, digest = text.partition(":")
    if not number.isdecimal() or not digest:
        raise UsageError(f"--head {text} is not NUMBER:HASH", "for example --head 12:9f86d081...")
    return int(number), digest


def records(source: str) -> Iterator[Record]:
    found = s3_records(source) if source.startswith("s3://") else folder_records(Path(source))
    first = next(found, None)
    if first is None:
        raise UserError(f"no evidence in {source}", WHERE)
    yield first
    yield from found


def folder_records(folder: Path) -> Iterator[Record]:
    named = named_from(folder)
    try:
        for place, _, names in os.walk(folder, onerror=refuse):
            for name in sorted(names):
                path = Path(place, name)
                if path.suffix == ".json":
                    yield (named / path.relative_to(folder)).as_posix(), path.read_bytes()
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be read: {error.strerror}", WHERE) from error


def named_from(folder: Path) -> Path:
    """What precedes the names in a folder: the account, and Region, that the folder is of."""
    whole = Path(os.path.realpath(folder))  # resolve would raise on a link to itself
    if ACCOUNT.fullmatch(whole.parent.name):
        return Path(whole.parent.name, whole.name)
    return Path(whole.name) if ACCOUNT.fullmatch(whole.name) else Path()


def refuse(error: OSError) -> None:
    raise error  # os.walk would leave out what it can't list


def s3_records(uri: str) -> Iterator[Record]:
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    with told_in_one_line():
        s3 = client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            for found in page.get("Contents", ()):
                key = found["Key"]
                if key.endswith(".json"):
                    yield key, s3.get_object(Bucket=bucket, Key=key)["Body"].read()
