"""Every step can be reached, and a run ends as its author means it to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from netmend.lint.checks.apis import model_of
from netmend.lint.checks.structure import branches, targets
from netmend.lint.runbook import API_ACTIONS, Problem, Runbook, Step
from netmend.lint.tables import CAPS

CREATES: Final = ("Create", "Run", "Allocate", "Copy", "Publish", "Send", "Import", "Purchase")
TOKENS: Final = {
    "aws:createStack": "ClientRequestToken",
    "aws:runInstances": "ClientToken",
    "aws:copyImage": "ClientToken",
}

Graph = dict[Step, list[Step]]


def graph(runbook: Runbook) -> Graph:
    """Where a run can go from each step; a loop leads into itself, and its steps back to it."""
    found: Graph = {}
    for step in runbook.steps:
        named = [runbook.by_name[name] for _, name in targets(step) if name in runbook.by_name]
        found[step] = named + _onward(step) + step.inner[:1]
    return found


def _onward(step: Step) -> list[Step]:
    """The step that follows by itself, or the loop whose iteration ends here."""
    goes_on = not step.is_end and not (step.action == "aws:branch" and "Default" in step.inputs)
    by_name = step.entry.get("nextStep") is not None
    if goes_on and not by_name and step.after is not None:
        return [step.after]
    if step.on_failure == "Continue" and not step.is_end and not by_name and step.after:
        return [step.after]
    return [step.loop] if step.loop is not None else []


def reaching(runbook: Runbook) -> dict[Step, set[Step]]:
    """For each step, the steps that can have run before it."""
    onward = graph(runbook)
    before: dict[Step, set[Step]] = {step: set() for step in onward}
    for start in onward:
        for step in _reached(onward, onward[start]):
            before[step].add(start)
    return before


def _reached(onward: Graph, first: list[Step]) -> set[Step]:
    found: set[Step] = set()
    todo = list(first)
    while todo:
        step = todo.pop()
        if step not in found:
            found.add(step)
            todo.extend(onward[step])
    return found


def check(runbook: Runbook) -> Iterator[Problem]:
    yield from _unreachable(runbook)
    yield from _endless(runbook)
    for step in runbook.steps:
        yield from _failure(step)
        yield from _branch(step)
        yield from _retries(step)
        yield from _timeout(step)


def _unreachable(runbook: Runbook) -> Iterator[Problem]:
    reached = _reached(graph(runbook), runbook.top[:1])
    for step in runbook.steps:
        outer = step.loop is None or step.loop in reached
        if step not in reached and outer:
            reason = f"no path leads to the step {step.name}"
            fix = "point a nextStep, a branch or an onFailure at it, or leave it out"
            yield Problem("unreachable-step", step.path, reason, fix)


def _endless(runbook: Runbook) -> Iterator[Problem]:
    """Told of the first step alone, for all that follow it go round with it."""
    onward = graph(runbook)
    for step in runbook.top:
        reached = _reached(onward, [step])
        if step in _reached(onward, runbook.top[:1]) and not any(
            _may_end(one, onward) for one in reached
        ):
            reason = f"from {step.name} no path leads to an end: only a failure stops the run"
            fix = "lead a branch out of the circle, or make it an aws:loop with MaxIterations"
            yield Problem("endless", step.path, reason, fix)
            return


def _may_end(step: Step, onward: Graph) -> bool:
    """A branch ends the run where no choice is true and nothing follows it."""
    open_branch = step.action == "aws:branch" and "Default" not in step.inputs
    return step.is_end or not onward[step] or (open_branch and step.after is None)


def _failure(step: Step) -> Iterator[Problem]:
    path = (*step.path, "onFailure")
    if step.on_failure == "Continue" and step.is_end:
        reason = "isEnd stops the run after a failure too: there is nothing to continue with"
        yield Problem("end-and-continue", path, reason, "leave one of the two out")
    elif step.on_failure == "Continue" and "isCritical" not in step.entry:
        reason = f"if {step.name} fails, the run goes on and can still end with Success"
        fix = "write isCritical: false if that is meant, true if the run must end Failed"
        yield Problem("silent-failure", path, reason, fix)
    elif step.on_failure.startswith("step:") and "isCritical" not in step.entry:
        reason = f"if {step.name} fails, the run ends Failed whatever that step mends"
        fix = "write isCritical: true if that is meant, false if the run may end with Success"
        yield Problem("failure-stays", path, reason, fix)


def _branch(step: Step) -> Iterator[Problem]:
    """Where no choice is true, a branch without Default goes on to the next step."""
    if step.action != "aws:branch" or "Default" in step.inputs or step.is_end:
        return
    if not list(branches(step)) or step.entry.get("nextStep") is not None:
        return
    if step.after is None:
        reason = "where no choice is true, the run ends here with Success"
        fix = "add a Default, or isEnd: true if that is meant"
        yield Problem("branch-ends", step.path, reason, fix)


def _retries(step: Step) -> Iterator[Problem]:
    attempts = step.entry.get("maxAttempts")
    if not str(attempts).isdigit() or int(str(attempts)) < 2:
        return
    token = TOKENS.get(step.action) or _token(step)
    if token is not None and token not in step.inputs:
        what = f"{step.inputs.get('Api', step.action)} again after it may have worked"
        fix = f"give it a {token}" if token else "make it one attempt, or look first what is there"
        reason = f"maxAttempts: {attempts} makes {what}"
        yield Problem("retried-create", (*step.path, "maxAttempts"), reason, fix)


def _token(step: Step) -> str | None:
    """The member that makes a creating call idempotent, '' where it has none; None of others."""
    model = model_of(step) if step.action in API_ACTIONS else None
    if model is None or not model.name.startswith(CREATES) or model.name == "CreateTags":
        return None
    return next(iter(model.idempotent_members), "")


def _timeout(step: Step) -> Iterator[Problem]:
    given, cap = step.entry.get("timeoutSeconds"), CAPS.get(step.action)
    if cap and str(given).isdigit() and int(str(given)) > cap:
        reason = f"{step.action} is ended after {cap} seconds, not {given}"
        fix = f"write {cap} at most, or split the work"
        yield Problem("timeout-over-cap", (*step.path, "timeoutSeconds"), reason, fix)
