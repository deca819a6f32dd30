"""A case is one run with its rule: what the phases of the planner share."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from rules.handlers import chain, facts, gates, ledger, live, rulebook, run
from rules.handlers.clients import client
from rules.handlers.gates import HeldError
from rules.netlib import clock
from rules.netlib.evidence import canonical, sha256, stamp
from rules.netlib.plan import NONE, Plan
from rules.netlib.rule import NetmendRule
from rules.netlib.version import VERSION

QUESTION_LIMIT: Final = 4096
"""Characters that aws:approve takes as its message."""


@dataclass(frozen=True)
class Case:
    """One run of one runbook for one resource, in this account and Region."""

    run: run.Run
    rule: NetmendRule
    account: str
    region: str


@dataclass(frozen=True)
class Judgement:
    """What live state says: no violations means that there is nothing to mend."""

    mode: str
    given: Mapping[str, str]
    facts: Mapping[str, Any]
    violations: list[Any]
    plan: Plan | None
    recorded: datetime | None = None


def open_case(execution: str, function_arn: str) -> Case:
    """The case of an execution; account and Region are those of the function that runs."""
    _, _, _, region, account, *_ = function_arn.split(":")
    found = run.read(execution)
    return Case(found, rulebook.load(found.control), account, region)


def judge(case: Case) -> Judgement:
    """Gates 1, 3 and 4: mode, whose rule and resource it is, and what is wrong with it now.

    The places between and after them belong to gates that do not exist yet: change calendars (2),
    exemptions (5), ownership (6), breaker (7), budget (8) and the after-image (9).
    Raises `HeldError`.
    """
    mode = gates.mode(case.run.control)
    if mode == "off":
        raise HeldError("the mode is off")
    params, given = gates.parameters(case.run, case.rule)
    resource = live.ONE[case.rule.RESOURCE_TYPES[0]](case.run.resource)
    if resource is None:
        return Judgement(mode, given, {}, [], None)
    gates.ownership(resource.owner_id, case.account, case.run.resource)
    known = facts.read(case.rule.NEEDS, resource)
    found = case.rule.violations(resource, known, params)
    if not found:
        return Judgement(mode, given, known, [], None)
    known = facts.read((*case.rule.NEEDS, *case.rule.PLAN_NEEDS), resource, sized=True)
    plan = case.rule.plan(resource, found, known, params)
    return Judgement(mode, given, known, found, plan, _recorded(case))


def _recorded(case: Case) -> datetime | None:
    """When AWS Config recorded the state that it called non-compliant."""
    items = client("config").get_resource_config_history(
        resourceType=case.rule.RESOURCE_TYPES[0], resourceId=case.run.resource, limit=1
    )["configurationItems"]
    return items[0]["configurationItemCaptureTime"] if items else None


def record(case: Case, kind: str, outcome: str, **content: Any) -> dict[str, Any]:
    """One evidence record: who, what, where and when, with `content` of its kind."""
    return {
        "kind": kind,
        "outcome": outcome,
        "time": stamp(clock.now()),
        "account": case.account,
        "region": case.region,
        "execution": case.run.execution,
        "started": {"time": stamp(case.run.started), "source": "ssm:GetAutomationExecution"},
        "started_by": case.run.executed_by,
        "document": {
            "name": case.run.document,
            "version": case.run.version,
            "hash": document_hash(case.run.document, case.run.version),
        },
        "role": case.run.role,
        "control": case.run.control,
        "version": VERSION,
        "rule": case.run.rule_name,
        "resource": case.run.resource,
        **content,
    }


@cache
def document_hash(name: str, version: str) -> str:
    """The hash that Systems Manager states for a document's version, which never changes."""
    described = client("ssm").describe_document(Name=name, DocumentVersion=version)
    return str(described["Document"]["Hash"])


def drift(case: Case, found: Judgement) -> dict[str, Any]:
    """What a record says of the drift and of the plan that answers it."""
    if found.plan is None:
        return {"mode": found.mode, "parameters": dict(found.given)}
    return {
        "mode": found.mode,
        "parameters": dict(found.given),
        "drift": {
            "what": case.rule.annotation(found.violations),
            "recorded": found.recorded,
            "recorded_by": "config:GetResourceConfigHistory",
            "violations": [violation.to_json() for violation in found.violations],
        },
        "facts": {name: sha256(canonical(value)) for name, value in found.facts.items()},
        "plan": found.plan.to_json(),
        "digest": found.plan.digest(),
        "fingerprint": found.plan.fingerprint(),
    }


