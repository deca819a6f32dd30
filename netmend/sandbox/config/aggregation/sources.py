"""An aggregator's sources: which accounts and Regions it collects from, and whether it may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from moto.backends import get_backend
from moto.utilities.utils import get_partition

from netmend.sandbox import callers
from netmend.sandbox.api import ApiCall, ApiError, guard, operation
from netmend.sandbox.config.errors import invalid
from netmend.sandbox.config.inventory import Inventory
from netmend.sandbox.config.packs import Packs
from netmend.sandbox.config.paging import page
from netmend.sandbox.config.place import Place
from netmend.sandbox.config.store import Rules
from netmend.sandbox.core import Sandbox
from netmend.sandbox.organizations import founding, tree

PRINCIPAL: Final = "config.amazonaws.com"
MOST: Final = 50
STATUS_PAGE: Final = 100
KNOWN: Final = (Inventory, Rules, Packs)
"""Where one of these is kept, Config is in use."""


class Source(NamedTuple):
    """An account and a Region that an aggregator names. allowed: whether it may collect there."""

    account: str
    region: str
    allowed: bool


@guard("config", "PutConfigurationAggregator")
def check_aggregator(sandbox: Sandbox, call: ApiCall) -> None:
    """Refuse what AWS refuses; moto keeps the aggregator."""
    params = call.params
    if params.get("AggregatorFilters"):
        raise NotImplementedError("the sandbox's aggregators have no filters: leave them out")
    backend = get_backend("config")[call.account][call.region]
    new = params["ConfigurationAggregatorName"] not in backend.config_aggregators
    if new and len(backend.config_aggregators) >= MOST:
        raise ApiError(
            "LimitExceededException",
            f"You have reached the limit of {MOST} configuration aggregators: delete one first",
        )
    source = params.get("OrganizationAggregationSource")
    if source:
        _check_organization(sandbox, call)
        _check_role(call, source["RoleArn"])
    for one in [*(params.get("AccountAggregationSources") or []), *([source] if source else [])]:
        _check_regions(one)


def _check_organization(sandbox: Sandbox, call: ApiCall) -> None:
    organization = tree.of(call.account)
    if organization is None:
        raise ApiError(
            "NoAvailableOrganizationException",
            "The account is not a member of an organization: create one first",
        )
    if organization.backend.org.feature_set != "ALL":  # type: ignore[union-attr]
        raise ApiError(
            "OrganizationAllFeaturesNotEnabledException",
            "The organization has not all features: enable them first",
        )
    if call.account == organization.management:
        founding.trust(sandbox, organization, PRINCIPAL)  # Config itself asks for it
    elif call.account not in organization.delegates(PRINCIPAL):
        raise ApiError(
            "OrganizationAccessDeniedException",
            "This action can only be performed by the management account or a delegated "
            f"administrator of {PRINCIPAL}",
        )


def _check_role(call: ApiCall, arn: str) -> None:
    roles = get_backend("iam")[call.account][get_partition(call.region)].roles.values()
    role = next((one for one in roles if one.arn == arn), None)
    if role is None or PRINCIPAL not in str(role.assume_role_policy_document):
        raise ApiError(
            "InvalidRoleException",
            f"The role {arn} cannot be assumed by AWS Config: create it, and let {PRINCIPAL} "
            "assume it",
        )


def _check_regions(source: dict[str, Any]) -> None:
    wrong = sorted(set(source.get("AwsRegions") or []) - set(callers.regions()))
    if wrong:
        raise invalid(f"AwsRegions: {', '.join(wrong)} is no Region of AWS Config")


def find(place: Place, name: str) -> Any:
    """moto's aggregator of this name; refuses as AWS does where there is none."""
    found = get_backend("config")[place.account][place.region].config_aggregators.get(name)
    if found is None:
        raise ApiError(
            "NoSuchConfigurationAggregatorException",
            f"The configuration aggregator '{name}' does not exist. Check the name and try again",
        )
    return found


