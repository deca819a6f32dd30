"""What a schedule can call, and with what, checked when the schedule is made."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from moto.core.utils import get_service_model

from netmend.sandbox.api import ApiError

UNIVERSAL: Final = re.compile(r"arn:aws[\w-]*:scheduler:::aws-sdk:([\w-]+):(\w+)")
READS: Final = ("batchGet", "describe", "get", "list", "scan", "query", "receive", "poll")
LIMITS: Final = {"MaximumRetryAttempts": (0, 185), "MaximumEventAgeInSeconds": (60, 86_400)}
UNSERVED: Final = ("EcsParameters", "KinesisParameters", "SageMakerPipelineParameters")
SERVED: Final = "a Lambda function, a queue, a topic, an event bus or arn:aws:scheduler:::aws-sdk:*"

_ARN: Final = re.compile(r"arn:aws[\w-]*:([\w-]+):([\w-]*):(\d{12}):(.+)")


@dataclass(frozen=True)
class Request:
    """One call: boto3's client name and method, the Region (empty means the schedule's own)."""

    service: str
    method: str
    region: str
    params: dict[str, Any]


def check(target: Mapping[str, Any]) -> None:
    """Raise `ApiError` ValidationException for a target that cannot be called."""
    unserved = [name for name in UNSERVED if target.get(name)]
    if unserved:
        raise _invalid(f"the sandbox can't serve {', '.join(unserved)} of a target")
    for name, (least, most) in LIMITS.items():
        value = (target.get("RetryPolicy") or {}).get(name)
        if value is not None and not least <= int(value) <= most:
            raise _invalid(f"{name} is {value}; from {least} to {most} is taken.")
    dead_letters = (target.get("DeadLetterConfig") or {}).get("Arn")
    if dead_letters is not None and not re.fullmatch(
        r"arn:aws[\w-]*:sqs:[\w-]+:\d{12}:[\w-]+", dead_letters
    ):
        raise _invalid(f"DeadLetterConfig {dead_letters} is no standard SQS queue.")
    request(target, str(target.get("Input") or "{}"))


def request(target: Mapping[str, Any], text: str) -> Request:
    """What to call with this input; `ApiError` ValidationException where it cannot be."""
    arn = str(target["Arn"])
    if arn.startswith("arn") and ":aws-sdk:" in arn:
        return _universal(arn, text)
    match = _ARN.fullmatch(arn)
    build = _TEMPLATES.get(match[1]) if match else None
    if match is None or build is None:
        raise _invalid(f"Provided Arn is not in correct format or not served: {arn}: use {SERVED}.")
    return build(target, match, text)


def _universal(arn: str, text: str) -> Request:
    match = UNIVERSAL.fullmatch(arn)
    operation = match[2][:1].upper() + match[2][1:] if match else ""
    try:
        known = match is not None and operation in get_service_model(match[1]).operation_names
    except UnknownServiceError:
        known = False
    if match is None or not known:
        raise _invalid(f"{arn} is not supported: no such service or API action.")
    if match[2].startswith(READS):
        raise _invalid(f"{arn} is not supported: schedules call nothing that only reads.")
    params = _object(text)
    return Request(match[1], xform_name(operation), "", params)


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError as error:
        raise _invalid(f"Input is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise _invalid("Input is no JSON object of the API action's parameters")
    return value


def _function(target: Mapping[str, Any], match: re.Match[str], text: str) -> Request:
    params = {"FunctionName": target["Arn"], "InvocationType": "Event", "Payload": text}
    return Request("lambda", "invoke", match[2], params)


def _queue(target: Mapping[str, Any], match: re.Match[str], text: str) -> Request:
    region, account, name = match[2], match[3], match[4]
    dot = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    url = f"https://sqs.{region}.{dot}/{account}/{name}"
    params = {"QueueUrl": url, "MessageBody": text}
    group = (target.get("SqsParameters") or {}).get("MessageGroupId")
    if name.endswith(".fifo") and not group:
        raise _invalid(f"MessageGroupId is required for {target['Arn']}, a FIFO queue.")
    return Request(
        "sqs", "send_message", region, params | ({"MessageGroupId": group} if group else {})
    )


def _topic(target: Mapping[str, Any], match: re.Match[str], text: str) -> Request:
    return Request("sns", "publish", match[2], {"TopicArn": target["Arn"], "Message": text})


def _bus(target: Mapping[str, Any], match: re.Match[str], text: str) -> Request:
    named = target.get("EventBridgeParameters") or {}
    if not named.get("Source") or not named.get("DetailType"):
        raise _invalid("EventBridgeParameters with Source and DetailType are required for a bus.")
    entry = {"EventBusName": target["Arn"], "Detail": text, **named}
    return Request("events", "put_events", match[2], {"Entries": [entry]})


_Build = Callable[[Mapping[str, Any], "re.Match[str]", str], Request]
_TEMPLATES: Final[dict[str, _Build]] = {
    "lambda": _function,
    "sqs": _queue,
    "sns": _topic,
    "events": _bus,
}


def _invalid(message: str) -> ApiError:
    return ApiError("ValidationException", message)
