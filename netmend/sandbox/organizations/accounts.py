"""Accounts are made, moved, closed and let go; who has to know of it is told."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any, Final

from moto.backends import get_backend
from moto.iam.models import iam_backends

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.organizations import tree
from netmend.sandbox.organizations.tree import SERVICE, Tree

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

ROLE: Final = "OrganizationAccountAccessRole"
ADMINISTRATION: Final = "AdministratorAccess"
LARGEST: Final = 10
"""Accounts of a new organisation, by default."""

MISSING: Final = "You specified an account that doesn't exist."


@operation(SERVICE, "CreateAccount")
def create_account(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """IN_PROGRESS at first; the account is there when the status says SUCCEEDED."""
    found, params = tree.managed(call), dict(call.params)
    letters = string.ascii_lowercase + string.digits
    number = f"car-{''.join(sandbox.random.choice(letters) for _ in range(32))}"
    status: dict[str, Any] = {
        "Id": number,
        "AccountName": params["AccountName"],
        "State": "IN_PROGRESS",
        "RequestedTimestamp": sandbox.clock.now(),
    }
    tree.kept(sandbox, found).requests[number] = status
    sandbox.engine.submit(f"account {number}", lambda: _make(sandbox, found, params, status))
    return {"CreateAccountStatus": dict(status)}


def _make(sandbox: Sandbox, found: Tree, params: dict[str, Any], status: dict[str, Any]) -> None:
    status["CompletedTimestamp"] = sandbox.clock.now()
    if any(one.email == params["Email"] for one in found.backend.accounts):
        status |= {"State": "FAILED", "FailureReason": "EMAIL_ALREADY_EXISTS"}
        return
    found.backend.create_account(**params)
    made = found.backend.accounts[-1]
    made.create_time = sandbox.clock.now().replace(tzinfo=None)  # as moto keeps it
    _empower(made.id, params.get("RoleName") or ROLE)
    status |= {"State": "SUCCEEDED", "AccountId": made.id}
    tree.tell(sandbox, found, [made.id])


def _empower(account: str, role: str) -> None:
    """Give the role that moto has made for the management account its rights."""
    from netmend.sandbox.iam import managed

    backend = iam_backends[account]["aws"]
    managed.find(backend, f"arn:aws:iam::aws:policy/{ADMINISTRATION}")
    backend.attach_role_policy(f"arn:aws:iam::aws:policy/{ADMINISTRATION}", role)


@operation(SERVICE, "DescribeCreateAccountStatus")
def describe_status(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """How far the making of an account is."""
    found = tree.readable(call)
    status = tree.kept(sandbox, found).requests.get(call.params["CreateAccountRequestId"])
    if status is None:
        message = "You specified a create account request that doesn't exist."
        raise ApiError("CreateAccountStatusNotFoundException", message)
    return {"CreateAccountStatus": dict(status)}


@operation(SERVICE, "MoveAccount")
def move_account(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """From the parent that it really has to another; moto believes any."""
    found, params = tree.managed(call), call.params
    account = _member(found, params["AccountId"])
    source, destination = params["SourceParentId"], params["DestinationParentId"]
    if not found.knows(source) or account.parent_id != source:
        message = "You specified a source parent that doesn't exist."
        raise ApiError("SourceParentNotFoundException", message)
    if not found.knows(destination):
        message = "You specified a destination parent that doesn't exist."
        raise ApiError("DestinationParentNotFoundException", message)
    if source == destination:
        message = "That account is already present in the specified destination."
        raise ApiError("DuplicateAccountException", message)
    account.parent_id = destination
    tree.tell(sandbox, found, [account.id])
    return {}


def _member(found: Tree, account: str) -> Any:
    member = found.account(account)
    if member is None:
        raise ApiError("AccountNotFoundException", MISSING)
    return member


@operation(SERVICE, "CloseAccount")
def close_account(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """PENDING_CLOSURE at first, then SUSPENDED; the management account cannot be closed."""
    found = tree.managed(call)
    account = _member(found, call.params["AccountId"])
    if account.id == found.management:
        message = "You can't close the management account with this API."
        raise ApiError("ConstraintViolationException", message)
    if account.status != "ACTIVE":
        raise ApiError("AccountAlreadyClosedException", "The account is already closed.")
    account.status = account.state = "PENDING_CLOSURE"

    def close() -> None:
        account.status = account.state = "SUSPENDED"
        tree.tell(sandbox, found, [account.id])

    sandbox.engine.submit(f"close account {account.id}", close)
    return {}


@operation(SERVICE, "RemoveAccountFromOrganization")
def remove_account(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """It stands on its own from then on."""
    found = tree.managed(call)
    _let_go(sandbox, found, _member(found, call.params["AccountId"]))
    return {}


@operation(SERVICE, "LeaveOrganization")
def leave(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The same, asked for by the member."""
    found = tree.required(call)
    _let_go(sandbox, found, _member(found, call.account))
    return {}


def _let_go(sandbox: Sandbox, found: Tree, account: Any) -> None:
    if account.id == found.management:
        message = "You can't remove the management account from an organization."
        raise ApiError("MasterCannotLeaveOrganizationException", message)
    if account.id in found.delegates(""):
        message = "You can't remove an account that is a delegated administrator."
        raise ApiError("ConstraintViolationException", message)
    for policy in account.attached_policies:
        policy.attachments.remove(account)
    found.backend.accounts.remove(account)
    backends: Any = get_backend(SERVICE)
    backends.master_accounts.pop(account.id)
    tree.tell(sandbox, found, [account.id])
