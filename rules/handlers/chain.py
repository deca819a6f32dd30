"""Evidence is appended by a put that can only succeed once for each number."""

import os
from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from rules.handlers import ledger
from rules.handlers.clients import client
from rules.netlib.evidence import GENESIS, key, seal, unseal

TAKEN: Final = "PreconditionFailed"
BEING_WRITTEN: Final = "ConditionalRequestConflict"
ATTEMPTS: Final = 50


class ChainBusyError(RuntimeError):
    """Every number that was tried was taken by another run at that moment."""


def append(
    record: Mapping[str, Any], known: int = 0, before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Store the record under the next free number; return it as stored.

    The ledger's head may lag behind the bucket: records found there are stepped over, and noted
    in the ledger, for nobody looks for them below the head. A record that says the same of the
    same run is the one that an earlier attempt stored, and is not stored again.
    known: number of the record that the lease names already, 0 for none. before: a record of the
    chain, below which there is no free number: looking begins there, and not at the head.
    """
    number, previous, earlier = (before["number"], before["hash"], 0) if before else _newest(record)
    stored = _stored(record, known or earlier)
    if stored:
        return stored
    for _ in range(ATTEMPTS):
        data = seal(record, number + 1, previous or GENESIS)
        code = _put(record, number + 1, data)
        if not code:
            return unseal(data)
        if code == BEING_WRITTEN:
            continue
        found = fetch(record["account"], record["region"], number + 1)
        if _is_same(found, record):
            return found
        if before and ledger.head()[0] > number:
            return append(record)
        before = None
        ledger.note(found)
        number, previous = number + 1, str(found["hash"])
    if previous:
        ledger.move_head(number, previous)  # the next attempt begins there
    raise ChainBusyError(f"no free evidence number up to {number + 1}: run it again")


def _newest(record: Mapping[str, Any]) -> tuple[int, str, int]:
    """(number, hash) of the newest record, and the number under which this one may be stored."""
    number, previous = ledger.head()
    if number:
        return number, previous, _noted(record)
    # The first record of all, or a ledger that was lost with all that it told.
    number, previous = end(record["account"], record["region"])
    return number, previous, number


def end(account: str, region: str) -> tuple[int, str]:
    """(number, hash) of the last record in the bucket; (0, '') where there is none."""
    pages = (
        client("s3")
        .get_paginator("list_objects_v2")
        .paginate(Bucket=os.environ["NETMEND_EVIDENCE_BUCKET"], Prefix=f"{account}/{region}/")
    )
    keys = [found["Key"] for page in pages for found in page.get("Contents", [])]
    if not keys:
        return 0, ""
    number = int(keys[-1].rpartition("/")[2].removesuffix(".json"))
    return number, str(fetch(account, region, number)["hash"])


def _stored(record: Mapping[str, Any], number: int) -> dict[str, Any] | None:
    """Record `number`, if an earlier attempt stored this one there."""
    found = fetch(record["account"], record["region"], number) if number else None
    return found if found and _is_same(found, record) else None


def _noted(record: Mapping[str, Any]) -> int:
    """The number of its run's outcome in the ledger, if this is one; 0 for none.

    Read after the head: what others step over they note before they move the head.
    """
    if record["kind"] != "outcome":
        return 0
    held = ledger.lease(record["resource"])
    if held and held.owner == record["execution"]:
        return held.outcome
    last = ledger.last(record["control"], record["resource"])
    return int(last["evidence"]) if last.get("execution") == record["execution"] else 0


def _is_same(found: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    """A run has one outcome; it has another intent or question where it plans something else."""
    names = ("execution", "kind", *(() if record["kind"] == "outcome" else ("digest",)))
    return all(found.get(name) == record.get(name) for name in names)


def _put(record: Mapping[str, Any], number: int, data: bytes) -> str:
    try:
        client("s3").put_object(
            Bucket=os.environ["NETMEND_EVIDENCE_BUCKET"],
            Key=key(record["account"], record["region"], number),
            Body=data,
            ContentType="application/json",
            IfNoneMatch="*",
        )
    except ClientError as error:
        code = str(error.response["Error"]["Code"])
        if code in (TAKEN, BEING_WRITTEN):
            return code
        raise
    return ""


def fetch(account: str, region: str, number: int) -> dict[str, Any]:
    """Record `number`, with its own hash checked."""
    answer = client("s3").get_object(
        Bucket=os.environ["NETMEND_EVIDENCE_BUCKET"], Key=key(account, region, number)
    )
    return unseal(answer["Body"].read())


def catch_up(account: str, region: str) -> None:
    """Note in the ledger what the records beyond its head say."""
    number, _ = ledger.head()
    while True:
        number += 1
        try:
            found = fetch(account, region, number)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return
            raise
        ledger.note(found)
