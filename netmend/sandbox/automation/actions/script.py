"""aws:executeScript runs a handler on typed events; what it returns is the output Payload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from netmend.sandbox.automation.actions.base import Action, Call, Done, Outcome, Wait
from netmend.sandbox.automation.effects import ScriptResult, ScriptRunning
from netmend.sandbox.automation.errors import (
    POLLING,
    ScriptFailed,
    StepFailed,
    invalid,
    not_emulated,
    timed_out,
)
from netmend.sandbox.automation.values import compact, plain

MAX_OUTPUT_BYTES: Final = 100 * 1024
LONGEST_LIST: Final = 100
"""What is returned of a list; user guide, automation-action-executeScript."""

RUNTIMES: Final = frozenset(f"python3.{minor}" for minor in range(6, 12))


def run(call: Call) -> Outcome:
    """The script has the credentials of the role that the document assumes, and none without."""
    runtime = call.text("Runtime")
    if runtime not in RUNTIMES:
        raise not_emulated(f"the Runtime {runtime} of aws:executeScript")
    timeout = call.timeout or 0.0
    code, attachments = call.text("Script"), _attachments(call)
    if not code and not attachments:
        raise invalid("aws:executeScript needs Script or Attachment")
    try:
        started = call.effects.script(
            code,
            call.text("Handler"),
            call.inputs.get("InputPayload", {}),
            call.facts.context(),
            call.role_credentials,
            timeout,
            attachments,
        )
    except TimeoutError:
        raise timed_out(POLLING, timeout) from None
    except ScriptFailed as failure:
        raise _failed(failure) from None
    if isinstance(started, ScriptRunning):
        return Wait(doing=POLLING, child=started.id, then=lambda: _finish(started, timeout))
    return _done(started)


def _finish(started: ScriptRunning, timeout: float) -> Done:
    try:
        return _done(started.result())
    except TimeoutError:
        raise timed_out(POLLING, timeout) from None
    except ScriptFailed as failure:
        raise _failed(failure) from None


def _failed(failure: ScriptFailed) -> StepFailed:
    outputs = _log(None, failure.log) if failure.log else {}
    return StepFailed(str(failure), doing=POLLING, outputs=outputs)


def _done(result: ScriptResult) -> Done:
    payload = plain(result.value)
    if isinstance(payload, list):
        payload = payload[:LONGEST_LIST]
    if len(compact(payload).encode(errors="replace")) > MAX_OUTPUT_BYTES:
        raise StepFailed(f"The script returned more than {MAX_OUTPUT_BYTES} bytes", doing=POLLING)
    return Done({"Payload": payload}, {"Payload": payload, **_log(payload, result.log)})


def _log(payload: Any, log: str) -> dict[str, str]:
    """Published runbooks read OutputPayload, a text; what was printed stands in it too."""
    printed = {"ExecutionLog": log} if log else {}
    return {"OutputPayload": compact({"Payload": payload, **printed})}


def _attachments(call: Call) -> Mapping[str, bytes]:
    """The one file of the document's that the step names."""
    name = call.text("Attachment")
    if not name:
        return {}
    if name not in call.facts.attachments:
        known = ", ".join(sorted(call.facts.attachments)) or "none"
        raise invalid(f"the document has no attachment {name} (it has {known})")
    return {name: call.facts.attachments[name]}


ACTION: Final = Action(
    run,
    required=frozenset({"Runtime", "Handler"}),
    optional=frozenset({"InputPayload", "Script", "Attachment"}),
    known_only=frozenset({"Script"}),
    timeout=600,
    longest=600,
)
