"""The Lambda API's Invoke, and the places where moto would run code in Docker."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, Never, cast

from moto.awslambda.models import LambdaFunction
from moto.core.serialize import BaseRestSerializer, RestJSONSerializer

from netmend.sandbox import iam
from netmend.sandbox.api import ApiCall, ApiError, guard, operation
from netmend.sandbox.functions import asynchronous, logs, models, service
from netmend.sandbox.functions.forked import NURSERY
from netmend.sandbox.functions.invocation import Invocation

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

DEAD_LETTERS: Final = "DeadLetterConfig"
TRACING: Final = "TracingConfig"

_originals: Final[dict[str, Any]] = {
    "__init__": LambdaFunction.__init__,
    "get_configuration": LambdaFunction.get_configuration,
    "invoke": LambdaFunction.invoke,
    "update_configuration": LambdaFunction.update_configuration,
}


@operation("lambda", "Invoke")
def invoke(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """RequestResponse waits for the function, Event queues, DryRun only judges."""
    params = call.params
    function = service.resolve(
        sandbox,
        params["FunctionName"],
        call.account,
        call.region,
        service.Source(),
        params.get("Qualifier"),
    )
    payload = _text(params.get("Payload"))
    kind = params.get("InvocationType") or "RequestResponse"
    if kind == "DryRun":
        return {"StatusCode": 204}
    if kind == "Event":
        asynchronous.enqueue(sandbox, function, payload)
        return {"StatusCode": 202}
    return _answer(service.run(sandbox, function, payload), params.get("LogType") == "Tail")


def _text(payload: bytes | str | None) -> str:
    if isinstance(payload, bytes):
        try:
            return payload.decode()
        except UnicodeDecodeError as error:
            message = f"Could not parse request body into json: {error}"
            raise ApiError("InvalidRequestContentException", message) from None
    return payload or ""


def _answer(result: Invocation, tail: bool) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "StatusCode": 200,
        "ExecutedVersion": result.executed_version,
        "Payload": result.payload_text.encode(),
    }
    if result.function_error:
        answer["FunctionError"] = result.function_error
    if tail:
        last = result.log.encode()[-logs.TAIL_BYTES :]
        answer["LogResult"] = base64.b64encode(last).decode()
    return answer


@guard("lambda", "InvokeAsync", "InvokeWithResponseStream")
def refuse_unserved(sandbox: Sandbox, call: ApiCall) -> Never:
    """Other ways to invoke."""
    raise NotImplementedError(f"the sandbox does not do {call.name}: use Invoke")


@guard("lambda", "PutFunctionEventInvokeConfig", "UpdateFunctionEventInvokeConfig")
def check_destinations(sandbox: Sandbox, call: ApiCall) -> None:
    """A destination that nothing would be sent to is refused."""
    wanted = call.params.get("DestinationConfig") or {}
    for kind in ("OnSuccess", "OnFailure"):
        arn = (wanted.get(kind) or {}).get("Destination")
        if arn and (*arn.split(":"), "", "")[2] not in asynchronous.DESTINATIONS:
            raise NotImplementedError(
                f"the sandbox sends no records of invocations to {arn}: "
                "use a queue, a topic, a function or a bus"
            )


@guard("lambda", "CreateFunction", "UpdateFunctionConfiguration")
def check_passed_role(sandbox: Sandbox, call: ApiCall) -> None:
    """Whoever gives a function its role must be allowed to."""
    if "Role" in call.params:
        iam.require_pass_role(
            sandbox, call.caller, call.params["Role"], service.PRINCIPAL, call.region
        )


@guard("s3", "CreateBucket")
@guard("cloudformation", "CreateStack", "UpdateStack", "CreateChangeSet")
@guard("lambda", "CreateFunction")
def expect_functions(sandbox: Sandbox, call: ApiCall) -> None:
    """Somebody deploys: the worker processes' parent imports what it needs meanwhile."""
    if sandbox.endpoint_url is not None:
        NURSERY.parent()


def install(sandbox: Sandbox) -> None:
    """Run functions here, and keep the dead-letter settings that moto forgets."""
    models.share_models()
    function = cast(Any, LambdaFunction)
    function.__init__ = _remembering(_originals["__init__"])
    function.update_configuration = _updating(_originals["update_configuration"])
    function.get_configuration = _showing(_originals["get_configuration"])
    function.invoke = lambda self, body, *_: _queue(sandbox, self, body)
    cast(Any, RestJSONSerializer)._serialize_result = _with_status


def uninstall(sandbox: Sandbox) -> None:
    """End all containers; give moto its methods back."""
    service.runtime(sandbox).close()
    for name, original in _originals.items():
        setattr(LambdaFunction, name, original)
    models.unshare_models()
    del cast(Any, RestJSONSerializer)._serialize_result  # what it inherits is there again


def _with_status(serializer: Any, response: Any, result: Any) -> Any:
    """Invoke tells its invocation type by the HTTP status, which moto's serializer leaves out."""
    written = BaseRestSerializer._serialize_result(serializer, response, result)
    shape = serializer.operation_model.output_shape
    for name, member in shape.members.items() if shape else ():
        if member.serialization.get("location") == "statusCode" and name in result:
            written["status_code"] = result[name]
    return written


def _queue(sandbox: Sandbox, function: Any, body: str) -> str:
    # moto's own services (S3 notifications, custom resources, log subscriptions) come this way.
    asynchronous.enqueue(sandbox, function, body if isinstance(body, str) else json.dumps(body))
    return ""


def _remembering(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def init(self: Any, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        original(self, account_id, spec, *args, **kwargs)
        self.dead_letter_config = spec.get(DEAD_LETTERS)

    return init


def _updating(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def update(self: Any, updates: dict[str, Any]) -> Any:
        if DEAD_LETTERS in updates:
            self.dead_letter_config = updates[DEAD_LETTERS]
        if updates.get(TRACING):  # moto reads it when a function is made, and not again
            self.tracing_config = updates[TRACING]
        return original(self, updates)

    return update


def _showing(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    @wraps(original)
    def configuration(self: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        shown = original(self, *args, **kwargs)
        wanted = getattr(self, "dead_letter_config", None)
        return {**shown, DEAD_LETTERS: wanted} if wanted else shown

    return configuration