def question(case: Case, plan: Plan) -> str:
    """The plan in words for the person who approves it, cut to what aws:approve takes."""
    lines = [
        f"Netmend asks to change {case.run.resource} in {case.account}/{case.region}.",
        f"Rule: {case.run.rule_name}",
        f"Why it asks: {plan.reason}",
        *(f"Lost: {sentence}" for sentence in plan.lost),
        f"Digest: {plan.digest()}",
        f"Answer: netmend approve {case.run.execution} [--reject]",
        "Changes:",
        *case.rule.change_lines(plan),
    ]
    text = "\n".join(lines)
    return text if len(text) <= QUESTION_LIMIT else text[: QUESTION_LIMIT - 2] + " …"


def tell(stored: Mapping[str, Any]) -> None:
    """Say what became of a case on the notification topic: ids and outcome, never user text."""
    names = [
        "outcome",
        "time",
        "account",
        "region",
        "execution",
        "control",
        "rule",
        "resource",
        "number",
        "hash",
    ]
    client("sns").publish(
        TopicArn=os.environ["NETMEND_NOTIFICATIONS_TOPIC"],
        Subject=f"Netmend: {stored['outcome']} {stored['resource']}"[:100],
        Message=canonical({name: stored[name] for name in names}).decode(),
    )


def end(
    case: Case, held: ledger.Lease | None, stored: Mapping[str, Any], refused: str = ""
) -> None:
    """Close the books: control state, lease and head."""
    ledger.record_end(
        held,
        case.run.control,
        case.run.resource,
        str(stored["outcome"]),
        int(stored["number"]),
        str(stored["hash"]),
        refused,
    )


def refuse(
    case: Case, decision: str, reason: str, found: Judgement | None = None
) -> dict[str, Any]:
    """A decision not to mend: recorded once, and again only when it differs from the last."""
    clear_dead(case)
    plan = found.plan if found else None
    refused = sha256(canonical([decision, reason, plan.fingerprint() if plan else ""]))
    if ledger.refusal(case.run.control, case.run.resource) != refused:
        content = drift(case, found) if found else {}
        stored = chain.append(record(case, "refusal", decision, reason=reason, **content))
        end(case, None, stored, refused)
    return answer(case, decision, reason, plan)


def answer(
    case: Case, decision: str, reason: str, plan: Plan | None = None, asked: str = ""
) -> dict[str, Any]:
    """What the runbook's next step reads: the decision, and the arguments of its change steps."""
    outputs = case.rule.runbook_outputs(plan or Plan(NONE, reason))
    return {
        **outputs,
        "Decision": outputs["Entry"] if decision == "MEND" else decision,
        "Reason": reason,
        "Digest": plan.digest() if plan else "",
        "Question": asked,
    }


def take(case: Case, plan: Plan, state: str, record_number: int = 0) -> ledger.Lease:
    """Claim the resource for this run; raises `BusyError` while another run is at work on it.

    record_number: the question that this run has asked already, so that it is never left open.
    """
    wanted = ledger.Lease(
        case.run.resource,
        case.run.execution,
        case.run.control,
        state,
        plan.digest(),
        image_hash(case, plan.after),
        record_number,
    )
    try:
        ledger.claim(wanted)
    except ledger.TakenError as taken:
        owner = taken.lease.owner
        if not run.has_ended(owner):
            raise BusyError(f"{case.run.resource} is in the hands of execution {owner}") from None
        close_dead(case, taken.lease)
        ledger.claim(wanted, instead_of=owner)
    return wanted


def image_hash(case: Case, image: Any) -> str:
    """Hash of what a resource lets in, equal however AWS groups and orders it."""
    return sha256(canonical(case.rule.canonical_image(image)))


class BusyError(RuntimeError):
    """Another run holds the resource; it is answered, but not recorded as a decision."""


def clear_dead(case: Case) -> None:
    """Free the resource from a run that ended without closing its books."""
    found = ledger.lease(case.run.resource)
    if found is None or found.owner == case.run.execution or not run.has_ended(found.owner):
        return
    close_dead(case, found)
    ledger.release(found)


def close_dead(case: Case, dead: ledger.Lease) -> None:
    """Close the evidence of a run that ended between its intent and its outcome.

    It is MENDED when live state is what that run planned to leave, and INTERRUPTED otherwise.
    """
    begun = dead.record or any(
        found["execution"] == dead.owner for found in chain.beyond_head(case.account, case.region)
    )
    if not begun:
        return
    resource = live.ONE[case.rule.RESOURCE_TYPES[0]](case.run.resource)
    after = case.rule.image(resource) if resource is not None else None
    as_planned = after is not None and image_hash(case, after) == dead.after
    content = record(
        case,
        "outcome",
        "MENDED" if as_planned and dead.state == "LEASED" else "INTERRUPTED",
        digest=dead.digest,
        intent=dead.record,
        after=after,
        as_planned=as_planned,
        closed_by=case.run.execution,
    )
    stored = chain.append({**content, "execution": dead.owner})
    ledger.record_begin(dead, int(stored["number"]), str(stored["hash"]))
