"""An asynchronous event is tried three times, then goes to where its function wants failures."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError
from moto.awslambda.models import LambdaFunction

from netmend.sandbox.api import ApiError
from netmend.sandbox.functions import service
from netmend.sandbox.functions.invocation import Invocation

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

logger = logging.getLogger(__name__)

LARGEST_PAYLOAD: Final = 1_048_576
MOST_RETRIES: Final = 2
LONGEST_SECONDS: Final = 21_600
RETRY_SECONDS: Final = (60.0, 120.0)
THROTTLED_SECONDS: Final = 1.0
DESTINATIONS: Final = ("sqs", "sns", "lambda", "events")
"""Services that the sandbox sends records of invocations to."""


@dataclass
class Event:
    """An event on its way to a function; accepted: epoch second. tries: those that failed."""

    id: str
    function: str
    account: str
    region: str
    payload: str
    accepted: float
    tries: int = 0


def enqueue(sandbox: Sandbox, function: LambdaFunction, payload: str) -> str:
    """Queue an event for the function; return its request id."""
    service.check_payload(payload, LARGEST_PAYLOAD)
    now = sandbox.clock.time()
    event = Event(
        sandbox.uuid(),
        function.function_arn,
        function.account_id,
        function.region,
        payload or "{}",
        now,
    )
    _submit(sandbox, event, now)
    return event.id


def _submit(sandbox: Sandbox, event: Event, at: float) -> None:
    sandbox.engine.submit(f"invoke {event.function}", lambda: _attempt(sandbox, event), at=at)


def _attempt(sandbox: Sandbox, event: Event) -> None:
    try:
        function = service.resolve(
            sandbox, event.function, event.account, event.region, service.Source()
        )
        result = service.run(sandbox, function, event.payload, event.id)
    except ApiError as error:
        _refused(sandbox, event, error)
        return
    if result.function_error is None:
        _succeeded(sandbox, function, event, result)
    else:
        _failed(sandbox, function, event, result)


def _refused(sandbox: Sandbox, event: Event, error: ApiError) -> None:
    if error.code == "TooManyRequestsException":
        _submit(sandbox, event, sandbox.clock.time() + THROTTLED_SECONDS)
    else:
        logger.warning("event %s of %s is lost: %s", event.id, event.function, error)


def _failed(sandbox: Sandbox, function: LambdaFunction, event: Event, result: Invocation) -> None:
    event.tries += 1
    condition = _exhausted(sandbox, function, event)
    if condition:
        _report_failure(sandbox, function, event, result, condition)
        return
    wait = RETRY_SECONDS[min(event.tries, len(RETRY_SECONDS)) - 1]
    logger.info("%s failed, again in %.0f s: %s", event.function, wait, result.payload_text)
    _submit(sandbox, event, sandbox.clock.time() + wait)


def _exhausted(sandbox: Sandbox, function: LambdaFunction, event: Event) -> str:
    config = _config(function)
    if event.tries > int(config.get("MaximumRetryAttempts", MOST_RETRIES)):
        return "RetriesExhausted"
    age = sandbox.clock.time() - event.accepted
    if age > int(config.get("MaximumEventAgeInSeconds", LONGEST_SECONDS)):
        return "EventAgeExceeded"
    return ""


def _config(function: LambdaFunction) -> dict[str, Any]:
    configs = function.event_invoke_config
    return configs[0].config if configs else {}


def _destination(function: LambdaFunction, kind: str) -> str:
    wanted = _config(function).get("DestinationConfig") or {}
    return str((wanted.get(kind) or {}).get("Destination") or "")


def _succeeded(
    sandbox: Sandbox, function: LambdaFunction, event: Event, result: Invocation
) -> None:
    destination = _destination(function, "OnSuccess")
    if destination:
        _send(sandbox, function, destination, _record(sandbox, event, result, "Success"))


def _report_failure(
    sandbox: Sandbox, function: LambdaFunction, event: Event, result: Invocation, condition: str
) -> None:
    logger.warning("%s failed for good: %s", event.function, result.payload_text)
    destination = _destination(function, "OnFailure")
    if destination:
        _send(sandbox, function, destination, _record(sandbox, event, result, condition))
    queue = (getattr(function, "dead_letter_config", None) or {}).get("TargetArn")
    if queue:
        attributes = {
            "RequestID": event.id,
            "ErrorCode": "200",
            "ErrorMessage": json.loads(result.payload_text).get("errorMessage", "")[:1024],
        }
        _send(sandbox, function, queue, event.payload, attributes)


def _record(sandbox: Sandbox, event: Event, result: Invocation, condition: str) -> str:
    failure = {"functionError": result.function_error} if result.function_error else {}
    version = result.executed_version
    record = {
        "version": "1.0",
        "timestamp": sandbox.clock.now().isoformat(timespec="milliseconds"),
        "requestContext": {
            "requestId": event.id,
            "functionArn": f"{event.function}:{version}",
            "condition": condition,
            "approximateInvokeCount": event.tries or 1,
        },
        "requestPayload": json.loads(event.payload),
        "responseContext": {"statusCode": 200, "executedVersion": version, **failure},
        "responsePayload": json.loads(result.payload_text),
    }
    return json.dumps(record)


def _send(
    sandbox: Sandbox,
    function: LambdaFunction,
    arn: str,
    body: str,
    attributes: dict[str, str] | None = None,
) -> None:
    """Send with the role's own permissions; what is refused is lost, with a line in the log."""
    _, _, name, region, account, resource = arn.split(":", 5)
    wire = {
        key: {"DataType": "String", "StringValue": value}
        for key, value in (attributes or {}).items()
    }
    try:
        client = sandbox.client(name, region, service.assume(sandbox, function))
        if name == "sqs":
            url = f"https://sqs.{region}.amazonaws.com/{account}/{resource}"
            client.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=wire)
        elif name == "lambda":
            client.invoke(FunctionName=arn, InvocationType="Event", Payload=body)
        elif name == "events":
            client.put_events(Entries=[_bus_entry(arn, body)])
        else:
            client.publish(TopicArn=arn, Message=body, MessageAttributes=wire)
    except (ApiError, ClientError) as error:
        logger.warning("%s took no event of %s: %s", arn, function.function_name, error)


def _bus_entry(arn: str, body: str) -> dict[str, Any]:
    context = json.loads(body)["requestContext"]
    result = "Success" if context["condition"] == "Success" else "Failure"
    return {
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {result}",
        "Detail": body,
        "Resources": [arn, context["functionArn"]],
        "EventBusName": arn,
    }
