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


def append(record: Mapping[str, Any]) -> dict[str, Any]:
    """Store the record under the next free number; return it as stored.

    The ledger's head may lag behind the bucket: records found there are stepped over. A record of
    the same execution and kind is the one that an earlier attempt stored, and is not stored again.
    """
    number, previous = ledger.head()
    for _ in range(ATTEMPTS):
        data = seal(record, number + 1, previous or GENESIS)
        code = _put(record, number + 1, data)
        if not code:
            return unseal(data)
        if code == BEING_WRITTEN:
            continue
        found = fetch(record["account"], record["region"], number + 1)
        number, previous = number + 1, str(found["hash"])
        if (found["execution"], found["kind"]) == (record["execution"], record["kind"]):
            return found
    raise ChainBusyError(f"no free evidence number in {ATTEMPTS} attempts from {number}")


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


def beyond_head(account: str, region: str) -> list[dict[str, Any]]:
    """Records that the bucket holds and the ledger's head does not know of yet."""
    number, _ = ledger.head()
    found = []
    while True:
        number += 1
        try:
            found.append(fetch(account, region, number))
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return found
            raise
