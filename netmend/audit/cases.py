"""Records of one run, read together, are one drift: what was open, decided and done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from netmend.audit.changes import Changes, Table, changes, exposure
from netmend.audit.evidence import Link
from netmend.audit.states import (
    MENDED,
    OVER,
    STATES,
    UNFINISHED,
    UNKNOWN,
    UNVERIFIED,
    State,
    advice,
)
from netmend.audit.text import between, items, own_error, text, texts
from netmend.audit.trials import is_trial

KINDS: Final = ("question", "intent", "outcome", "refusal")
NOT_CLOSED: Final = "its run has not closed its books: it is at work, or it died"
FAILURES: Final = ("FAILED", "REJECTED", "EXPIRED")
"""Outcomes whose reason is how Automation tells of a failed step."""
Record = Mapping[str, Any]


class Moment(NamedTuple):
    """When something was, and whose word that is."""

    what: str
    time: str
    source: str


class ApiCall(NamedTuple):
    """One change, as Systems Manager recorded its step."""

    step: str
    api: str
    status: str
    request_id: str
    time: str


class Approval(NamedTuple):
    """What a person answered."""

    who: str
    decision: str
    time: str
    comment: str


@dataclass(frozen=True)
class Drift:
    """One drift with what became of it; every text is as its records have it.

    seconds: from Config's recorded drift to the verified mend. problems: why its records are not
    to be relied on. proof: (name, value) pairs for an auditor. trial: whether it is none, but one
    of the scratch groups of `netmend verify --live`.
    """

    id: str
    chain: str
    account: str
    region: str
    resource: str
    control: str
    rule: str
    execution: str
    outcome: str
    state: State
    opened: str
    exposure: Table
    reason: str
    advice: str
    question: str
    lost: tuple[str, ...]
    strays: tuple[str, ...]
    changes: Changes
    calls: tuple[ApiCall, ...]
    times: tuple[Moment, ...]
    seconds: float | None
    asked: bool
    approvals: tuple[Approval, ...]
    proof: tuple[tuple[str, str], ...]
    numbers: tuple[int, ...]
    problems: tuple[str, ...]
    trial: bool

    @property
    def captions(self) -> dict[str, str]:
        """What its tables of changes show: what was done, or what was planned alone."""
        done = self.state.group == MENDED
        gone, added = (done or told for told in (self.changes.gone_told, self.changes.added_told))
        return {
            "gone": "Taken away" if gone else "To be taken away, as planned",
            "added": "Added" if added else "To be added, as planned",
            "kept": "Kept as it was",
        }

    @property
    def subject(self) -> tuple[str, str, str, str]:
        """What it is about: the same for every drift of one resource under one rule."""
        return self.account, self.region, self.control, self.resource

    @property
    def is_over(self) -> bool:
        return self.outcome in OVER and self.state is not UNVERIFIED


def drifts(links: Iterable[Link]) -> tuple[Drift, ...]:
    """The drifts in the order of their first records; records of no known kind are left to the
    chain's own table."""
    runs: dict[tuple[str, str, str], list[Link]] = {}
    for link in links:
        if text(link.record, "kind") in KINDS:
            whose = link.chain, text(link.record, "execution"), text(link.record, "resource")
            runs.setdefault(whose, []).append(link)
    return tuple(_drift(f"drift-{n}", one) for n, one in enumerate(runs.values(), start=1))


def _drift(anchor: str, links: Sequence[Link]) -> Drift:
    by_kind = {text(link.record, "kind"): link.record for link in links}
    last = links[-1].record
    planned = by_kind.get("intent") or by_kind.get("question") or last
    ended = by_kind.get("outcome") or by_kind.get("refusal") or {}
    problems = tuple(dict.fromkeys(link.problem for link in links if link.problem))
    outcome, state = _state(by_kind, ended, problems)
    reason = _reason(outcome, ended, planned)
    recorded = text(planned, "drift", "recorded")
    return Drift(
        id=anchor,
        chain=links[0].chain,
        account=text(last, "account"),
        region=text(last, "region"),
        resource=text(last, "resource"),
        control=text(last, "control"),
        rule=text(last, "rule"),
        execution=text(last, "execution"),
        outcome=outcome,
        state=state,
        opened=text(planned, "drift", "what"),
        exposure=exposure(items(planned, "drift", "violations")),
        reason=reason,
        advice=advice(outcome, reason),
        question=text(by_kind.get("question"), "question"),
        lost=texts(planned, "plan", "lost"),
        strays=texts(ended, "strays"),
        changes=changes(planned.get("plan"), ended),
        calls=tuple(_call(one) for one in items(ended, "calls")),
        times=tuple(_times(by_kind, planned, ended)),
        seconds=between(recorded, text(ended, "time")) if outcome == "MENDED" else None,
        asked="question" in by_kind,
        approvals=tuple(_approvals(by_kind)),
        proof=tuple(_proof(planned, last)),
        numbers=tuple(link.number for link in links),
        problems=problems,
        trial=is_trial(links),
    )


