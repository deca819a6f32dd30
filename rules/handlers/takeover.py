"""A resource is in the hands of one run; one that died is closed by the next that needs it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from rules.handlers import case as cases
from rules.handlers import chain, ledger, live, run
from rules.handlers.case import Case
from rules.netlib.plan import Plan

OF_THE_RUN: Final = frozenset({"started", "started_by", "document", "role"})
"""What a record cannot say of a run that Systems Manager has forgotten."""


class BusyError(RuntimeError):
    """Another run holds the resource; it is answered, but not recorded as a decision."""


def take(case: Case, plan: Plan, state: str) -> ledger.Lease:
    """Claim the resource for this run; raises `BusyError` while another run is at work on it."""
    wanted = ledger.Lease(
        case.run.resource,
        case.run.execution,
        case.run.control,
        state,
        plan.digest(),
        cases.image_hash(case, plan.after),
    )
    for _ in range(2):
        try:
            return ledger.claim(wanted)
        except ledger.TakenError as taken:
            owner = taken.lease.owner
        if not run.has_ended(owner):
            break
        free(case, owner)
    raise BusyError(f"{case.run.resource} is in the hands of execution {owner}")


def clear_dead(case: Case) -> None:
    """Free the resource from a run that ended without closing its books."""
    found = ledger.lease(case.run.resource)
    if found and found.owner != case.run.execution and run.has_ended(found.owner):
        free(case, found.owner)


def free(case: Case, owner: str) -> None:
    """Close the evidence of a run that ended after its intent or question, and end its lease."""
    chain.catch_up(case.account, case.region)
    dead = ledger.lease(case.run.resource)
    if dead is None or dead.owner != owner:
        return
    if not dead.record and not dead.outcome:
        ledger.release(dead)
        return
    if dead.outcome:
        stored = chain.fetch(case.account, case.region, dead.outcome)
    else:
        content = closing(case, dead)
        if _is_free_of(dead):
            return
        stored = chain.append(content)
    cases.tell(stored)  # which the dead run may have done already: twice is better than never
    if not _is_free_of(dead):
        ledger.record_end(dead, stored)


def _is_free_of(dead: ledger.Lease) -> bool:
    """Another run was quicker, and has closed its books."""
    held = ledger.lease(dead.resource)
    return held is None or held.owner != dead.owner


def closing(case: Case, dead: ledger.Lease) -> Mapping[str, Any]:
    """The outcome of a run that could not write it itself.

    It is MENDED when live state is what that run planned to leave, and AWS said that just those
    rules went that were to go; else INTERRUPTED. strays is None where AWS's word is not known.
    """
    ended = run.find(dead.owner)
    begun = chain.fetch(case.account, case.region, dead.record)
    forgotten = replace(
        case.run, execution=dead.owner, control=begun["control"], rule_name=begun["rule"]
    )
    resource = live.ONE[case.rule.RESOURCE_TYPES[0]](case.run.resource, ids=False)
    after = case.rule.image(resource) if resource is not None else None
    strays = cases.strays(case, ended, begun["plan"]["before"]) if ended else None
    as_planned = after is not None and cases.image_hash(case, after) == dead.after
    mended = as_planned and dead.state == "LEASED" and strays == []
    content = cases.record(
        replace(case, run=ended or forgotten),
        "outcome",
        "MENDED" if mended else "INTERRUPTED",
        digest=dead.digest,
        intent=dead.record,
        strays=strays,
        **(cases.done(ended) if ended else {"calls": []}),
        after=after,
        as_planned=as_planned,
        closed_by=case.run.execution,
    )
    return content if ended else {n: v for n, v in content.items() if n not in OF_THE_RUN}
