"""Evidence is read from a folder or a bucket, whole or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from netmend.commands.ambient import told_in_one_line
from netmend.errors import UsageError, UserError

WHERE: Final = "name the folder, or the s3:// prefix, that holds <account>/<region>/"
ACCOUNT: Final = re.compile("[0-9]{12}")
BUCKET: Final = re.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")

Record = tuple[str, bytes]  # its name below the source, and its bytes
Clients = Callable[[str], Any]


def records(source: str, clients: Clients) -> Iterator[Record]:
    """Every record of a folder or s3:// prefix; clients: boto3 client by service name.

    Raises UserError where one can't be read, or where there is none.
    """
    if not source:
        raise UsageError("the source has no name", WHERE)
    is_bucket = source.startswith("s3://")
    found = s3_records(source, clients) if is_bucket else folder_records(Path(source))
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


def s3_records(uri: str, clients: Clients) -> Iterator[Record]:
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    if not BUCKET.fullmatch(bucket):
        raise UsageError(f"{uri} names no bucket", "write s3://BUCKET/PREFIX")
    with told_in_one_line():
        s3 = clients("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            for found in page.get("Contents", ()):
                key = found["Key"]
                if key.endswith(".json"):
                    yield key, s3.get_object(Bucket=bucket, Key=key)["Body"].read()
