"""Whose stack sets a call is about, and whether it may be about those of an organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netmend.sandbox.api import ApiCall, operation
from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.operations import SERVICE as CLOUDFORMATION
from netmend.sandbox.organizations import founding, tree
from netmend.sandbox.organizations.founding import MEMBER
from netmend.sandbox.organizations.tree import Tree
from netmend.sandbox.stacksets import errors
from netmend.sandbox.stacksets.model import StackSets

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

NOT_YOURS = (
    "You must be the management account or delegated admin account of an organization before "
    "operating a SERVICE_MANAGED stack set"
)
NO_ACCESS = "You must enable organizations access to operate a service managed stack set"


def home(sandbox: Sandbox, call: ApiCall) -> StackSets:
    """The stack sets that a call means; a delegated administrator's stand with the management."""
    if (call.params.get("CallAs") or "SELF") == "SELF":
        return sandbox.state(StackSets, call.account, call.region)
    return sandbox.state(StackSets, organisation(call).management, call.region)


def organisation(call: ApiCall) -> Tree:
    """The organisation for which a call may deploy; raises ValidationError."""
    found = tree.of(call.account)
    delegated = call.params.get("CallAs") == "DELEGATED_ADMIN"
    may = found is not None and (
        call.account in found.delegates(MEMBER) if delegated else call.account == found.management
    )
    if found is None or not may:
        raise ValidationError(NOT_YOURS)
    if not found.trusts(MEMBER):
        raise ValidationError(NO_ACCESS)
    return found


@operation(CLOUDFORMATION, "ActivateOrganizationsAccess", "DeactivateOrganizationsAccess")
def switch_access(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Trusted access, as EnableAWSServiceAccess of AWS Organizations."""
    found = tree.of(call.account)
    if found is None or found.management != call.account:
        raise errors.invalid("Only the management account of an organization can do this")
    if call.operation.startswith("Activate"):
        founding.trust(sandbox, found, MEMBER)
    else:
        found.backend.disable_aws_service_access(ServicePrincipal=MEMBER)
    return {}


@operation(CLOUDFORMATION, "DescribeOrganizationsAccess")
def describe_access(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """ENABLED or DISABLED."""
    found = tree.of(call.account)
    return {"Status": "ENABLED" if found is not None and found.trusts(MEMBER) else "DISABLED"}
