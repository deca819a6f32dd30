"""PutEvents: each entry is taken or refused by itself, also by a bus of another account."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.events import bus, permits

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

MOST_ENTRIES: Final = 10
LARGEST_REQUEST: Final = 1_048_576
REQUIRED: Final = ("Source", "DetailType", "Detail")


class EntryError(Exception):
    """One entry of PutEvents is refused; the others are not."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@operation("events", "PutEvents")
def put_events(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Each entry is taken or refused by itself."""
    entries = call.params["Entries"]
    _check_size(entries)
    results = [_put_entry(sandbox, call, entry) for entry in entries]
    failed = sum("ErrorCode" in result for result in results)
    return {"FailedEntryCount": failed, "Entries": results}


def _check_size(entries: list[dict[str, Any]]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise ApiError(
            "ValidationException",
            f"1 validation error detected: Value '{len(entries)} entries' at 'entries' failed to "
            f"satisfy constraint: Member must have length less than or equal to {MOST_ENTRIES}",
        )
    if sum(map(_size, entries)) >= LARGEST_REQUEST:
        raise ApiError(
            "ValidationException", "Total size of the entries in the request is over the limit."
        )


def _size(entry: dict[str, Any]) -> int:
    texts = [*(str(entry.get(name, "")) for name in REQUIRED), *(entry.get("Resources") or ())]
    time = 14 if entry.get("Time") else 0  # what EventBridge counts for a time
    return time + sum(len(text.encode()) for text in texts)


def _put_entry(sandbox: Sandbox, call: ApiCall, entry: dict[str, Any]) -> dict[str, Any]:
    try:
        detail = _detail(entry)
        account, region, name = _bus(call, entry.get("EventBusName") or bus.DEFAULT_BUS)
    except EntryError as error:
        return {"ErrorCode": error.code, "ErrorMessage": str(error)}
    event = bus.envelope(
        sandbox,
        call.account,
        call.region,
        entry["Source"],
        entry["DetailType"],
        detail,
        entry.get("Resources") or (),
        entry.get("Time"),
    )
    bus.route(sandbox, account, region, name, event)
    return {"EventId": event["id"]}


def _detail(entry: dict[str, Any]) -> dict[str, Any]:
    for name in REQUIRED:
        if not entry.get(name):
            reason = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            raise EntryError("InvalidArgument", reason)
    if entry["Source"].startswith("aws."):
        raise EntryError("NotAuthorizedForSourceException", "Not authorized for the source.")
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        raise EntryError("MalformedDetail", "Detail is malformed.") from None
    if not isinstance(detail, dict):
        raise EntryError("MalformedDetail", "Detail is malformed.")
    return detail


def _bus(call: ApiCall, name_or_arn: str) -> tuple[str, str, str]:
    if not name_or_arn.startswith("arn:"):
        return call.account, call.region, name_or_arn
    _, _, _, region, account, name = name_or_arn.split(":", 5)
    return account, region, name.removeprefix(permits.BUS)
