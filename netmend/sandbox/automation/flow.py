"""Which step follows which, and what a run amounts to in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from netmend.sandbox.automation.document import TO_STEP, Document, Step
from netmend.sandbox.automation.errors import StepFailed

CANCEL_SECONDS: Final = 120.0
"""How long AWS lets the steps run that onCancel leads to."""

MAX_STEPS: Final = 10_000
"""A document may lead back to an earlier step; this many steps are an endless loop."""


def after_success(document: Document, step: Step, chosen: str | None = None) -> Step | None:
    """A branch's choice, else the end, else nextStep, else the step below; None ends the run."""
    if chosen is not None:
        return document.step(chosen)
    if step.is_end:
        return None
    if step.next_step is not None:
        return document.step(step.next_step)
    return document.after(step)


def after_failure(document: Document, step: Step) -> Step | None:
    """Where onFailure leads; with Continue a step that isEnd ends the run, failed or not."""
    if step.on_failure == "Continue":
        return after_success(document, step)
    return _jump(document, step.on_failure)


def after_cancel(document: Document, step: Step) -> Step | None:
    """Where the run goes that is cancelled while it is at `step`."""
    return _jump(document, step.on_cancel)


def _jump(document: Document, target: str) -> Step | None:
    return document.step(target.removeprefix(TO_STEP)) if target.startswith(TO_STEP) else None


@dataclass
class Verdict:
    """The final status, as far as failures have settled it, and the first message."""

    status: str = "Success"
    message: str = ""

    def note(self, step: Step, failure: StepFailed) -> None:
        """A failed step counts if it is critical, or if the run stops at it.

        Failed outweighs TimedOut, whichever came first.
        """
        if not step.is_critical and step.on_failure != "Abort":
            return
        if self.status != "Failed":
            self.status = failure.status
        self.message = self.message or failure.message
