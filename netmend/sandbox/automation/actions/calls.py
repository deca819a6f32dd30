"""How the actions call APIs: errors in AWS's words, throttling waited out, values made to fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

import botocore.session
from botocore.exceptions import BotoCoreError, ClientError, UnknownServiceError

from netmend.sandbox.automation.actions.base import Call, Outcome, Wait
from netmend.sandbox.automation.errors import EXECUTING, THROTTLES, StepFailed, invalid
from netmend.sandbox.automation.values import plain, text

RETRY_SECONDS: Final = (1.0, 2.0, 4.0, 8.0)
"""Between the tries of a call that is throttled: together less than executeAwsApi's 25 seconds."""

EMPTY: Final[tuple[Any, ...]] = (None, "", [], {}, [""])

Act = Callable[[Call], Outcome]


def patient(act: Act, call: Call, tries: int = 0) -> Outcome:
    """What `act` comes to; where a call of it is throttled, try it again a little later."""
    try:
        return act(call)
    except StepFailed as failure:
        if failure.kind != "Throttling" or tries == len(RETRY_SECONDS):
            raise
    return Wait(
        doing=EXECUTING,
        at=call.effects.now() + RETRY_SECONDS[tries],
        then=lambda: patient(act, call, tries + 1),
    )


def respond(call: Call, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The response in JSON values; StepFailed with AWS's text of the error."""
    try:
        response = call.effects.api(service, operation, dict(params), call.credentials)
    except ClientError as problem:
        error = problem.response["Error"]
        raise ApiFailed(error["Code"], error.get("Message", ""), operation) from problem
    except BotoCoreError as problem:
        raise StepFailed(str(problem)) from problem
    if not isinstance(response, Mapping):
        raise TypeError(f"{service} {operation} answered no map")
    shown = {key: plain(value) for key, value in response.items()}
    if isinstance(metadata := shown.get("ResponseMetadata"), dict):
        metadata.pop("MaxAttemptsReached", None)  # botocore's note on clients that never retry
    return shown


class ApiFailed(StepFailed):
    """An API has answered with an error; code: AWS's name for it."""

    def __init__(self, code: str, message: str, operation: str) -> None:
        # botocore's own text would also tell how often it has tried.
        super().__init__(
            f"An error occurred ({code}) when calling the {operation} operation: {message}",
            kind=_kind(code),
        )
        self.code = code


def _kind(code: str) -> str:
    denied = "AccessDenied" in code or code in ("AuthorizationError", "UnauthorizedOperation")
    if denied:
        return "Permission"
    return "Throttling" if code in THROTTLES else "Action"


def service_name(given: str) -> str:
    """boto3's name of a service that is written in any case."""
    service = given.lower()
    try:
        _model(service)
    except UnknownServiceError:
        raise invalid(f"there is no service {service}") from None
    return service


def operation_name(service: str, given: str) -> str:
    """The API's own name for DescribeVpcs, describe_vpcs or describeVpcs."""
    operation = _operations(service).get(given.replace("_", "").lower())
    if operation is None:
        raise invalid(f"the service {service} has no API {given}")
    return operation


def streams(service: str, operation: str) -> bool:
    """Whether the operation takes or gives a stream."""
    model = _model(service).operation_model(operation)
    return bool(
        model.has_streaming_input
        or model.has_streaming_output
        or model.has_event_stream_input
        or model.has_event_stream_output
    )


@lru_cache(maxsize=64)
def _operations(service: str) -> dict[str, str]:
    return {name.lower(): name for name in _model(service).operation_names}


@lru_cache(maxsize=64)
def _model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def given(call: Call, names: Mapping[str, str] | Iterable[str]) -> dict[str, Any]:
    """The inputs that are not empty, as an API calls them: a runbook hands on '' for none."""
    pairs = names if isinstance(names, Mapping) else {name: name for name in names}
    return {
        member: call.inputs[name]
        for name, member in pairs.items()
        if call.inputs.get(name) not in EMPTY
    }


def texts(call: Call, name: str) -> list[str]:
    """An input that is one text or several."""
    value = call.inputs.get(name)
    items = value if isinstance(value, list) else [value]
    if not items or not all(isinstance(item, str) and item for item in items):
        raise invalid(f"{name} must be a StringList")
    return list(items)


def one(call: Call, name: str) -> str:
    """An input that is one text, or a list of one."""
    found = texts(call, name)
    if len(found) != 1:
        raise invalid(f"{name} must be a String")
    return found[0]


def flag(call: Call, name: str) -> bool:
    """A Boolean that may be written as text; false where it is absent."""
    value = str(call.inputs.get(name, False)).lower()
    if value not in ("true", "false", ""):
        raise invalid(f"{name} must be a Boolean")
    return value == "true"


def fitted(service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments whose scalars have the types of the API: inputs of runbooks are often texts."""
    shape = _model(service).operation_model(operation).input_shape
    made: dict[str, Any] = _fit(shape, dict(params))
    return made


def _fit(shape: Any, value: Any) -> Any:
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        members = shape.members
        return {k: _fit(members[k], v) if k in members else v for k, v in value.items()}
    if kind == "list":
        items = value if isinstance(value, list) else [value]
        return [_fit(shape.member, item) for item in items]
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return SCALARS[kind](value) if kind in SCALARS else value


def _boolean(value: Any) -> Any:
    words = {"true": True, "false": False}
    return words.get(value.lower(), value) if isinstance(value, str) else value


def _integer(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.lstrip("-").isdigit() else value


def _string(value: Any) -> Any:
    return text(value) if isinstance(value, bool | int | float) else value


SCALARS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "boolean": _boolean,
    "integer": _integer,
    "long": _integer,
    "string": _string,
}
