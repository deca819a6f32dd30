"""An account that comes under a target OU gets its stacks, and one that goes loses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from netmend.sandbox.organizations.founding import MEMBER
from netmend.sandbox.organizations.tree import Tree
from netmend.sandbox.stacksets import running, targets
from netmend.sandbox.stacksets.model import (
    SERVICE,
    Instance,
    Operation,
    Result,
    StackSet,
    StackSets,
)

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

TOGETHER: Final = {"RegionConcurrencyType": "PARALLEL"}
"""An automatic operation heeds nobody's preferences."""


def follow(sandbox: Sandbox, tree: Tree, account: str) -> None:
    """Bring every stack set with automatic deployment to where an account now stands."""
    if account == tree.management or not tree.trusts(MEMBER) or tree.suspended(account):
        return
    sets = [
        one
        for (owner, _), home in sandbox.states(StackSets).items()
        for one in home.live.values()
        if owner == tree.management and one.model == SERVICE and one.automatic
    ]
    above = tree.above(account) if tree.account(account) is not None else []
    going = {one.arn: op for one in sets if (op := _removal(sandbox, one, account, above))}
    coming = {one.arn: op for one in sets if (op := _creation(sandbox, one, account, above))}
    for one in sets:
        if one.arn in coming:
            coming[one.arn].after = [coming[need] for need in one.needs if need in coming]
        if one.arn in going:
            users = (other.arn for other in sets if one.arn in other.needs)
            going[one.arn].after = [going[user] for user in users if user in going]
    for made in (going, coming):
        for one in sets:
            if one.arn in made:
                running.begin(sandbox, one, made[one.arn])


def _wanted(stack_set: StackSet, above: list[str]) -> dict[str, str]:
    """The Regions in which an account below these OUs has a stack, each with its OU."""
    units = [unit for unit in reversed(above) if unit in stack_set.units]
    return {region: unit for unit in units for region in stack_set.units[unit]}


def _creation(
    sandbox: Sandbox, stack_set: StackSet, account: str, above: list[str]
) -> Operation | None:
    wanted = _wanted(stack_set, above)
    for region, unit in wanted.items():
        if (account, region) in stack_set.instances and not _is_going(stack_set, account, region):
            stack_set.instances[account, region].unit = unit
    missing = [
        region
        for region in wanted
        if (account, region) not in stack_set.instances or _is_going(stack_set, account, region)
    ]
    results = {(account, r): Result(account, r, wanted[r]) for r in missing}
    return _operation(sandbox, "CREATE", results) if results else None


def _is_going(stack_set: StackSet, account: str, region: str) -> bool:
    under_way = stack_set.unfinished()
    return any(op.action == "DELETE" and (account, region) in op.results for op in under_way)


def _removal(
    sandbox: Sandbox, stack_set: StackSet, account: str, above: list[str]
) -> Operation | None:
    wanted = _wanted(stack_set, above)

    def is_stray(one: Instance) -> bool:
        return one.account == account and one.region not in wanted and one.unit not in above

    results = targets.of(one for one in stack_set.instances.values() if is_stray(one))
    if not results:
        return None
    return _operation(sandbox, "DELETE", results, retain=stack_set.retain)


def _operation(sandbox: Sandbox, action: str, results: Any, *, retain: bool = False) -> Operation:
    return Operation(
        id=sandbox.uuid(),
        action=action,
        created=sandbox.clock.now(),
        results=results,
        preferences=TOGETHER,
        retain=retain,
        automatic=True,
    )
