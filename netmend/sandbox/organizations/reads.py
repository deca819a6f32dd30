"""What is read of an organisation, by its manager or a delegated administrator, page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from netmend.sandbox import paging
from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.organizations import tree
from netmend.sandbox.organizations.tree import SERVICE, Tree

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

PAGE: Final = 20

Params = Mapping[str, Any]
Answer = Callable[[Tree, Params], Any]


def _parent(found: Tree, params: Params) -> str:
    if not found.knows(params["ParentId"]):
        raise ApiError("ParentNotFoundException", "You specified a parent that doesn't exist.")
    return str(params["ParentId"])


def _accounts(found: Tree, params: Params) -> list[Any]:
    return [one.describe() for one in found.backend.accounts]


def _accounts_below(found: Tree, params: Params) -> list[Any]:
    parent = _parent(found, params)
    return [one.describe() for one in found.backend.accounts if one.parent_id == parent]


def _units_below(found: Tree, params: Params) -> list[Any]:
    parent = _parent(found, params)
    below = [one for one in found.backend.ou if one.parent_id == parent]
    return [one.describe()["OrganizationalUnit"] for one in below]


def _policies(found: Tree, params: Params) -> list[Any]:
    kind = params["Filter"]
    return [_summary(one) for one in found.backend.policies if one.type == kind]


def _policies_of(found: Tree, params: Params) -> list[Any]:
    for one in found.nodes():
        if one.id == params["TargetId"]:
            return [_summary(p) for p in one.attached_policies if p.type == params["Filter"]]
    raise ApiError("TargetNotFoundException", "You specified a target that doesn't exist.")


def _summary(policy: Any) -> Any:
    return policy.describe()["Policy"]["PolicySummary"]


def _administrators(found: Tree, params: Params) -> list[Any]:
    named = found.delegates(params.get("ServicePrincipal") or "")
    return [one.describe() for one in found.backend.admins if one.account.id in named]


def _at(method: str, key: str) -> Answer:
    """moto's own answer."""
    return lambda found, params: getattr(found.backend, method)(**_own(params))[key]


def _own(params: Params) -> dict[str, Any]:
    return {k: v for k, v in params.items() if k not in ("MaxResults", "NextToken")}


LISTS: Final[dict[str, tuple[str, Answer]]] = {
    "ListAWSServiceAccessForOrganization": (
        "EnabledServicePrincipals",
        _at("list_aws_service_access_for_organization", "EnabledServicePrincipals"),
    ),
    "ListAccounts": ("Accounts", _accounts),
    "ListAccountsForParent": ("Accounts", _accounts_below),
    "ListChildren": ("Children", _at("list_children", "Children")),
    "ListDelegatedAdministrators": ("DelegatedAdministrators", _administrators),
    "ListDelegatedServicesForAccount": (
        "DelegatedServices",
        _at("list_delegated_services_for_account", "DelegatedServices"),
    ),
    "ListOrganizationalUnitsForParent": ("OrganizationalUnits", _units_below),
    "ListParents": ("Parents", _at("list_parents", "Parents")),
    "ListPolicies": ("Policies", _policies),
    "ListPoliciesForTarget": ("Policies", _policies_of),
    "ListRoots": ("Roots", _at("list_roots", "Roots")),
    "ListTagsForResource": ("Tags", _at("list_tags_for_resource", "Tags")),
    "ListTargetsForPolicy": ("Targets", _at("list_targets_for_policy", "Targets")),
}
"""Operation -> the member of its response, and all of what that holds."""

SINGLE: Final = {
    "DescribeAccount": "describe_account",
    "DescribeOrganizationalUnit": "describe_organizational_unit",
    "DescribePolicy": "describe_policy",
}


@operation(SERVICE, *LISTS)
def list_page(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """At most 20 a page, as AWS gives them; moto gives up to 100 or all."""
    found = tree.readable(call)
    key, answer = LISTS[call.operation]
    everything = tree.asked(lambda: answer(found, call.params))
    return page(key, everything, call.params)


def page(key: str, everything: list[Any], params: Params) -> dict[str, Any]:
    """One page of a list; `ApiError` InvalidInputException for a token of nobody's."""
    size = min(int(params.get("MaxResults") or PAGE), PAGE)
    refusal = ApiError("InvalidInputException", "You provided an invalid value for NextToken.")
    return paging.page(key, everything, params.get("NextToken"), size, refusal)


@operation(SERVICE, *SINGLE)
def describe(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """One account, OU or policy."""
    found = tree.readable(call)
    method = getattr(found.backend, SINGLE[call.operation])
    answer: dict[str, Any] = tree.asked(lambda: method(**call.params))
    return answer


@operation(SERVICE, "DescribeOrganization")
def describe_organization(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Every member may know it."""
    answer: dict[str, Any] = tree.asked(tree.required(call).backend.describe_organization)
    return answer


@operation(SERVICE, "ListCreateAccountStatus")
def list_statuses(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The requests that are in one of the named states."""
    found, states = tree.readable(call), call.params.get("States")
    requests = tree.kept(sandbox, found).requests.values()
    told = [dict(one) for one in requests if not states or one["State"] in states]
    return page("CreateAccountStatuses", told, call.params)
