"""aws:invokeLambdaFunction runs a function; selectors read what the function itself returned."""

from __future__ import annotations

import base64
import json
from typing import Any, Final

from netmend.sandbox.automation.actions.base import Action, Call, Done
from netmend.sandbox.automation.effects import InvokeResult
from netmend.sandbox.automation.errors import StepFailed, invalid, not_emulated
from netmend.sandbox.automation.values import plain

MAX_OUTPUT_BYTES: Final = 200 * 1024
LOG_BYTES: Final = 4 * 1024
ONLY: Final = {"InvocationType": ("RequestResponse",), "LogType": ("None", "Tail")}


def run(call: Call) -> Done:
    """An error of the function fails the attempt, and its outputs stay on the record."""
    for name, values in ONLY.items():
        if call.inputs.get(name, values[0]) not in values:
            raise not_emulated(f"{name} {call.inputs[name]} of aws:invokeLambdaFunction")
    name = call.text("FunctionName")
    target = ":".join(filter(None, (name, call.text("Qualifier"))))
    result = call.effects.invoke(target, _payload(call), call.credentials)
    outputs = _outputs(result, tail=call.inputs.get("LogType") == "Tail")
    if result.function_error:
        raise StepFailed(
            f"The function {name} ended with the error {result.function_error}:"
            f" {result.payload_text}",
            outputs=outputs,
        )
    if len(result.payload_text.encode()) > MAX_OUTPUT_BYTES:
        raise StepFailed(f"The function {name} returned more than {MAX_OUTPUT_BYTES} bytes")
    return Done(plain(json.loads(result.payload_text or "null")), outputs)


def _payload(call: Call) -> Any:
    """InputPayload is an object and wins; Payload is JSON text; neither is an empty object."""
    if "InputPayload" in call.inputs:
        return call.inputs["InputPayload"]
    payload = call.inputs.get("Payload", {})
    if not isinstance(payload, str):
        return payload
    try:
        return json.loads(payload)
    except ValueError as problem:
        raise invalid(f"Payload is not JSON: {problem}") from None


def _outputs(result: InvokeResult, *, tail: bool) -> dict[str, str]:
    outputs = {"StatusCode": "200", "Payload": result.payload_text}
    if result.function_error:
        outputs["FunctionError"] = result.function_error
    if tail:
        log = result.log.encode()[-LOG_BYTES:]
        outputs["LogResult"] = base64.b64encode(log).decode()
    # AWS reserves the name; for aws:runCommand it is the other outputs as one JSON object.
    whole = {**outputs, "StatusCode": int(outputs["StatusCode"])}
    return {**outputs, "OutputPayload": json.dumps(whole, separators=(",", ":"))}


ACTION: Final = Action(
    run,
    required=frozenset({"FunctionName"}),
    optional=frozenset({"InputPayload", "Payload", "Qualifier", *ONLY}),
    timeout=300,
    longest=300,
)
