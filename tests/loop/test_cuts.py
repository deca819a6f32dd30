"""A run that dies at any API call, and is started again, ends as if it had not died."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from netmend.audit.evidence import verify
from netmend.sandbox.api import ApiCall
from netmend.sandbox.core import Sandbox
from netmend.sandbox.faults import Cut
from tests.loop.world import World, permission

OURS = "role/netmend-"
WEB = permission("tcp", (443, 443), "0.0.0.0/0", Description="the web service")
WEB_RULE = ("tcp", 443, 443, "0.0.0.0/0")
MENDED = [("intent", "MEND"), ("outcome", "MENDED")]
READS = ("Describe", "Get", "List", "Scan")
UNTOLD = "after ec2:RevokeSecurityGroupIngress"
"""Cut there the mend is done, and what went stays unknown: no run may call it mended."""


@dataclass
class CutAt:
    """Cuts the caller of the `number`-th call that Netmend's roles make, before or after it."""

    number: int
    phase: str
    seen: list[str] = field(default_factory=list)
    callers: list[str] = field(default_factory=list)
    fired: str = ""

    def before(self, call: ApiCall) -> None:
        if OURS in call.caller.role_arn:
            self.seen.append(call.name)
            self.callers.append(call.caller.role_arn)
            call.context["number"] = len(self.seen)
            self._cut("before", call)

    def after(self, call: ApiCall) -> None:
        self._cut("after", call)

    def _cut(self, phase: str, call: ApiCall) -> None:
        if not self.fired and (phase, call.context.get("number")) == (self.phase, self.number):
            self.fired = f"{phase} {call.name}"
            raise Cut(self.fired)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with Sandbox() as sandbox:
        yield World(sandbox)


def calls_of(world: World, drift: dict[str, Any], *, approve: bool = False) -> CutAt:
    """The calls of a run without faults, by workers that are warm."""
    reference_rules(world, drift, approve=approve)
    watch = CutAt(0, "never")
    group = world.group(WEB, settle=True)
    world.sandbox.hooks.append(watch)
    world.open(group, drift)
    finish(world, group, approve=approve)
    world.sandbox.hooks.remove(watch)
    assert world.compliance(group) == "COMPLIANT"
    return watch


def places(watched: CutAt, begin: int) -> Iterator[tuple[int, str]]:
    """Where to cut: before each call, and after it unless that is the same as before the next.

    After a read AWS stands as before it; where its caller goes on, the same one dies.
    """
    for number, name in enumerate(watched.seen, 1):
        if number >= begin:
            yield number, "before"
            is_read = name.partition(":")[2].startswith(READS)
            if not is_read or watched.callers[number - 1] not in watched.callers[number:][:1]:
                yield number, "after"


def finish(world: World, group: str, *, approve: bool) -> None:
    """Let everything happen, and answer the question where there is one."""
    world.settle()
    for run in world.runs(group) if approve else ():
        if run["AutomationExecutionStatus"] == "Waiting":
            world.answer(run["AutomationExecutionId"], "Approve")
            world.settle()


def deliver_again(world: World, group: str, where: str) -> None:
    """What was lost comes again: the invocation of the rule, or the start of the runbook."""
    if where.endswith("config:PutEvaluations"):
        world.sandbox.clock.advance(61)  # Config starts a rule once a minute
        world.client("config").start_config_rules_evaluation(ConfigRuleNames=[world.rule_name])
    else:
        world.start(group)


def without_interrupted(records: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """(kind, outcome) of the records, less those of runs that were closed as INTERRUPTED."""
    dead = {r["execution"] for r in records if r["outcome"] == "INTERRUPTED"}
    return [(r["kind"], r["outcome"]) for r in records if r["execution"] not in dead]


def cut_and_deliver(
    world: World, drift: dict[str, Any], number: int, phase: str, *, approve: bool
) -> tuple[str, str]:
    """Cut once, deliver again; return (group, where it was cut)."""
    cut = CutAt(number, phase)
    group = world.group(WEB, settle=True)
    world.sandbox.hooks.append(cut)
    world.open(group, drift)
    finish(world, group, approve=approve)
    world.sandbox.hooks.remove(cut)
    assert cut.fired, f"call {number} was never reached"
    assert WEB_RULE in world.rules(group), f"{cut.fired}: the web service was lost"
    deliver_again(world, group, cut.fired)
    finish(world, group, approve=approve)
    return group, cut.fired


def check_all(
    world: World,
    drift: dict[str, Any],
    expected: list[tuple[str, str]],
    *,
    approve: bool,
    first: str = "",
) -> int:
    """Cut at every call, or from the first call of that name on; return how many cuts were made."""
    watched = calls_of(world, drift, approve=approve)
    chosen = list(places(watched, watched.seen.index(first) + 1 if first else 1))
    reference = reference_rules(world, drift, approve=approve)
    for number, phase in chosen:
        group, where = cut_and_deliver(world, drift, number, phase, approve=approve)
        assert where == f"{phase} {watched.seen[number - 1]}"
        assert world.rules(group) == reference, where
        assert world.compliance(group) == "COMPLIANT", where
        told = without_interrupted(world.evidence(group))
        assert told == ([] if where == UNTOLD else expected), where
        world.client("ec2").delete_security_group(GroupId=group)
    return len(chosen)


def reference_rules(world: World, drift: dict[str, Any], *, approve: bool) -> set[Any]:
    group = world.group(WEB, settle=True)
    world.open(group, drift)
    finish(world, group, approve=approve)
    return world.rules(group)


def test_run_cut_at_any_call_ends_as_without_the_cut(world: World) -> None:
    cuts = check_all(world, permission("tcp", (22, 22), "0.0.0.0/0"), MENDED, approve=False)
    assert cuts >= 30


def test_approved_run_cut_at_any_call_ends_as_without_the_cut(world: World) -> None:
    expected = [("question", "WAITING"), *MENDED]
    drift = permission("tcp", (22, 22), "0.0.0.0/0")
    world.mode("approve")
    # Up to the lease it makes the calls of the other run.
    cuts = check_all(world, drift, expected, approve=True, first="dynamodb:PutItem")
    world.mode("enforce")
    assert cuts >= 50


def test_evidence_of_all_cuts_is_one_whole_chain(world: World) -> None:
    found = verify(world.objects())
    assert found.ok, found.problems
    assert found.count > 100
