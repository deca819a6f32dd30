"""Which step follows which, and what a run amounts to in the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from netmend.sandbox.automation.document import TO_STEP, Step
from netmend.sandbox.automation.errors import StepFailed

CANCEL_SECONDS: Final = 120.0
"""How long AWS lets the steps run that onCancel leads to."""

MAX_STEPS: Final = 10_000
"""A document may lead back to an earlier step; this many steps are an endless loop."""


def after_success(steps: Sequence[Step], step: Step, chosen: str | None = None) -> str | None:
    """A branch's choice, else the end, else nextStep, else the step below it in `steps`.

    None ends what `steps` are: the run, or an iteration of a loop.
    """
    if chosen is not None:
        return chosen
    if step.is_end:
        return None
    return step.next_step or below(steps, step)


def next_steps(steps: Sequence[Step], step: Step) -> list[str]:
    """Every step that may follow where `step` succeeds, in the document's order of naming."""
    chosen = [choice["NextStep"] for choice in _choices(step)]
    default = step.inputs.get("Default") if chosen else None
    after = default or after_success(steps, step)
    return list(dict.fromkeys([*chosen, *([after] if after else [])]))


def _choices(step: Step) -> Sequence[Mapping[str, Any]]:
    return step.inputs["Choices"] if step.action == "aws:branch" else ()


def after_failure(steps: Sequence[Step], step: Step) -> str | None:
    """Where onFailure leads; with Continue a step that isEnd ends, failed or not."""
    if step.on_failure == "Continue":
        return after_success(steps, step)
    return _jump(step.on_failure)


def after_cancel(step: Step) -> str | None:
    """Where the run goes that is cancelled while it is at `step`."""
    return _jump(step.on_cancel)


def below(steps: Sequence[Step], step: Step) -> str | None:
    """The step that stands below `step`."""
    names = [one.name for one in steps]
    place = names.index(step.name) + 1
    return names[place] if place < len(names) else None


def _jump(target: str) -> str | None:
    return target.removeprefix(TO_STEP) if target.startswith(TO_STEP) else None


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
