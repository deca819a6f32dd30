"""Organisational units stand under a parent that exists, at most five deep, and end when empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from netmend.sandbox.api import ApiCall, ApiError, guard, operation
from netmend.sandbox.organizations import tree
from netmend.sandbox.organizations.tree import SERVICE, Tree

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

DEPTH: Final = 5
MISSING: Final = "You specified {} that doesn't exist."


@guard(SERVICE, "CreateOrganizationalUnit")
def check_new(sandbox: Sandbox, call: ApiCall) -> None:
    """moto takes any parent, any depth, and one name twice."""
    found, parent = tree.managed(call), call.params["ParentId"]
    if not found.knows(parent):
        raise ApiError("ParentNotFoundException", MISSING.format("a parent"))
    if len(found.above(parent)) >= DEPTH:
        message = "You have exceeded the allowed depth of organizational units"
        raise ApiError("ConstraintViolationException", message)
    _check_name(found, parent, call.params["Name"])


@guard(SERVICE, "DeleteOrganizationalUnit")
def check_empty(sandbox: Sandbox, call: ApiCall) -> None:
    """moto deletes one that holds accounts."""
    found, unit = tree.managed(call), call.params["OrganizationalUnitId"]
    if any(one.parent_id == unit for one in found.nodes()):
        message = "The specified OU is not empty. Move all accounts and remove all child OUs first."
        raise ApiError("OrganizationalUnitNotEmptyException", message)


@operation(SERVICE, "UpdateOrganizationalUnit")
def rename(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """A new name, taken by no neighbour; moto refuses one that any OU has."""
    found, params = tree.managed(call), call.params
    unit = tree.asked(
        lambda: found.backend.get_organizational_unit_by_id(params["OrganizationalUnitId"])
    )
    name = params.get("Name") or unit.name
    if name != unit.name:
        _check_name(found, unit.parent_id, name)
        unit.name = name
    described: dict[str, Any] = unit.describe()
    return described


def _check_name(found: Tree, parent: str, name: str) -> None:
    if any(one.parent_id == parent and one.name == name for one in found.backend.ou):
        message = "An OU with the same name already exists."
        raise ApiError("DuplicateOrganizationalUnitException", message)
