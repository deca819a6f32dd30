"""An operation runs behind the API: one instance at a time, in the lanes that preferences make."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from netmend.sandbox.organizations import tree
from netmend.sandbox.stacksets import access, deploying, preferences
from netmend.sandbox.stacksets.errors import TaskError
from netmend.sandbox.stacksets.model import (
    SERVICE,
    Instance,
    Operation,
    Result,
    Spot,
    StackSet,
    StackSets,
)

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

SUSPENDED: Final = "The account is suspended"
WHY: Final = {
    "FAILED": "Cancelled since failure tolerance has exceeded",
    "STOPPED": "Cancelled by user",
}
"""Why an instance was not begun, by how its operation ended."""


def begin(sandbox: Sandbox, stack_set: StackSet, operation: Operation) -> None:
    """Take an operation on; it runs as soon as nothing that it waits for does."""
    stack_set.operations[operation.id] = operation
    for spot, result in operation.results.items():
        if operation.action == "CREATE":
            stack_set.instances.setdefault(spot, Instance(*spot, result.unit))
        if spot in stack_set.instances:
            stack_set.instances[spot].detailed = "PENDING"
    if not operation.after and stack_set.unfinished() == [operation]:
        operation.status = "RUNNING"
    sandbox.engine.submit(_label(operation), lambda: _turn(sandbox, stack_set, operation))


def drive(sandbox: Sandbox, stack_set: StackSet, operation: Operation) -> None:
    """Run an operation to its end at once, and first what it would have waited for."""
    for one in stack_set.unfinished():
        for needed in one.after:
            drive(sandbox, _owner(sandbox, needed), needed)
        run = Run(sandbox, stack_set, one)
        if not _admits(one):
            run.end("FAILED")
        while not one.over and not run.step():
            pass
        _wake(sandbox, stack_set, one)
        if one is operation:
            return


def _owner(sandbox: Sandbox, operation: Operation) -> StackSet:
    homes = sandbox.states(StackSets).values()
    sets = (one for home in homes for one in (*home.live.values(), *home.gone.values()))
    return next(one for one in sets if operation.id in one.operations)


def _admits(operation: Operation) -> bool:
    """Whether all that had to succeed first has."""
    if all(one.status == "SUCCEEDED" for one in operation.after):
        return True
    operation.reason = "An operation on a stack set that this one depends on did not succeed"
    return False


def _label(operation: Operation) -> str:
    return f"stack set operation {operation.id}"


def _turn(sandbox: Sandbox, stack_set: StackSet, operation: Operation) -> None:
    """Begin the operation if it may; else whoever ends what it waits for comes back to it."""
    if operation.over or operation.begun or not _may_run(stack_set, operation):
        return
    operation.begun = True
    run = Run(sandbox, stack_set, operation)
    if not _admits(operation):
        run.end("FAILED")
        _wake(sandbox, stack_set, operation)
        return

    def step() -> None:
        if not operation.over and not run.step():
            sandbox.engine.submit(_label(operation), step)
        elif operation.over:
            _wake(sandbox, stack_set, operation)

    step()


def _may_run(stack_set: StackSet, operation: Operation) -> bool:
    first = stack_set.unfinished()[0] is operation and not stack_set.held
    return first and all(one.over for one in operation.after)


def _wake(sandbox: Sandbox, stack_set: StackSet, ended: Operation) -> None:
    for home in sandbox.states(StackSets).values():
        for other in home.live.values():
            for waiting in other.unfinished()[:1]:
                if other is stack_set or ended in waiting.after:
                    turn = partial(_turn, sandbox, other, waiting)
                    sandbox.engine.submit(_label(waiting), turn)


class Run:
    """One operation on its way; `step` brings one instance to its end."""

    def __init__(self, sandbox: Sandbox, stack_set: StackSet, operation: Operation) -> None:
        self._sandbox = sandbox
        self._set = stack_set
        self._operation = operation
        operation.status = "RUNNING" if operation.status == "QUEUED" else operation.status
        self._parallel = operation.preferences.get("RegionConcurrencyType") == "PARALLEL"
        regions = dict.fromkeys(region for _, region in operation.results)
        self._lanes = {
            region: preferences.lane(operation.preferences, self._results(region))
            for region in preferences.order(operation.preferences, regions)
            if region in regions
        }

    def _results(self, region: str) -> dict[str, str]:
        found = self._operation.results.values()
        return {one.account: one.status for one in found if one.region == region}

    def step(self) -> bool:
        """Bring one more instance to its end; whether that ended the operation."""
        if self._operation.stopping:
            for lane in self._lanes.values():
                lane.stopped = True
        region = self._region()
        if region is None:
            self.end(self._verdict())
            return True
        self._advance(region)
        return False

    def _region(self) -> str | None:
        """The Region whose turn it is: the first that is not over; in parallel the least done."""
        unfinished = [region for region, lane in self._lanes.items() if not lane.over()]
        if self._parallel:
            return min(unfinished, key=lambda region: self._lanes[region].done, default=None)
        if any(lane.exceeded and lane.over() for lane in self._lanes.values()):
            return None
        return unfinished[0] if unfinished else None

    def _advance(self, region: str) -> None:
        lane, results = self._lanes[region], self._operation.results
        for account in lane.begin():
            results[account, region].status = "RUNNING"
            self._tell((account, region), detailed="RUNNING")
        spot = (lane.flying[0], region)
        result = results[spot]
        try:
            result.reason = self._do(spot, result)
            result.status = "SUCCEEDED"
        except TaskError as error:
            result.status, result.reason = "FAILED", str(error)
        lane.end(failed=result.status == "FAILED")
        self._settle(spot, result)

    def _do(self, spot: Spot, result: Result) -> str:
        """Bring or remove one stack; what is to be said of it. Raises TaskError."""
        operation, instances = self._operation, self._set.instances
        if operation.action == "CREATE":
            instances.setdefault(spot, Instance(*spot, result.unit))
        instance = instances.get(spot)
        if instance is None or operation.retain:
            return ""
        if self._suspended(spot[0]):
            return SUSPENDED
        place = access.enter(self._sandbox, self._set, *spot)
        if operation.action == "DELETE":
            deploying.remove(instance, place, operation.id)
            return ""
        instance.unit = result.unit or instance.unit
        if operation.overrides is not None:
            instance.overrides = dict(operation.overrides)
        deploying.bring(self._set, instance, place, operation.id)
        return ""

    def _suspended(self, account: str) -> bool:
        found = tree.of(self._set.account) if self._set.model == SERVICE else None
        return found is not None and found.suspended(account)

    def _settle(self, spot: Spot, result: Result) -> None:
        deletes = self._operation.action == "DELETE"
        if result.status == "FAILED":
            status, detailed = ("INOPERABLE",) * 2 if deletes else ("OUTDATED", "FAILED")
            self._tell(spot, status=status, detailed=detailed, reason=result.reason)
        elif result.reason == SUSPENDED:
            detailed = "SKIPPED_SUSPENDED_ACCOUNT"
            self._tell(spot, status="OUTDATED", detailed=detailed, reason=SUSPENDED)
        elif deletes:
            self._set.instances.pop(spot, None)
        else:
            self._tell(spot, status="CURRENT", detailed="SUCCEEDED", reason="")

    def _tell(self, spot: Spot, **said: str) -> None:
        instance = self._set.instances.get(spot)
        if instance is not None:
            instance.last_operation = self._operation.id
            for name, value in said.items():
                setattr(instance, name, value)

    def _verdict(self) -> str:
        if self._operation.stopping:
            return "STOPPED"
        exceeded = any(lane.exceeded for lane in self._lanes.values())
        return "FAILED" if exceeded else "SUCCEEDED"

    def end(self, status: str) -> None:
        """Cancel what was not begun, and say how the operation ended."""
        outdated = {} if self._operation.action == "DELETE" else {"status": "OUTDATED"}
        for spot, result in self._operation.results.items():
            if result.status in ("PENDING", "RUNNING"):
                result.status, result.reason = "CANCELLED", WHY[status]
                self._tell(spot, detailed="CANCELLED", reason=WHY[status], **outdated)
        self._operation.status = status
        self._operation.ended = self._sandbox.clock.now()
