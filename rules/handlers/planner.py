"""The planner decides in every phase of a runbook; it reads the network and never writes to it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

from rules.handlers import case as cases
from rules.handlers import chain, facts, gates, ledger, live, run, takeover
from rules.handlers.case import Case, Judgement, answer, drift, record
from rules.handlers.gates import HeldError
from rules.handlers.takeover import BusyError
from rules.netlib.evidence import canonical, sha256
from rules.netlib.plan import Plan


class Context(Protocol):
    """The part of Lambda's context object that is used."""

    invoked_function_arn: str


class UnknownPhaseError(ValueError):
    """The runbook asks for a phase that this planner does not know."""


class StillOpenError(RuntimeError):
    """The second read shows that the mend did not do what it should."""


class StrayError(RuntimeError):
    """The change took away something else than was planned, or AWS did not say what it took."""


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
        takeover.clear_dead(case)
        reason = "it is gone" if found.gone else "live state is compliant: nothing to mend"
        return answer(case, "NONE", reason)
    if plan.decision == "HELD":
        return refuse(case, "HELD", plan.reason, found)
    if found.mode.name == "observe":
        return refuse(case, "OBSERVE", "the mode is observe: the plan was not carried out", found)
    if plan.decision == "APPROVE" or found.mode.name == "approve":
        return _ask(case, found, plan)
    return _go(case, found, plan)


def refuse(
    case: Case, decision: str, reason: str, found: Judgement | None = None
) -> dict[str, Any]:
    """A decision not to mend: recorded once, and again only when it differs from the last."""
    takeover.clear_dead(case)
    plan = found.plan if found else None
    refused = sha256(canonical([decision, reason, plan.fingerprint() if plan else ""]))
    if ledger.last(case.run.control, case.run.resource).get("refusal") != refused:
        content = drift(case, found) if found else {}
        stored = chain.append(record(case, "refusal", decision, reason=reason, **content))
        cases.tell(stored)
        ledger.record_end(None, stored, refused)
    return answer(case, decision, reason, plan)


def _ask(case: Case, found: Judgement, plan: Plan) -> dict[str, Any]:
    if not case.run.approvers:
        return refuse(
            case, "HELD", f"it needs approval and nobody may approve: {plan.reason}", found
        )
    strangers = gates.strangers(case.run)
    if strangers:
        return refuse(case, "HELD", strangers, found)
    if ledger.waiting(case.run.execution) >= ledger.WAITING_LIMIT:
        reason = f"{ledger.WAITING_LIMIT} questions wait already in this Region"
        return refuse(case, "HELD", reason, found)
    held = takeover.take(case, plan, "WAITING")
    asked = cases.question(case, plan)
    content = record(case, "question", "WAITING", question=asked, **drift(case, found))
    cases.tell(_begin(held, content))
    return answer(case, "APPROVE", plan.reason, plan, asked)


