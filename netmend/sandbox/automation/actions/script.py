"""aws:executeScript runs a handler on typed events; what it returns is the output Payload."""

from __future__ import annotations

from typing import Final

from netmend.sandbox.automation.actions.base import Action, Call, Done
from netmend.sandbox.automation.errors import POLLING, StepFailed, not_emulated, timed_out
from netmend.sandbox.automation.values import compact, plain

MAX_OUTPUT_BYTES: Final = 100 * 1024


def run(call: Call) -> Done:
    """The script has the credentials of the role that the document assumes, and none without."""
    if not call.text("Runtime").startswith("python3."):
        raise not_emulated(f"the Runtime {call.inputs['Runtime']} of aws:executeScript")
    if "Attachment" in call.inputs:
        raise not_emulated("the input Attachment of aws:executeScript")
    timeout = call.timeout or 0.0
    try:
        value = call.effects.script(
            call.text("Script"),
            call.text("Handler"),
            call.inputs.get("InputPayload", {}),
            call.facts.context(),
            call.role_credentials,
            timeout,
        )
    except TimeoutError:
        raise timed_out(POLLING, timeout) from None
    payload = plain(value)
    if len(compact(payload).encode()) > MAX_OUTPUT_BYTES:
        raise StepFailed(f"The script returned more than {MAX_OUTPUT_BYTES} bytes", doing=POLLING)
    return Done({"Payload": payload}, {"Payload": payload})


ACTION: Final = Action(
    run,
    required=frozenset({"Runtime", "Handler"}),
    optional=frozenset({"InputPayload", "Script", "Attachment"}),
    known_only=frozenset({"Script"}),
    timeout=600,
    longest=600,
)
