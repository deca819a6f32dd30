"""aws:pause waits until somebody sends the signal Resume."""

from __future__ import annotations

from typing import Final

from netmend.sandbox.automation.actions.base import Action, Call, Done, Signal, Wait
from netmend.sandbox.automation.errors import SignalError


def run(call: Call) -> Wait:
    """Nothing but the signal ends it, or the step's timeoutSeconds where it has one."""

    def answer(signal: Signal) -> Done:
        named = signal.payload.get("StepName") or [call.step.name]
        if signal.type != "Resume" or named != [call.step.name]:
            raise SignalError(
                f"The step {call.step.name} waits for the signal Resume with its StepName."
            )
        return Done()

    return Wait("waiting for the signal Resume", on_signal=answer)


ACTION: Final = Action(run, optional=None)
