"""Each kind of target is reached in its own way and with its own permission."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from netmend.sandbox import functions, iam
from netmend.sandbox.api import ApiCall, ApiError
from netmend.sandbox.events import permits
from netmend.sandbox.events.delivery import PRINCIPAL, Delivery
from netmend.sandbox.events.failure import DeliveryError, from_error
from netmend.sandbox.events.loggroups import to_log_group
from netmend.sandbox.notifications import send_to_queue, send_to_topic

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

Send = Callable[["Sandbox", Delivery, str], None]


def send(sandbox: Sandbox, delivery: Delivery, payload: str) -> None:
    """Hand the payload to the target; `DeliveryError` when it is not taken."""
    service = delivery.target["Arn"].split(":")[2]
    try:
        SENDERS[service](sandbox, delivery, payload)
    except (ApiError, ClientError) as error:
        raise from_error(error) from error


def _to_automation(sandbox: Sandbox, delivery: Delivery, payload: str) -> None:
    _, _, _, region, _, definition, *version = delivery.target["Arn"].split(":")
    request: dict[str, Any] = {
        "DocumentName": definition.partition("/")[2],
        "Parameters": _parameters(payload),
    }
    if version:
        request["DocumentVersion"] = version[0]
    credentials = _assume(sandbox, delivery, region)
    sandbox.lend("ssm", region, credentials).start_automation_execution(**request)


def _parameters(payload: str) -> dict[str, list[str]]:
    value = _json(payload)
    if not isinstance(value, dict) or not all(_texts(item) for item in value.values()):
        raise DeliveryError(
            "INVALID_PARAMETER",
            f"an automation takes an object whose values are lists of text, not {payload[:200]}",
        )
    return value


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _json(payload: str) -> Any:
    try:
        return json.loads(payload)
    except ValueError as error:
        raise DeliveryError("INVALID_JSON", f"{error} in {payload[:200]}") from error


def _assume(sandbox: Sandbox, delivery: Delivery, region: str) -> dict[str, str]:
    session = delivery.event["id"].replace("-", "")
    try:
        return iam.assume(
            sandbox,
            delivery.target["RoleArn"],
            principal=PRINCIPAL,
            session_name=session,
            region=region,
            source_account=delivery.account,
            source_arn=delivery.rule_arn,
        )
    except ApiError as error:
        raise DeliveryError("FAILED_TO_ASSUME_ROLE", error.message) from error


def _to_function(sandbox: Sandbox, delivery: Delivery, payload: str) -> None:
    _json(payload)
    _, _, _, region, account, *_ = delivery.target["Arn"].split(":")
    functions.invoke_later(
        sandbox,
        delivery.target["Arn"],
        payload,
        account=account,
        region=region,
        principal=PRINCIPAL,
        source_account=delivery.account,
        source_arn=delivery.rule_arn,
    )


def _to_queue(sandbox: Sandbox, delivery: Delivery, payload: str) -> None:
    group = (delivery.target.get("SqsParameters") or {}).get("MessageGroupId", "")
    send_to_queue(delivery.target["Arn"], payload, delivery.sender, group=group)


def _to_topic(sandbox: Sandbox, delivery: Delivery, payload: str) -> None:
    send_to_topic(delivery.target["Arn"], payload, delivery.sender)


def _to_bus(sandbox: Sandbox, delivery: Delivery, payload: str) -> None:
    from netmend.sandbox.events.bus import route

    if delivery.hops:  # EventBridge sends an event on once, and says nothing about a second time
        return
    arn = delivery.target["Arn"]
    _, _, _, region, account, name = arn.split(":", 5)
    permits.bus_at(arn)
    if "RoleArn" in delivery.target:
        _judge(sandbox, delivery, arn, region)
    route(sandbox, account, region, name.partition("/")[2], delivery.event, hops=1)


def _judge(sandbox: Sandbox, delivery: Delivery, arn: str, region: str) -> None:
    from netmend.sandbox import callers, extensions

    credentials = _assume(sandbox, delivery, delivery.region)
    caller = callers.caller(credentials["AccessKeyId"])
    entries = [{"EventBusName": arn, "Source": delivery.event["source"]}]
    call = ApiCall(
        "events", "PutEvents", {"Entries": entries}, caller.account, region, caller, sandbox.uuid()
    )
    extensions.authorise(sandbox, call)


SENDERS: Final[dict[str, Send]] = {
    "ssm": _to_automation,
    "lambda": _to_function,
    "sqs": _to_queue,
    "sns": _to_topic,
    "events": _to_bus,
    "logs": to_log_group,
}