def _state(
    by_kind: Mapping[str, Record], ended: Record, problems: Sequence[str]
) -> tuple[str, State]:
    outcome = text(ended, "outcome")
    if not ended:
        outcome = "UNFINISHED" if "intent" in by_kind else "WAITING"
    if problems:
        return outcome, UNVERIFIED
    return outcome, UNFINISHED if outcome == "UNFINISHED" else STATES.get(outcome, UNKNOWN)


def _reason(outcome: str, ended: Record, planned: Record) -> str:
    if outcome == "UNFINISHED":
        return NOT_CLOSED
    said = text(ended, "reason") or text(planned, "plan", "reason")
    return own_error(said) if outcome in FAILURES else said


def _call(said: Any) -> ApiCall:
    """Automation keeps a step's inputs as JSON texts, hence the quotes around names."""
    service, api = (text(said, "inputs", name).strip('"') for name in ("Service", "Api"))
    name = f"{service}:{api}" if service and api else text(said, "action")
    return ApiCall(
        text(said, "step"), name, text(said, "status"), text(said, "request_id"), text(said, "time")
    )


STEP: Final = "start of the step, ssm:GetAutomationExecution"
WRITTEN: Final = {
    "question": "question stored",
    "intent": "intent stored, before the first change",
    "refusal": "refusal stored",
    "outcome": "outcome stored",
}


def _times(by_kind: Mapping[str, Record], planned: Record, ended: Record) -> Iterable[Moment]:
    drift = planned.get("drift")
    recorded_by = text(drift, "recorded_by")
    yield Moment("drift recorded by AWS Config", text(drift, "recorded"), recorded_by)
    started = planned.get("started")
    yield Moment("run started", text(started, "time"), text(started, "source"))
    for kind in ("question", "intent", "refusal"):
        if kind in by_kind:
            yield Moment(WRITTEN[kind], text(by_kind[kind], "time"), "clock of netmend-planner")
    for one in _approvals(by_kind):
        yield Moment(f"answered: {one.decision}", one.time, "ApproverDecisions of aws:approve")
    for call in map(_call, items(ended, "calls")):
        yield Moment(call.step, call.time, STEP)
    if "outcome" in by_kind:
        mended = text(ended, "outcome") == "MENDED"
        what = "verified by a second read" if mended else WRITTEN["outcome"]
        yield Moment(what, text(ended, "time"), "clock of netmend-planner")


def _approvals(by_kind: Mapping[str, Record]) -> Iterable[Approval]:
    for kind in ("outcome", "intent"):
        found = items(by_kind.get(kind), "approval", "decisions")
        for one in found:
            yield Approval(*(text(one, n) for n in ("Approver", "Decision", "Time", "Comment")))
        if found:
            return


def _proof(planned: Record, last: Record) -> Iterable[tuple[str, str]]:
    as_planned = {"true": "yes", "false": "no: something else changed it meanwhile"}
    for name, value in (
        ("mode", text(planned, "mode")),
        ("digest of the plan", text(planned, "digest")),
        ("fingerprint", text(planned, "fingerprint")),
        ("document", text(planned, "document", "name")),
        ("document version", text(planned, "document", "version")),
        ("document hash", text(planned, "document", "hash")),
        ("execution", text(last, "execution")),
        ("verify --live", _checks(planned.get("verified"))),
        ("grant for a scratch group", text(planned, "scratch")),
        ("role of the change", text(planned, "role")),
        ("started by", text(planned, "started_by")),
        ("Config rule", text(last, "rule")),
        ("Netmend", text(last, "version")),
        ("as planned afterwards", as_planned.get(text(last, "as_planned"), "")),
        ("closed by execution", text(last, "closed_by")),
    ):
        if value:
            yield name, value


def _checks(said: Any) -> str:
    """Which record of checks let mode enforce be in force."""
    if not said:
        return ""
    passed, by, made_for = (text(said, name) for name in ("passed", "by", "made_for"))
    return f"passed {passed} by {by} (made for {made_for})"
