"""Who belongs to which organisation, and where in it: one view of what moto keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from moto.backends import get_backend
from moto.core.exceptions import ServiceException

from netmend.sandbox.api import ApiCall, ApiError

if TYPE_CHECKING:
    from moto.organizations.models import FakeAccount, OrganizationsBackend

    from netmend.sandbox.core import Sandbox

SERVICE: Final = "organizations"
NOT_IN_USE: Final = "Your account is not a member of an organization."
DENIED: Final = "You don't have permissions to access this resource."


@dataclass
class Kept:
    """What moto has no place for, by management account (Region `aws-global`).

    requests: CreateAccountStatus records by id.
    """

    requests: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Tree:
    """One organisation; `backend` is moto's, of the management account."""

    management: str
    backend: OrganizationsBackend

    @property
    def id(self) -> str:
        return str(self.backend.org.id) if self.backend.org else ""

    @property
    def root(self) -> str:
        return str(self.backend.org.root_id) if self.backend.org else ""

    def nodes(self) -> list[Any]:
        """All accounts, OUs and the root."""
        return [*self.backend.accounts, *self.backend.ou]

    def account(self, account: str) -> FakeAccount | None:
        """The member of this id; None where it is no member."""
        return next((one for one in self.backend.accounts if one.id == account), None)

    def above(self, node: str) -> list[str]:
        """Ids of the OUs above an account or OU, nearest first, the root last."""
        parents = {one.id: one.parent_id for one in self.nodes()}
        found: list[str] = []
        while parent := parents.get(found[-1] if found else node):
            found.append(str(parent))
        return found if node != self.root else []

    def under(self, unit: str) -> list[str]:
        """Ids of all accounts in an OU or the root and in the OUs below, oldest first."""
        return [one.id for one in self.backend.accounts if unit in self.above(one.id)]

    def knows(self, unit: str) -> bool:
        """Whether this is the root or an OU."""
        return any(one.id == unit for one in self.backend.ou)

    def suspended(self, account: str) -> bool:
        """Whether an account is closed."""
        found = self.account(account)
        return found is not None and found.status != "ACTIVE"

    def trusts(self, principal: str) -> bool:
        """Whether a service has trusted access."""
        return any(one["ServicePrincipal"] == principal for one in self.backend.services)

    def delegates(self, principal: str) -> set[str]:
        """Ids of the delegated administrators of a service, of any where it is empty."""
        return {
            admin.account.id
            for admin in self.backend.admins
            if not principal or principal in admin.services
        }


def of(account: str) -> Tree | None:
    """The organisation that an account manages or is a member of."""
    backends: Any = get_backend(SERVICE)
    management, partition = backends.master_accounts.get(account, (account, "aws"))
    backend = backends[management][partition]
    return Tree(management, backend) if backend.org is not None else None


def required(call: ApiCall) -> Tree:
    """The caller's organisation; `ApiError` AWSOrganizationsNotInUseException without one."""
    tree = of(call.account)
    if tree is None:
        raise ApiError("AWSOrganizationsNotInUseException", NOT_IN_USE)
    return tree


def managed(call: ApiCall) -> Tree:
    """The organisation that the caller manages; `ApiError` for a member."""
    tree = required(call)
    if tree.management != call.account:
        raise ApiError("AccessDeniedException", DENIED)
    return tree


def readable(call: ApiCall) -> Tree:
    """The same for delegated administrators too, who may read."""
    tree = required(call)
    if call.account not in {tree.management, *tree.delegates("")}:
        raise ApiError("AccessDeniedException", DENIED)
    return tree


def kept(sandbox: Sandbox, tree: Tree) -> Kept:
    """What the sandbox itself keeps of an organisation."""
    return sandbox.state(Kept, tree.management, "aws-global")


def asked(question: Callable[[], Any]) -> Any:
    """What moto answers; its errors as ours."""
    try:
        return question()
    except ServiceException as error:
        raise ApiError(str(error.code), str(error.message)) from error


Listener = Callable[["Sandbox", Tree, str], None]

LISTENERS: list[Listener] = []
"""Told (sandbox, organisation, account) when an account has joined, moved, left or been closed."""


def tell(sandbox: Sandbox, tree: Tree, accounts: Iterable[str]) -> None:
    """Say that accounts stand elsewhere than before."""
    for account in accounts:
        for listener in LISTENERS:
            listener(sandbox, tree, account)