def collected(place: Place, name: str, filters: dict[str, Any] | None = None) -> list[Place]:
    """The places where an aggregator finds something, in order of accounts, then Regions.

    filters: AccountId and AwsRegion (or Region) narrow them down.
    """
    wanted = filters or {}
    account, region = wanted.get("AccountId"), wanted.get("AwsRegion") or wanted.get("Region")
    used = {key for kind in KNOWN for key in place.sandbox.states(kind)}
    return [
        Place(place.sandbox, source.account, source.region)
        for source in _sources(place, find(place, name), used)
        if source.allowed and account in (None, source.account) and region in (None, source.region)
    ]


def _sources(place: Place, aggregator: Any, used: Iterable[tuple[str, str]]) -> Iterator[Source]:
    """Of the (account, Region) pairs in use, those that an aggregator names."""
    named = set(_named(place, aggregator))
    several = aggregator.account_aggregation_sources  # moto takes one, as AWS does
    one = several[0] if several else aggregator.organization_aggregation_source
    for account, region in sorted(set(used)):
        if account in named and (one.all_aws_regions or region in one.aws_regions):
            yield Source(account, region, _allowed(place, aggregator, account, region))


def _named(place: Place, aggregator: Any) -> list[str]:
    if aggregator.account_aggregation_sources:
        return list(aggregator.account_aggregation_sources[0].account_ids)
    organization = tree.of(place.account)
    if organization is None or not organization.trusts(PRINCIPAL):
        return []
    accounts = [str(one.id) for one in organization.backend.accounts]
    return [one for one in accounts if not organization.suspended(one)]


def _allowed(place: Place, aggregator: Any, account: str, region: str) -> bool:
    if aggregator.organization_aggregation_source or account == place.account:
        return True
    mine, theirs = tree.of(place.account), tree.of(account)
    if mine is not None and theirs is not None and mine.management == theirs.management:
        return True  # accounts of one organisation need not authorise each other
    given = get_backend("config")[account][region].aggregation_authorizations
    return f"{place.account}/{place.region}" in given


@operation("config", "DescribeConfigurationAggregatorSourcesStatus")
def sources_status(sandbox: Sandbox, call: ApiCall) -> Any:
    """Whether each source that is in use, or named with its Region, is collected."""
    place, wanted = Place.of(sandbox, call), call.params.get("UpdateStatus")
    aggregator = find(place, call.params["ConfigurationAggregatorName"])
    kind = "ACCOUNT" if aggregator.account_aggregation_sources else "ORGANIZATION"
    used = {key for state in KNOWN for key in sandbox.states(state)}
    source = (aggregator.account_aggregation_sources or [None])[0]
    if source is not None and source.aws_regions:
        used |= {(one, region) for one in source.account_ids for region in source.aws_regions}
    told = [_told(place, one, kind) for one in _sources(place, aggregator, used)]
    found = [one for one in told if not wanted or one["LastUpdateStatus"] in wanted]
    entries, more = page(found, call.params, default=STATUS_PAGE)
    return {"AggregatedSourceStatusList": entries, **more}


def _told(place: Place, source: Source, kind: str) -> dict[str, Any]:
    failed = {
        "LastUpdateStatus": "FAILED",
        "LastErrorCode": "AccessDeniedException",
        "LastErrorMessage": "The source account did not authorize the aggregator: "
        "put an aggregation authorization there",
    }
    return {
        "SourceId": source.account,
        "SourceType": kind,
        "AwsRegion": source.region,
        "LastUpdateTime": place.time,
        **({"LastUpdateStatus": "SUCCEEDED"} if source.allowed else failed),
    }


GROUPS: Final = {"ACCOUNT_ID": "account", "AWS_REGION": "region"}


def grouped(places: Iterable[Place], key: str | None) -> dict[str, list[Place]]:
    """The places by the value of ACCOUNT_ID or AWS_REGION; all under `` where there is no key."""
    found: dict[str, list[Place]] = {}
    for place in places:
        name = getattr(place, GROUPS[key]) if key else ""
        found.setdefault(name, []).append(place)
    return dict(sorted(found.items()))


def named(name: str, key: str | None) -> dict[str, str]:
    """The GroupName of a group, absent where nothing was grouped."""
    return {"GroupName": name} if key else {}
