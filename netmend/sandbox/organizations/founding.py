"""An organisation is founded with service control policies on, as AWS does, and ends when empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moto.backends import get_backend
from moto.utilities.utils import get_partition

from netmend.sandbox.api import ApiCall, ApiError, guard, operation
from netmend.sandbox.organizations import tree
from netmend.sandbox.organizations.tree import SERVICE, Tree

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

CONFIG: Final = "config.amazonaws.com"
MEMBER: Final = "member.org.stacksets.cloudformation.amazonaws.com"
DELEGATES: Final = 5
"""Delegated administrators that CloudFormation StackSets can have."""


@operation(SERVICE, "CreateOrganization")
def create_organization(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The caller's account manages it; service control policies are on from the beginning."""
    if (call.params.get("FeatureSet") or "ALL") != "ALL":
        raise NotImplementedError(
            f"the sandbox has no organisations of FeatureSet {call.params['FeatureSet']}: use ALL"
        )
    if tree.of(call.account) is not None:
        message = "The AWS account is already a member of an organization."
        raise ApiError("AlreadyInOrganizationException", message)
    backend = get_backend(SERVICE)[call.account][get_partition(call.region)]
    made: dict[str, Any] = tree.asked(
        lambda: backend.create_organization(region=call.region, **call.params)
    )
    founded = tree.managed(call)
    backend._get_root_by_id(founded.root).add_policy_type("SERVICE_CONTROL_POLICY")
    backend.accounts[0].create_time = sandbox.clock.now().replace(tzinfo=None)  # as moto keeps it
    backend.accounts[0].joined_method = "INVITED"
    return made


@guard(SERVICE, "DeleteOrganization", "EnablePolicyType", "DisablePolicyType")
@guard(SERVICE, "DisableAWSServiceAccess", "TagResource", "UntagResource")
def check_manager(sandbox: Sandbox, call: ApiCall) -> None:
    """Only the management account may; moto asks no member who he is."""
    tree.managed(call)


@operation(SERVICE, "EnableAWSServiceAccess")
def enable_service_access(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Trusted access for a service that moto knows."""
    trust(sandbox, tree.managed(call), call.params["ServicePrincipal"])
    return {}


def trust(sandbox: Sandbox, found: Tree, principal: str) -> None:
    """Give a service trusted access; that it has it already is success."""
    if not found.trusts(principal):
        tree.asked(lambda: found.backend.enable_aws_service_access(ServicePrincipal=principal))
        found.backend.services[-1]["DateEnabled"] = sandbox.clock.time()


@operation(SERVICE, "RegisterDelegatedAdministrator")
def register_delegate(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """A member that may do a service's work for the organisation."""
    from moto.organizations.models import FakeDelegatedAdministrator

    found, params = tree.managed(call), call.params
    service, account = params["ServicePrincipal"], params["AccountId"]
    if service not in {MEMBER, CONFIG, *FakeDelegatedAdministrator.SUPPORTED_SERVICES}:
        message = "You specified an unrecognized service principal."
        raise ApiError("InvalidInputException", message)
    _check_delegate(found, service, account)
    now = sandbox.clock.now()
    admin = next((one for one in found.backend.admins if one.account.id == account), None)
    if admin is None:
        admin = FakeDelegatedAdministrator(found.backend.get_account_by_id(account))
        admin.enabled_date = now.replace(tzinfo=None)  # as moto keeps it
        found.backend.admins.append(admin)
    # Not by moto's own method, whose list of services lacks StackSets.
    enabled = {"ServicePrincipal": service, "DelegationEnabledDate": now.timestamp()}
    admin.services[service] = enabled
    return {}


def _check_delegate(found: Tree, service: str, account: str) -> None:
    if account == found.management:
        message = "You cannot register the management account as a delegated administrator."
        raise ApiError("ConstraintViolationException", message)
    if found.account(account) is None:
        message = "You specified an account that doesn't exist."
        raise ApiError("AccountNotFoundException", message)
    if not found.trusts(service):
        message = f"Trusted access is not enabled for {service}: EnableAWSServiceAccess comes first"
        raise ApiError("ConstraintViolationException", message)
    registered = found.delegates(service)
    if account in registered:
        message = "The provided account is already a delegated administrator for your organization."
        raise ApiError("AccountAlreadyRegisteredException", message)
    if service == MEMBER and len(registered) >= DELEGATES:
        message = "You have exceeded the allowed number of delegated administrators for the service"
        raise ApiError("ConstraintViolationException", message)


@guard(SERVICE, "DeregisterDelegatedAdministrator")
def check_registered(sandbox: Sandbox, call: ApiCall) -> None:
    """Only who is registered for the service can be taken off."""
    found = tree.managed(call)
    if found.account(call.params["AccountId"]) is None:
        message = "You specified an account that doesn't exist."
        raise ApiError("AccountNotFoundException", message)
    if call.params["AccountId"] not in found.delegates(call.params["ServicePrincipal"]):
        message = "The provided account is not a registered delegated administrator."
        raise ApiError("AccountNotRegisteredException", message)
