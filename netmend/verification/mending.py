"""The checks that have a scratch group mended: nothing else may be, while they run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from netmend.commands.approve import is_named
from netmend.verification.errors import CouldNotError, DriftError
from netmend.verification.openings import ALL, neighbours, opened, rules
from netmend.verification.runs import WAITING, Run
from netmend.verification.stage import Stage

TAGS: Final = {"purpose": "netmend verify"}


def changed(stage: Stage, group: str, execution: str) -> Run:
    """The run that planned the change: ours, or one that an event has started meanwhile.

    Where no run did, one that failed at Plan says more than one that found the group taken.
    """
    own = stage.settled(execution)
    others = [stage.settled(run.id) for run in stage.runs(group) if run.id != execution]
    return min([own, *others], key=_rank)


def _rank(run: Run) -> int:
    if run.decision.startswith("MEND") or run.status == WAITING:
        return 0
    return 1 if run.state("Plan") == "Failed" else 2


def mended(stage: Stage, tags: Mapping[str, str] | None = None) -> tuple[Run, list[Any]]:
    """The run that mended an opened group, and the group's ingress rules afterwards."""
    run, left = _tried(stage, tags)
    if not run.decision.startswith("MEND"):
        raise CouldNotError(f"the group was not mended: {_why(run)}")
    return run, left


def _tried(stage: Stage, tags: Mapping[str, str] | None) -> tuple[Run, list[Any]]:
    name = f"mended {bool(tags)}"
    if name not in stage.known:
        group = opened(stage, tags)
        with stage.granted(group, "enforce"):
            run = changed(stage, group, stage.start(group))
        stage.known[name] = run, rules(stage, group)
    found: tuple[Run, list[Any]] = stage.known[name]
    return found


def _why(run: Run) -> str:
    """What the run came to instead: the reason that Plan gave, or the path that it went."""
    return (
        f"{run.decision or run.path} {run.failure('Plan') or run.output('Plan', 'Reason')}".strip()
    )


def tagged(stage: Stage) -> str:
    """3: a MapList goes into an API call with its integers and inner lists intact."""
    return _kept(stage, *mended(stage, TAGS))


def untagged(stage: Stage) -> str:
    """4: TagSpecifications: [] is the same as none."""
    try:
        mended(stage, TAGS)
        tagged(stage)
    except DriftError as error:
        raise CouldNotError("check 3 has to pass first") from error
    return _kept(stage, *mended(stage))


def _kept(stage: Stage, run: Run, left: list[Any]) -> str:
    low, high = neighbours(stage)
    if run.state("AuthorizeRemainder") != "Success":
        step = run.state("AuthorizeRemainder")
        seen = f"AuthorizeRemainder is {step}: {run.failure('AuthorizeRemainder')}"
        raise DriftError(seen, f"{low} and {high} from {ALL} authorised anew")
    ranges = {(r["FromPort"], r["ToPort"]) for r in left if r.get("CidrIpv4") == ALL}
    if not {(low, low), (high, high)} <= ranges:
        raise DriftError(f"open to {ALL} are now {sorted(ranges)}", f"{low} and {high} among them")
    return f"tcp {low} and {high} from {ALL} were authorised as planned"


def told_what_went(stage: Stage) -> str:
    """16: the answers to Authorize and Revoke, as a step sees them, list the rules concerned."""
    run, _ = mended(stage, TAGS)
    for step, output in (("AuthorizeRemainder", "Added"), ("RevokeOffenders", "Removed")):
        if run.state(step) != "Success":
            raise CouldNotError(f"{step} is {run.state(step)}: {run.failure(step)}")
        if "sgr-" not in run.output(step, output):
            raise DriftError(f"{step}.{output} lists no rule", "the rules concerned")
    return "AuthorizeRemainder.Added and RevokeOffenders.Removed list the rules concerned"


def evidence(stage: Stage) -> str:
    """14: the planner may encrypt under the evidence key: a record of the mend is stored."""
    run, _ = _tried(stage, TAGS)
    if any(record["kind"] == "intent" for record in stage.records(run.id)):
        return f"{stage.place.bucket} holds the records of the mend"
    if "PutObject" in run.failure("Plan") or run.decision.startswith("MEND"):
        seen = run.failure("Plan") or f"run {run.id} went on without an intent"
        raise DriftError(seen, f"its intent in {stage.place.bucket}")
    raise CouldNotError(f"the group was not mended: {_why(run)}")


def rejection(stage: Stage) -> str:
    """5: a rejected aws:approve goes to Abort, which records REJECTED."""
    place = stage.place
    if not any(is_named(place.caller, approver) for approver in place.approvers):
        raise CouldNotError(
            f"{place.caller} is none of the approvers ({', '.join(place.approvers) or 'none'})",
            "name it in Approvers, or sign in as one of them",
        )
    group = opened(stage)
    with stage.granted(group, "approve"):
        run = changed(stage, group, stage.start(group, approvers=stage.place.approvers))
        if run.status != WAITING:
            raise CouldNotError(f"no question waits: {_why(run)}")
        stage.write(
            "ssm",
            "send_automation_signal",
            AutomationExecutionId=run.id,
            SignalType="Reject",
            Payload={"Comment": ["netmend verify --live"]},
        )
        run = _ended(stage, run.id)
    return _aborted(stage, run, "Approve", "REJECTED")


def _ended(stage: Stage, execution: str) -> Run:
    found = stage.run(execution)
    for _ in stage.times(f"run {execution} to end"):
        if found.ended:
            break
        found = stage.run(execution)
    return found


def _aborted(stage: Stage, run: Run, step: str, outcome: str) -> str:
    """The step failed, Abort was reached, and its record says the outcome."""
    if not run.ended:
        raise CouldNotError(f"the run has not ended: {run.path}")
    expected = f"{step} leads to Abort, which records {outcome}"
    if not run.reached("Abort"):
        raise DriftError(f"the run is {run.status}: {run.path}", expected)
    found = [record["outcome"] for record in stage.records(run.id)]
    if outcome not in found:
        raise DriftError(f"the records of the run say {', '.join(found) or 'nothing'}", expected)
    return f"{run.path}; the record says {outcome}"
