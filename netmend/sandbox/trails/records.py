"""One call becomes one CloudTrail record, written out only when somebody wants to read it."""

from __future__ import annotations

import json
import logging
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.parsers import ResponseParserError, create_parser

from netmend.sandbox.api import ApiCall
from netmend.sandbox.events.expressions import shown
from netmend.sandbox.trails import ec2, services, shapes
from netmend.sandbox.trails.identity import identity, invoked_by, stranger

logger = logging.getLogger(__name__)

NAMESPACE: Final = uuid.UUID("0f8d3c5e-54a7-5d1c-9a34-7d5bb2f1c3aa")
VERSION: Final = "1.10"
NOTES: Final = {"ChangeResourceRecordSets": {"Note": "Do not use to reconstruct hosted zone"}}
DENIED: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
)


@dataclass
class Entry:
    """A call as it ended: with an own answer, with moto's wire answer, or with an error."""

    call: ApiCall
    region: str
    time: float
    agent: str
    protocol: str = ""
    wire: tuple[int, dict[str, str], Any] | None = None
    error: tuple[str, str] | None = None
    recipient: str = ""
    _record: dict[str, Any] = field(default_factory=dict)

    @property
    def read_only(self) -> bool:
        """Whether the call changes nothing."""
        return services.is_read(self.call.service, self.call.operation)

    @property
    def account(self) -> str:
        """Whose trail it is in: the caller's, or that of a role which somebody else assumed."""
        return self.recipient or self.call.account

    @property
    def event_id(self) -> str:
        """Told by the request's id, so that it costs no random number."""
        return str(uuid.uuid5(NAMESPACE, f"{self.call.request_id}{self.recipient}"))

    def record(self) -> dict[str, Any]:
        """The record, as in an event's `detail`."""
        if not self._record:
            self._record = _record(self)
        return self._record


def _record(entry: Entry) -> dict[str, Any]:
    call, moment = entry.call, shown(entry.time)
    service = services.prefix(call.service)
    answer, error = _outcome(entry)
    by = invoked_by(call.caller)
    found: dict[str, Any] = {
        "eventVersion": VERSION,
        "userIdentity": stranger(call) if entry.recipient else identity(call, moment),
        "eventTime": moment,
        "eventSource": f"{service}.amazonaws.com",
        "eventName": services.event_name(call.service, call.operation),
        "awsRegion": entry.region,
        "sourceIPAddress": by or "127.0.0.1",
        "userAgent": by or entry.agent,
    }
    if error:
        code, message = error
        found |= {"errorCode": _code(call.service, code), "errorMessage": message}
    found |= {
        "requestParameters": None if error and error[0] in DENIED else _request(call),
        "responseElements": None if error or entry.read_only else _response(call, answer),
    }
    if call.operation in NOTES:
        found["additionalEventData"] = NOTES[call.operation]
    return found | {
        "requestID": call.request_id,
        "eventID": entry.event_id,
        "readOnly": entry.read_only or call.operation in services.MARKED_READ,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": entry.account,
        "eventCategory": "Management",
    }


def _code(service: str, code: str) -> str:
    if service == "ec2":
        return f"Client.{code}"
    return "AccessDenied" if code == "AccessDeniedException" else code


def _request(call: ApiCall) -> dict[str, Any] | None:
    shape = services.model(call.service, call.operation).input_shape
    if shape is None:
        return None
    if call.service == "ec2":
        return ec2.request(call.operation, shape, call.params) or None
    return shapes.written(call.service, call.operation, shape, call.params) or None


def _response(call: ApiCall, answer: dict[str, Any]) -> dict[str, Any] | None:
    shape = services.output(call.service, call.operation)
    if call.service == "ec2":
        found = ec2.response(call.operation, shape, answer, call.request_id)
    elif shape is None:
        return None
    else:
        found = shapes.written(call.service, call.operation, shape, answer)
    text = json.dumps(found, default=str)  # values of moto's own types, once and for all
    return json.loads(text) or None


def _outcome(entry: Entry) -> tuple[dict[str, Any], tuple[str, str] | None]:
    """(answer as boto3 gives it, (code, message) of an error)."""
    if entry.error or entry.wire is None:
        own = entry.call.response
        return own if isinstance(own, dict) else {}, entry.error
    status, headers, body = entry.wire
    raw = {
        "status_code": int(status),
        "headers": headers,
        "body": body.encode() if isinstance(body, str) else bytes(body or b""),
    }
    shape = services.output(entry.call.service, entry.call.operation)
    try:
        parsed = create_parser(entry.protocol).parse(raw, shape)
    except (ResponseParserError, ValueError, KeyError, TypeError) as problem:
        logger.warning("the answer of %s cannot be read back: %s", entry.call.name, problem)
        return {}, None
    if int(status) < 300:
        return parsed, None
    error = parsed.get("Error", {})
    return {}, (str(error.get("Code", "")), str(error.get("Message", "")))
