"""Where an operation goes: the accounts that a request means, and never the management account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.organizations.tree import Tree
from netmend.sandbox.stacksets.model import SELF, Instance, Result, Spot, StackSet

MOST_UNITS: Final = 50


def regions_of(params: Mapping[str, Any], known: Iterable[str]) -> list[str]:
    """The Regions of a request, each once; raises ValidationError for one that is none."""
    regions = list(dict.fromkeys(params.get("Regions") or ()))
    if not regions:
        raise ValidationError("You must specify at least one value for Regions")
    if wrong := sorted(set(regions) - set(known)):
        raise ValidationError(f"Region {wrong[0]} is not supported")
    return regions


def check(stack_set: StackSet, params: Mapping[str, Any], *, create: bool) -> Mapping[str, Any]:
    """The DeploymentTargets of a request in the form that the set's permission model wants."""
    accounts, targets = params.get("Accounts"), params.get("DeploymentTargets") or {}
    if stack_set.model == SELF:
        if targets.get("OrganizationalUnitIds"):
            raise ValidationError("SELF_MANAGED stack sets can not be targeted by OU")
        named = accounts or targets.get("Accounts")
        if not named:
            raise ValidationError("You must specify at least one account")
        return {"Accounts": list(named)}
    if accounts:
        raise ValidationError("Accounts is for SELF_MANAGED stack sets: use DeploymentTargets")
    if targets.get("AccountsUrl"):
        raise ValidationError("the sandbox does not support AccountsUrl: name the Accounts")
    _check_service(targets, create=create)
    return dict(targets)


def _check_service(targets: Mapping[str, Any], *, create: bool) -> None:
    units, accounts = targets.get("OrganizationalUnitIds"), targets.get("Accounts")
    kind = targets.get("AccountFilterType")
    if not units and (create or not accounts):
        raise ValidationError("OrganizationalUnitIds is required for SERVICE_MANAGED stack sets")
    if len(units or ()) > MOST_UNITS:
        raise ValidationError(f"At most {MOST_UNITS} OrganizationalUnitIds can be specified")
    if create and kind == "UNION":
        raise ValidationError("AccountFilterType UNION is not supported for CreateStackInstances")
    if create and accounts and kind in (None, "NONE"):
        raise ValidationError("AccountFilterType must be specified with Accounts")
    if kind in ("INTERSECTION", "DIFFERENCE") and not accounts:
        raise ValidationError(f"Accounts must be specified with AccountFilterType {kind}")


def accounts(targets: Mapping[str, Any], tree: Tree | None) -> dict[str, str]:
    """The id of each account that is meant, with that of the OU through which it is."""
    named = list(targets.get("Accounts") or ())
    if tree is None:
        return dict.fromkeys(named, "")
    units = list(targets.get("OrganizationalUnitIds") or ())
    for unit in units:
        if not tree.knows(unit):
            raise ValidationError(f"Organizational unit {unit} does not exist")
    inside = {account: unit for unit in units for account in tree.under(unit)}
    kind = targets.get("AccountFilterType") or ("UNION" if named else "NONE")
    match kind:
        case "INTERSECTION":
            found = {account: unit for account, unit in inside.items() if account in named}
        case "DIFFERENCE":
            found = {account: unit for account, unit in inside.items() if account not in named}
        case "UNION":
            found = {**dict.fromkeys(named, ""), **inside}
        case _:
            found = inside
    found.pop(tree.management, None)
    return found


def fresh(meant: Mapping[str, str], regions: Iterable[str]) -> dict[Spot, Result]:
    """A result for each place where an instance is to be."""
    return {
        (account, region): Result(account, region, unit)
        for region in regions
        for account, unit in meant.items()
    }


def standing(
    stack_set: StackSet, targets: Mapping[str, Any], tree: Tree | None, regions: Iterable[str]
) -> dict[Spot, Result]:
    """A result for each instance that stands where a request means.

    An instance counts to the OU that it came by even when its account has since left.
    """
    meant, wanted = accounts(targets, tree), set(regions)
    named, kind = set(targets.get("Accounts") or ()), targets.get("AccountFilterType")
    units = set(targets.get("OrganizationalUnitIds") or ())

    def is_meant(one: Instance) -> bool:
        if one.account in meant:
            return True
        left = one.unit in units and tree is not None and tree.account(one.account) is None
        return left and (kind != "DIFFERENCE" or one.account not in named)

    return of(one for one in stack_set.instances.values() if one.region in wanted and is_meant(one))


def of(instances: Iterable[Instance]) -> dict[Spot, Result]:
    """A result for each of these instances."""
    return {one.spot: Result(one.account, one.region, one.unit) for one in instances}
