"""A group is opened while something goes wrong, and what must stand at the end."""

from __future__ import annotations

from tests.handlers.books import expect, lease
from tests.handlers.faults import Fault, Watch, hooked, start
from tests.loop.world import World, permission

SSH = permission("tcp", (22, 22), "0.0.0.0/0")
WEB = permission("tcp", (443, 443), "0.0.0.0/0")
WEB_RULE = ("tcp", 443, 443, "0.0.0.0/0")
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
MENDED_RULES = {WEB_RULE, *(("tcp", 22, 22, source) for source in PRIVATE)}
INTENT, MENDED = ("intent", "MEND"), ("outcome", "MENDED")
FAILED, INTERRUPTED = ("outcome", "FAILED"), ("outcome", "INTERRUPTED")
AUTHORIZE = "ec2:AuthorizeSecurityGroupIngress"
REVOKE = "ec2:RevokeSecurityGroupIngress"
TRANSACT = "dynamodb:TransactWriteItems"


def opened(world: World, *faults: Fault) -> str:
    """A group with a web service that is opened while the faults are there."""
    group = world.group(WEB, settle=True)
    with hooked(world, *faults):
        world.open(group, SSH)
        world.settle()
    expect(all(fault.fired for fault in faults), "a fault was not met")
    return group


def again(world: World, group: str) -> str:
    execution = start(world, group)
    world.settle()
    return execution


def mended(world: World, group: str, outcomes: list[tuple[str, str]]) -> None:
    """Raises `BooksAreOpen` unless the group is mended, and the evidence says just that."""
    expect(world.rules(group) == MENDED_RULES, world.rules(group))
    expect(world.compliance(group) == "COMPLIANT", "Config knows that it is mended")
    expect(world.outcomes(group) == outcomes, world.outcomes(group))
    expect(not lease(world, group), "the lease is given back")


def unchanged(world: World, group: str, **changed: list[str]) -> tuple[str, str, str]:
    """(status, decision, reason) of a run that is started by hand and changes nothing."""
    before, writes = world.rules(group), Watch()
    with hooked(world, writes):
        execution = start(world, group, **changed)
        world.settle()
    expect(not writes.calls, [call.name for call in writes.calls])
    expect(world.rules(group) == before, "the group is as it was")
    found = world.run(execution)
    outputs = found["StepExecutions"][0].get("Outputs", {})
    decision, reason = (outputs.get(name, [""])[0] for name in ("Decision", "Reason"))
    return found["AutomationExecutionStatus"], decision, reason
