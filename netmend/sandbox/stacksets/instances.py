"""CreateStackInstances, UpdateStackInstances and DeleteStackInstances: each begins an operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netmend.sandbox import callers
from netmend.sandbox.api import ApiCall, operation
from netmend.sandbox.cloudformation import parameters
from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.operations import SERVICE as CLOUDFORMATION
from netmend.sandbox.organizations.tree import Tree
from netmend.sandbox.stacksets import errors, preferences, running, targets, trust
from netmend.sandbox.stacksets.model import SERVICE, Operation, Result, Spot, StackSet

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

Results = dict[Spot, Result]


def admit(sandbox: Sandbox, found: StackSet, params: Mapping[str, Any]) -> str:
    """The id of the operation that a request begins; refuses one that may not begin now."""
    number = str(params.get("OperationId") or sandbox.uuid())
    found.admit(number)
    return number


def start(
    sandbox: Sandbox,
    found: StackSet,
    number: str,
    action: str,
    results: Results,
    params: Mapping[str, Any],
    overrides: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Begin an operation behind the API; answers its id."""
    wanted = params.get("OperationPreferences") or {}
    preferences.check(wanted, [region for _, region in results])
    made = Operation(
        id=number,
        action=action,
        created=sandbox.clock.now(),
        results=results,
        preferences=wanted,
        targets=params.get("DeploymentTargets") or {},
        overrides=overrides,
        retain=bool(params.get("RetainStacks")),
    )
    running.begin(sandbox, found, made)
    return {"OperationId": number}


def _tree(call: ApiCall, found: StackSet) -> Tree | None:
    return trust.organisation(call) if found.model == SERVICE else None


@operation(CLOUDFORMATION, "CreateStackInstances")
def create_instances(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Stacks for the accounts that are meant; the OUs are deployed to from then on."""
    params = call.params
    found = trust.home(sandbox, call).standing(params["StackSetName"])
    tree, number = _tree(call, found), admit(sandbox, found, params)
    regions = targets.regions_of(params, callers.regions())
    wanted = targets.check(found, params, create=True)
    results = targets.fresh(targets.accounts(wanted, tree), regions)
    overrides = _overrides(found, params, {})
    answer = start(sandbox, found, number, "CREATE", results, params, overrides)
    if wanted.get("AccountFilterType") != "INTERSECTION":
        for unit in wanted.get("OrganizationalUnitIds") or ():
            known = found.units.setdefault(unit, [])
            known += [region for region in regions if region not in known]
    return answer


def _overrides(
    found: StackSet, params: Mapping[str, Any], before: Mapping[str, str]
) -> dict[str, str]:
    given = parameters.given(params.get("ParameterOverrides") or (), before)
    if unknown := sorted(set(given) - set(found.parameters)):
        raise ValidationError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    return given


@operation(CLOUDFORMATION, "UpdateStackInstances")
def update_instances(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Other overrides for instances that stand; none given takes theirs away."""
    params = call.params
    found = trust.home(sandbox, call).standing(params["StackSetName"])
    number, results = admit(sandbox, found, params), chosen(call, found)
    standing = [found.instances[spot] for spot in results]
    overrides = _overrides(found, params, standing[0].overrides if standing else {})
    return start(sandbox, found, number, "UPDATE", results, params, overrides)


def chosen(call: ApiCall, found: StackSet) -> Results:
    """The instances that an update means: those that it names, else all but inoperable ones."""
    params = call.params
    named = params.get("Accounts") or params.get("DeploymentTargets")
    if not named and not params.get("Regions"):
        every = (one for one in found.instances.values() if one.status != "INOPERABLE")
        return targets.of(every)
    if not (named and params.get("Regions")):
        raise ValidationError("Accounts or DeploymentTargets and Regions must be given together")
    regions = targets.regions_of(params, callers.regions())
    wanted = targets.check(found, params, create=False)
    results = targets.standing(found, wanted, _tree(call, found), regions)
    for account in wanted.get("Accounts") or () if found.model != SERVICE else ():
        for region in regions:
            if (account, region) not in results:
                raise errors.no_instance(found.name, account, region)
    if not results:
        raise errors.no_instance(found.name, ", ".join(wanted), ", ".join(regions))
    return results


@operation(CLOUDFORMATION, "DeleteStackInstances")
def delete_instances(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """RetainStacks leaves the stacks, as nobody's instances; the OUs are targets no more."""
    params = call.params
    found = trust.home(sandbox, call).standing(params["StackSetName"])
    tree, number = _tree(call, found), admit(sandbox, found, params)
    regions = targets.regions_of(params, callers.regions())
    wanted = targets.check(found, params, create=False)
    results = targets.standing(found, wanted, tree, regions)
    answer = start(sandbox, found, number, "DELETE", results, params)
    if not wanted.get("Accounts"):
        for unit in wanted.get("OrganizationalUnitIds") or ():
            left = [one for one in found.units.get(unit, ()) if one not in regions]
            found.units[unit] = left
            if not left:
                del found.units[unit]
    return answer
