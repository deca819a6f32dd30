"""Every evidence record carries the hash of the one before, so none can change unseen."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

SCHEMA: Final = "netmend-evidence/1"
GENESIS: Final = "0" * 64
"""`previous` of the first record of a chain."""


class EvidenceError(ValueError):
    """A record that cannot be read as one of ours; the message says what is wrong with it."""


def canonical(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces: equal values give equal bytes."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
    )
    return text.encode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return stamp(value)
    raise TypeError(f"{type(value).__name__} has no place in evidence")


def stamp(moment: datetime) -> str:
    """UTC with milliseconds and a Z, the way AWS Config writes times."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def sha256(data: bytes) -> str:
    """Hex digest."""
    return hashlib.sha256(data).hexdigest()


def seal(record: Mapping[str, Any], number: int, previous: str) -> bytes:
    """The bytes of the record at `number`, whose predecessor has the hash `previous`."""
    linked = {**record, "schema": SCHEMA, "number": number, "previous": previous}
    return canonical({**linked, "hash": sha256(canonical(linked))})


def unseal(data: bytes) -> dict[str, Any]:
    """The record in `data`, whose own hash has been checked; raises `EvidenceError`.

    A hash of what is parsed says nothing of spaces or of keys told twice, hence the bytes are
    compared as well.
    """
    record, sealed = _parsed(data)
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise EvidenceError(f"does not say schema {SCHEMA}")
    if type(record.get("number")) is not int or not isinstance(record.get("previous"), str):
        raise EvidenceError("has no number or no previous hash")
    content = {name: value for name, value in record.items() if name != "hash"}
    if record.get("hash") != sha256(canonical(content)):
        raise EvidenceError("was altered: its content does not have the hash that it states")
    if sealed != data:
        raise EvidenceError("was altered: its bytes are not the ones that were sealed")
    return record


def _parsed(data: bytes) -> tuple[Any, bytes]:
    """The value in `data`, and the bytes that it has when it is sealed."""
    try:
        value = json.loads(data)
        return value, canonical(value)
    except RecursionError:
        raise EvidenceError("is not JSON of ours (it is nested too deeply)") from None
    except ValueError as error:
        raise EvidenceError(f"is not JSON ({error})") from None


def key(account: str, region: str, number: int) -> str:
    """Where record `number` of a chain lies in the evidence bucket."""
    return f"{account}/{region}/{number:012d}.json"
