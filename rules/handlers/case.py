"""A case is one run with its rule: what the phases of the planner share."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from rules.handlers import facts, gates, live, rulebook, run
from rules.handlers.clients import client
from rules.handlers.gates import HeldError
from rules.netlib import clock, tags
from rules.netlib.evidence import canonical, sha256, stamp
from rules.netlib.plan import NONE, Plan
from rules.netlib.raw import no_reader
from rules.netlib.rule import NetmendRule
from rules.netlib.version import VERSION

QUESTION_LIMIT: Final = 4096
"""Characters that aws:approve takes as its message."""

DOCUMENT_GONE: Final = frozenset({"InvalidDocument", "InvalidDocumentVersion"})


@dataclass(frozen=True)
class Case:
    """One run of one runbook for one resource, in this account and Region."""

    run: run.Run
    rule: NetmendRule
    account: str
    region: str


@dataclass(frozen=True)
class Judgement:
    """What live state says: without violations, or when it is gone, there is nothing to mend."""

    mode: gates.Mode
    given: Mapping[str, str]
    facts: Mapping[str, Any]
    violations: list[Any]
    plan: Plan | None
    recorded: datetime | None = None
    gone: bool = False


def open_case(execution: str, function_arn: str) -> Case:
    """The case of an execution; account and Region are those of the function that runs."""
    _, _, _, region, account, *_ = function_arn.split(":")
    found = run.read(execution)
    return Case(found, rulebook.load(found.control), account, region)


def mode(case: Case) -> gates.Mode:
    """Gate 1 for this case, as it stands now."""
    return gates.mode(case.run.control, case.run.resource, case.account, case.region)


def still(case: Case, found: Judgement) -> str:
    """The mode in force at the last moment, for a plan that is about to be carried out.

    Raises `HeldError` also where a grant for a scratch resource has come since it was judged.
    """
    now = mode(case)
    if now.scratch and not found.mode.scratch:
        raise HeldError("a grant for a scratch resource came while the plan was made")
    return now.name


def judge(case: Case) -> Judgement:
    """Gates 1, 3 and 4: mode, whose rule and resource it is, and what is wrong with it now.

    The places between and after them belong to gates that do not exist yet: change calendars (2),
    exemptions (5), ownership (6), breaker (7), budget (8) and the after-image (9).
    Raises `HeldError`.
    """
    word = mode(case)
    if word.name == "off":
        raise HeldError("the mode is off")
    params, given = gates.parameters(case.run, case.rule)
    kind = case.rule.RESOURCE_TYPES[0]
    if kind not in live.ONE:
        raise HeldError(no_reader(kind))
    resource = live.ONE[kind](case.run.resource)
    if resource is None:
        return Judgement(word, given, {}, [], None, gone=True)
    gates.ownership(resource.owner_id, case.account, case.run.resource)
    gates.scratch(word, resource.tags, case.run.resource)
    known = facts.read(case.rule.NEEDS, resource)
    found = case.rule.violations(resource, known, params)
    if not found:
        return Judgement(word, given, known, [], None)
    known = facts.read((*case.rule.NEEDS, *case.rule.PLAN_NEEDS), resource, sized=True)
    found = case.rule.violations(resource, known, params)  # a prefix list may have just changed
    if not found:
        return Judgement(word, given, known, [], None)
    plan = case.rule.plan(resource, found, known, params)
    return Judgement(word, given, known, found, plan, _recorded(case))


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
        "document": content.get("document") or document(case.run),
        "role": case.run.role,
        "control": case.run.control,
        "version": VERSION,
        "rule": case.run.rule_name,
        "resource": case.run.resource,
        **content,
    }


def document(of: run.Run) -> dict[str, str]:
    """Name, version and hash of the document that a run follows."""
    return {"name": of.document, "version": of.version, "hash": document_hash(of)}


def document_hash(of: run.Run) -> str:
    """The hash that Systems Manager states for the run's version of its document.

    It is asked for each time: a document that was deleted and made anew begins again at version 1.
    """
    try:
        found = client("ssm").describe_document(Name=of.document, DocumentVersion=of.version)
    except ClientError as error:
        # A dead run may have outlived its document, and its evidence is closed all the same.
        if of.status in run.ENDED and error.response["Error"]["Code"] in DOCUMENT_GONE:
            return ""
        raise
    return str(found["Document"]["Hash"])


def drift(case: Case, found: Judgement) -> dict[str, Any]:
    """What a record says of the drift and of the plan that answers it."""
    if found.plan is None:
        return {"mode": found.mode.name, "parameters": dict(found.given)}
    return {
        "mode": found.mode.name,
        **found.mode.grounds,
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


def done(of: run.Run) -> dict[str, Any]:
    """What an outcome says of the change steps: their calls, and what AWS says came and went."""
    return {
        "calls": run.calls(of),
        "added": run.told(of, "Added"),
        "removed": run.told(of, "Removed"),
    }


def strays(case: Case, of: run.Run, before: list[Any]) -> list[str] | None:
    """What a run took away beside its plan, which was to take `before`; a line each.

    None where AWS did not say of every rule of the plan that it went: it may have been another one.
    """
    removed = run.told(of, "Removed") or []
    found = case.rule.strays(before, removed)
    told = {canonical(one) for one in removed}
    return found if found or len(told) >= len(before) else None


def question(case: Case, plan: Plan) -> str:
    """The plan in words for the person who approves it, cut to what aws:approve takes."""
    lines = [
        f"Netmend asks to change {case.run.resource} in {case.account}/{case.region}.",
        f"Rule: {case.run.rule_name}",
        f"Why it asks: {plan.reason}",
        *(f"Lost: {_hashed(sentence, plan)}" for sentence in plan.lost),
        f"Digest: {plan.digest()}",
        f"Answer: netmend approve {case.run.execution} [--reject]",
        "Changes:",
        *case.rule.change_lines(plan),
    ]
    text = "\n".join(lines)
    return text if len(text) <= QUESTION_LIMIT else text[: QUESTION_LIMIT - 2] + " …"


def _hashed(sentence: str, plan: Plan) -> str:
    """The sentence with a hash for the tags of users, which stand in full in the evidence alone."""
    for rule in plan.before:
        pairs = tuple((tag["Key"], tag["Value"]) for tag in rule["Tags"])
        said = tags.text(tuple(pair for pair in pairs if not tags.is_reserved(pair[0])))
        if said and said in sentence:
            return sentence.replace(said, f"with the hash {sha256(said.encode())[:12]}")
    return sentence


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


def image_hash(case: Case, image: Any) -> str:
    """Hash of what a resource lets in, equal however AWS groups and orders it."""
    return sha256(canonical(case.rule.canonical_image(image)))