def _go(
    case: Case, found: Judgement, plan: Plan, approval: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    held = takeover.take(case, plan, "LEASED")
    stored = _begin(held, record(case, "intent", "MEND", **drift(case, found), **(approval or {})))
    held = replace(held, record=stored["number"])
    try:
        mode = cases.still(case, found)
    except HeldError as closed:
        return _drop(case, held, "HELD", str(closed))
    if mode != "enforce" and not (mode == "approve" and approval):
        return _drop(case, held, "HELD", f"the mode became {mode} while the plan was made")
    return answer(case, "MEND", plan.reason, plan)


def _begin(held: ledger.Lease, content: Mapping[str, Any]) -> dict[str, Any]:
    stored = chain.append(content, held.record)
    ledger.record_begin(held, stored)
    return stored


def _approved(case: Case) -> dict[str, Any]:
    held = _own(case, ledger.lease(case.run.resource))
    step = case.run.step("Approve")
    if step is None or step.status != "Success":
        raise NotLeasedError("the Approve step of this run has not succeeded")
    approval = {"approval": {"decisions": run.decisions(step), "digest": held.digest}}
    strangers = gates.strangers(case.run)
    if strangers:
        return _drop(case, held, "HELD", strangers, approval)
    try:
        found = cases.judge(case)
    except HeldError as closed:
        return _drop(case, held, "HELD", str(closed), approval)
    if found.plan is None:
        reason = "live state became compliant while the question waited"
        return _drop(case, held, "NONE", reason, approval)
    if found.mode.name == "observe" or found.plan.decision == "HELD":
        reason = found.plan.reason if found.plan.decision == "HELD" else "the mode is observe"
        return _drop(case, held, "HELD", reason, approval)
    if found.plan.digest() != held.digest:
        return _drop(case, held, "STALE", "live state is no longer what was approved", approval)
    return _go(case, found, found.plan, approval)


def _drop(
    case: Case,
    held: ledger.Lease,
    outcome: str,
    reason: str,
    approval: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    stored = _outcome(case, held, outcome, reason=reason, **(approval or {}))
    cases.tell(stored)
    ledger.record_end(held, stored)
    return answer(case, outcome, reason)


def _outcome(
    case: Case,
    held: ledger.Lease | None,
    outcome: str,
    intent: Mapping[str, Any] | None = None,
    **content: Any,
) -> dict[str, Any]:
    if held is None:
        return chain.append(record(case, "outcome", outcome, digest="", **content))
    begun = {"digest": held.digest, "intent": held.record}
    return chain.append(record(case, "outcome", outcome, **begun, **content), held.outcome, intent)


def _closed(case: Case) -> str:
    """The outcome of this very run, where it has closed its books already: a step came twice."""
    last = ledger.last(case.run.control, case.run.resource)
    return last["state"] if last.get("execution") == case.run.execution else ""


def _own(case: Case, held: ledger.Lease | None) -> ledger.Lease:
    if held is None or held.owner != case.run.execution:
        raise NotLeasedError(f"{case.run.execution} does not hold {case.run.resource}")
    return held


def _close(case: Case) -> dict[str, Any]:
    held = ledger.lease(case.run.resource)
    if held is None and _closed(case) == "MENDED":
        return answer(case, "MENDED", "verified by a second read")
    held = _own(case, held)
    intent = chain.fetch(case.account, case.region, held.record)
    _expect_no_strays(case, intent)
    params = case.rule.parameters(intent["parameters"])
    resource = live.ONE[case.rule.RESOURCE_TYPES[0]](case.run.resource, ids=False)
    after = case.rule.image(resource) if resource is not None else None
    if resource is not None:
        known = facts.read(case.rule.NEEDS, resource)
        left = case.rule.violations(resource, known, params)
        if left:
            raise StillOpenError(f"after the mend: {case.rule.annotation(left)}")
    stored = _outcome(
        case,
        held,
        "MENDED",
        intent,
        document=intent["document"],
        **cases.done(case.run),
        after=after,
        as_planned=after is not None and cases.image_hash(case, after) == held.after,
    )
    cases.tell(stored)
    ledger.record_end(held, stored)
    return answer(case, "MENDED", "verified by a second read")


def _expect_no_strays(case: Case, intent: Mapping[str, Any]) -> None:
    """A rule that was edited after it was judged keeps its id, and goes by that id all the same."""
    strays = cases.strays(case, case.run, intent["plan"]["before"])
    if strays is None:
        raise StrayError(
            "AWS does not say of every rule of the plan that it went"
            " - compare plan.before of the intent with the group"
        )
    if strays:
        raise StrayError(
            f"edited after it was judged, and taken away as it was then: {'; '.join(strays)}"
            " - add it again if it should stay"
        )


ANSWERS: Final = {"Rejected": "REJECTED", "TimedOut": "EXPIRED"}


def _abort(case: Case) -> dict[str, Any]:
    held = ledger.lease(case.run.resource)
    if held is not None and held.owner != case.run.execution:
        held = None
    done = "" if held else _closed(case)
    if done:
        raise RunAbortedError(f"{done}: the evidence of this run is closed already")
    outcome, reason = _cause(case)
    asked = case.run.step("Approve")
    content = {"approval": {"decisions": run.decisions(asked)}} if asked else {}
    stored = _outcome(case, held, outcome, reason=reason, **cases.done(case.run), **content)
    ledger.record_end(held, stored)
    cases.tell(stored)
    # What AWS answered may repeat users' text, and this message is logged.
    raise RunAbortedError(f"{stored['outcome']}: evidence record {stored['number']} says why")


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
