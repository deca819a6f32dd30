"""LookupEvents answers from what the trail of the account and Region still holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.trails.recording import Trail

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

PAGE: Final = 50
NINETY_DAYS: Final = 90 * 86_400


@operation("cloudtrail", "LookupEvents")
def lookup_events(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The newest first, at most 50 a page, of the last 90 days."""
    if call.params.get("EventCategory"):
        return {"Events": []}
    wanted = call.params.get("LookupAttributes") or []
    if len(wanted) > 1:
        raise ApiError("InvalidLookupAttributesException", "You can specify only one attribute.")
    size = int(call.params.get("MaxResults") or PAGE)
    if not 1 <= size <= PAGE:
        raise ApiError("InvalidMaxResultsException", f"MaxResults must be from 1 to {PAGE}.")
    found = list(_matching(sandbox, call, wanted[0] if wanted else None))
    start = _start(call.params.get("NextToken"))
    page = found[start : start + size]
    answer: dict[str, Any] = {"Events": [_shown(record) for record in page]}
    if start + size < len(found):
        answer["NextToken"] = str(start + size)
    return answer


def _start(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdigit():
        raise ApiError("InvalidNextTokenException", "The token is not valid.")
    return int(token)


def _matching(
    sandbox: Sandbox, call: ApiCall, attribute: dict[str, str] | None
) -> Iterator[dict[str, Any]]:
    now = sandbox.clock.time()
    since = max(now - NINETY_DAYS, _epoch(call.params.get("StartTime"), 0.0))
    until = _epoch(call.params.get("EndTime"), now)
    if since > until:
        raise ApiError("InvalidTimeRangeException", "StartTime is later than EndTime.")
    test = _test(attribute)
    for entry in reversed(list(sandbox.state(Trail, call.account, call.region).entries)):
        if since <= entry.time <= until and test(record := entry.record()):
            yield record


def _epoch(moment: Any, otherwise: float) -> float:
    if moment is None:
        return otherwise
    return moment.timestamp() if isinstance(moment, datetime) else float(moment)


def _test(attribute: dict[str, str] | None) -> Callable[[dict[str, Any]], bool]:
    if attribute is None:
        return lambda record: True
    key, value = attribute["AttributeKey"], attribute["AttributeValue"]
    if key == "ResourceName":
        return lambda record: value in set(_texts(_named(record)))
    if key not in _KEYS:
        raise ApiError("NotImplemented", f"the sandbox looks up nothing by {key}", 501)
    return lambda record: _KEYS[key](record) == value


def _named(record: dict[str, Any]) -> list[Any]:
    return [record["requestParameters"], record["responseElements"]]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


def _user(record: dict[str, Any]) -> str:
    who = record["userIdentity"]
    return str(who.get("userName") or who["principalId"].rpartition(":")[2])


_KEYS: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    "AccessKeyId": lambda record: str(record["userIdentity"].get("accessKeyId", "")),
    "EventId": lambda record: str(record["eventID"]),
    "EventName": lambda record: str(record["eventName"]),
    "EventSource": lambda record: str(record["eventSource"]),
    "ReadOnly": lambda record: str(record["readOnly"]).lower(),
    "Username": _user,
}


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    return {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "ReadOnly": str(record["readOnly"]).lower(),
        "AccessKeyId": record["userIdentity"].get("accessKeyId", ""),
        "EventTime": datetime.fromisoformat(record["eventTime"]).astimezone(UTC),
        "EventSource": record["eventSource"],
        "Username": _user(record),
        "Resources": [],
        "CloudTrailEvent": json.dumps(record),
    }
