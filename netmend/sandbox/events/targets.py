"""A target is taken only when EventBridge would take it and the sandbox can serve it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from netmend.sandbox.api import ApiError
from netmend.sandbox.events import template

MOST_TARGETS: Final = 5
MOST_VARIABLES: Final = 100
LONGEST_INPUT: Final = 8192
SERVED_FIELDS: Final = frozenset(
    {
        "Arn",
        "DeadLetterConfig",
        "Id",
        "Input",
        "InputPath",
        "InputTransformer",
        "RetryPolicy",
        "RoleArn",
        "SqsParameters",
    }
)
LIMITS: Final = {"MaximumRetryAttempts": (0, 185), "MaximumEventAgeInSeconds": (60, 86_400)}

_ARN: Final = re.compile(r"arn:aws[\w-]*:([\w-]+):([\w-]*):(\d{12}):(.+)")


@dataclass(frozen=True)
class _Kind:
    resource: re.Pattern[str]
    role: str
    """required, optional or refused."""


_KINDS: Final = {
    "ssm": _Kind(
        re.compile(r"automation-definition/[\w.-]{3,128}(:(\d+|\$DEFAULT|\$LATEST))?"), "required"
    ),
    "lambda": _Kind(re.compile(r"function:[\w-]+(:[\w$-]+)?"), "refused"),
    "sqs": _Kind(re.compile(r"[\w-]+(\.fifo)?"), "refused"),
    "sns": _Kind(re.compile(r"[\w-]+"), "refused"),
    "events": _Kind(re.compile(r"event-bus/[\w./-]+"), "optional"),
    "logs": _Kind(re.compile(r"log-group:[\w./#-]+(:\*)?"), "refused"),
}
_SERVED: Final = (
    "an SSM automation definition, a Lambda function, an SQS queue, a standard SNS topic, "
    "an event bus or a log group"
)


def check(target: dict[str, Any], account: str, region: str) -> None:
    """Raise `ApiError` ValidationException where a target of a rule in this account won't do."""
    _check_kind(target, account)
    _check_group(target)
    _check_input(target)
    _check_retry(target.get("RetryPolicy") or {})
    _check_dead_letters(target, region)


def _check_kind(target: dict[str, Any], account: str) -> None:
    arn = target["Arn"]
    match = _ARN.fullmatch(arn)
    if not match:
        raise _refused(f"Parameter {arn} is not valid. Reason: Provided Arn is not correct.")
    kind = _KINDS.get(match[1])
    if kind is None or not kind.resource.fullmatch(match[4]):
        raise _refused(f"the sandbox can't serve the target {arn}: use {_SERVED}.")
    unserved = sorted(set(target) - SERVED_FIELDS)
    if unserved:
        raise _refused(f"the sandbox can't serve {', '.join(unserved)} of target {target['Id']}.")
    if kind.role == "required" and "RoleArn" not in target:
        raise _refused(f"RoleArn is required for target {arn}.")
    if kind.role == "refused" and "RoleArn" in target:
        raise _refused(f"RoleArn is not supported for target {arn}: give its resource policy.")
    if match[1] == "events" and match[3] != account and "RoleArn" not in target:
        raise _refused(f"RoleArn is required for target {arn}, which is of another account.")


def _check_group(target: dict[str, Any]) -> None:
    fifo = target["Arn"].endswith(".fifo")
    if fifo and not (target.get("SqsParameters") or {}).get("MessageGroupId"):
        raise _refused(f"MessageGroupId is required for target {target['Arn']}, a FIFO queue.")
    if "SqsParameters" in target and not fifo:
        raise _refused(f"SqsParameters is not supported for target {target['Arn']}: no FIFO queue.")


def _check_input(target: dict[str, Any]) -> None:
    given = [key for key in ("Input", "InputPath", "InputTransformer") if key in target]
    if len(given) > 1:
        raise _refused(
            "Only one of Input, InputPath, or InputTransformer must be provided "
            f"for target {target['Id']}."
        )
    if "Input" in target:
        _check_constant(target)
    if "InputPath" in target:
        _check_path(target["Id"], target["InputPath"])
    if "InputTransformer" in target:
        _check_transformer(target["Id"], target["InputTransformer"])


def _check_constant(target: dict[str, Any]) -> None:
    try:
        json.loads(target["Input"])
    except ValueError as error:
        raise _refused(f"JSON syntax error in input for target {target['Id']}: {error}.") from None


def _check_transformer(target_id: str, transformer: dict[str, Any]) -> None:
    paths = transformer.get("InputPathsMap") or {}
    text = transformer["InputTemplate"]
    if len(paths) > MOST_VARIABLES or len(text) > LONGEST_INPUT:
        raise _refused(
            f"InputTransformer of target {target_id} has {len(paths)} paths and {len(text)} "
            f"characters; at most {MOST_VARIABLES} and {LONGEST_INPUT} are taken."
        )
    for name, path in paths.items():
        if name.lower().startswith("aws"):
            raise _refused(f"InputPathsMap of target {target_id} has the reserved key {name}.")
        _check_path(target_id, path)
    try:
        template.check_template(text, paths)
    except template.TemplateError as error:
        raise _refused(f"InputTemplate for target {target_id} {error}") from None


def _check_path(target_id: str, path: str) -> None:
    try:
        template.check_path(path)
    except template.TemplateError as error:
        raise _refused(f"Input of target {target_id} {error}") from None


def _check_retry(policy: dict[str, Any]) -> None:
    for name, (least, most) in LIMITS.items():
        if name in policy and not least <= int(policy[name]) <= most:
            raise _refused(f"{name} is {policy[name]}; from {least} to {most} is taken.")


def _check_dead_letters(target: dict[str, Any], region: str) -> None:
    arn = (target.get("DeadLetterConfig") or {}).get("Arn")
    if arn is None:
        return
    match = _ARN.fullmatch(arn)
    standard = match and match[1] == "sqs" and re.fullmatch(r"[\w-]+", match[4])
    if not match or not standard or match[2] != region:
        raise _refused(f"DeadLetterConfig {arn} is no standard SQS queue in {region}.")


def _refused(message: str) -> ApiError:
    return ApiError("ValidationException", message)
