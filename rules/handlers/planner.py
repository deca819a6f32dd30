"""The planner decides in every phase of a runbook; it reads the network and never writes to it."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from rules.handlers import case as cases
from rules.handlers import chain, facts, gates, ledger, live, run
from rules.handlers.case import BusyError, Case, Judgement, answer, drift, record, refuse
from rules.handlers.gates import HeldError
from rules.netlib.plan import Plan


class Context(Protocol):
    """The part of Lambda's context object that is used."""

    invoked_function_arn: str


class UnknownPhaseError(ValueError):
    """The runbook asks for a phase that this planner does not know."""


class StillOpenError(RuntimeError):
    """The second read shows that the mend did not do what it should."""


class RunAbortedError(RuntimeError):
    """Raised on purpose at the end of Abort, so that the run ends Failed."""


class NotLeasedError(RuntimeError):
    """A later phase runs without the lease that the first one took."""


def handle(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Run one phase: event {"phase": plan|approved|close|abort, "execution": id}.

    Everything else is read by GetAutomationExecution. Returns {"Decision", "Reason", "Digest",
    "Question"} and the arguments of the runbook's change steps.
    """
    phase = PHASES.get(event["phase"])
    if phase is None:
        raise UnknownPhaseError(f"no phase {event['phase']!r}: it is one of {', '.join(PHASES)}")
    return phase(cases.open_case(event["execution"], context.invoked_function_arn))


def _plan(case: Case) -> dict[str, Any]:
    try:
        found = cases.judge(case)
        return _decide(case, found)
    except BusyError as busy:
        return answer(case, "HELD", str(busy))
    except HeldError as held:
        return refuse(case, "HELD", str(held))


def _decide(case: Case, found: Judgement) -> dict[str, Any]:
    plan = found.plan
    if plan is None:
        cases.clear_dead(case)
        return answer(case, "NONE", "live state is compliant: nothing to mend")
    if plan.decision == "HELD":
        return refuse(case, "HELD", plan.reason, found)
    if found.mode == "observe":
        return refuse(case, "OBSERVE", "the mode is observe: the plan was not carried out", found)
    if plan.decision == "APPROVE" or found.mode == "approve":
        return _ask(case, found, plan)
    return _go(case, found, plan, {}, 0)


def _ask(case: Case, found: Judgement, plan: Plan) -> dict[str, Any]:
    if not case.run.approvers:
        return refuse(
            case, "HELD", f"it needs approval and nobody may approve: {plan.reason}", found
        )
    if ledger.waiting() >= ledger.WAITING_LIMIT:
        reason = f"{ledger.WAITING_LIMIT} questions wait already in this Region"
        return refuse(case, "HELD", reason, found)
    held = cases.take(case, plan, "WAITING")
    asked = cases.question(case, plan)
    stored = chain.append(record(case, "question", "WAITING", question=asked, **drift(case, found)))
    ledger.record_begin(held, int(stored["number"]), str(stored["hash"]))
    return answer(case, "APPROVE", plan.reason, plan, asked)


def _go(
    case: Case, found: Judgement, plan: Plan, approval: Mapping[str, Any], asked: int
) -> dict[str, Any]:
    held = cases.take(case, plan, "LEASED", asked)
    stored = chain.append(record(case, "intent", "MEND", **drift(case, found), **approval))
    ledger.record_begin(held, int(stored["number"]), str(stored["hash"]))
    mode = gates.mode(case.run.control)
    if mode != "enforce" and not (mode == "approve" and approval):
        return _drop(case, held, "HELD", f"the mode became {mode} while the plan was made")
    return answer(case, "MEND", plan.reason, plan)


def _approved(case: Case) -> dict[str, Any]:
    held = _own_lease(case)
    step = case.run.step("Approve")
    if step is None or step.status != "Success":
        raise NotLeasedError("the Approve step of this run has not succeeded")
    try:
        found = cases.judge(case)
    except HeldError as closed:
        return _drop(case, held, "HELD", str(closed))
    if found.plan is None:
        return _drop(case, held, "NONE", "live state became compliant while the question waited")
    if found.mode == "observe" or found.plan.decision == "HELD":
        reason = found.plan.reason if found.plan.decision == "HELD" else "the mode is observe"
        return _drop(case, held, "HELD", reason)
    if found.plan.digest() != held.digest:
        return _drop(case, held, "STALE", "live state is no longer what was approved")
    approval = {"approval": {"decisions": run.decisions(step), "digest": held.digest}}
    return _go(case, found, found.plan, approval, held.record)


def _drop(case: Case, held: ledger.Lease, outcome: str, reason: str) -> dict[str, Any]:
    stored = chain.append(record(case, "outcome", outcome, reason=reason, digest=held.digest))
    cases.end(case, held, stored)
    return answer(case, outcome, reason)


def _own_lease(case: Case) -> ledger.Lease:
    held = ledger.lease(case.run.resource)
    if held is None or held.owner != case.run.execution:
        raise NotLeasedError(f"{case.run.execution} does not hold {case.run.resource}")
    return held


def _close(case: Case) -> dict[str, Any]:
    held = _own_lease(case)
    params, _ = gates.parameters(case.run, case.rule)
    resource = live.ONE[case.rule.RESOURCE_TYPES[0]](case.run.resource)
    after = case.rule.image(resource) if resource is not None else None
    if resource is not None:
        known = facts.read(case.rule.NEEDS, resource)
        left = case.rule.violations(resource, known, params)
        if left:
            raise StillOpenError(f"after the mend: {case.rule.annotation(left)}")
    stored = chain.append(
        record(
            case,
            "outcome",
            "MENDED",
            digest=held.digest,
            intent=held.record,
            calls=calls(case),
            after=after,
            as_planned=after is not None and cases.image_hash(case, after) == held.after,
        )
    )
    cases.tell(stored)
    cases.end(case, held, stored)
    return answer(case, "MENDED", "verified by a second read")


def calls(case: Case) -> list[dict[str, Any]]:
    """The API calls of the run's change steps, with the request ids that AWS gave them."""
    return [
        {
            "step": step.name,
            "status": step.status,
            "request_id": run.request_id(step),
            "inputs": step.inputs,
            "time": step.started,
        }
        for step in case.run.steps
        if step.action in CHANGES and step.started is not None
    ]


CHANGES: Final = frozenset({"aws:executeAwsApi", "aws:executeScript"})
ANSWERS: Final = {"Rejected": "REJECTED", "TimedOut": "EXPIRED"}


def _abort(case: Case) -> dict[str, Any]:
    outcome, reason = _cause(case)
    held = ledger.lease(case.run.resource)
    if held is not None and held.owner != case.run.execution:
        held = None
    stored = chain.append(
        record(
            case,
            "outcome",
            outcome,
            reason=reason,
            digest=held.digest if held else "",
            calls=calls(case),
        )
    )
    cases.end(case, held, stored)
    cases.tell(stored)
    raise RunAbortedError(f"{outcome}: {reason}")


def _cause(case: Case) -> tuple[str, str]:
    asked = case.run.step("Approve")
    if asked is not None:
        answers = {asked.status, *asked.outputs.get("ApprovalStatus", [])}
        for status, outcome in ANSWERS.items():
            if status in answers:
                return outcome, asked.failure or status
    failed = [s for s in case.run.steps if s.status in ("Failed", "TimedOut", "Cancelled")]
    if failed:
        return "FAILED", f"{failed[-1].name}: {failed[-1].failure}"
    return "FAILED", "the run was stopped, or a decision that the runbook does not know was made"


PHASES: Final[dict[str, Callable[[Case], dict[str, Any]]]] = {
    "plan": _plan,
    "approved": _approved,
    "close": _close,
    "abort": _abort,
}
