"""TargetLocations: a run in each account and Region, as that account's execution role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError
from moto.utilities.utils import get_partition

from netmend.sandbox import callers
from netmend.sandbox.api import ApiError
from netmend.sandbox.automation.scope import Facts
from netmend.sandbox.iam import directory
from netmend.sandbox.ssm import library
from netmend.sandbox.ssm.fleet import LOCATIONS, Branch, Fleet, Group, limit
from netmend.sandbox.ssm.making import (
    Order,
    Runbook,
    execution,
    facts,
    role_credentials,
    role_parameter,
    runbook,
)
from netmend.sandbox.ssm.outside import PARENT

EXECUTION_ROLE: Final = "AWS-SystemsManager-AutomationExecutionRole"
HANDED_ON: Final = (
    "DocumentVersion",
    "Parameters",
    "TargetParameterName",
    "Targets",
    "TargetMaps",
    "MaxConcurrency",
    "MaxErrors",
)
OWN: Final = {
    "Targets": "Targets",
    "TargetsMaxConcurrency": "MaxConcurrency",
    "TargetsMaxErrors": "MaxErrors",
}
"""What a location may say for itself, and the name of it in the request that goes there."""


def fleet(order: Order) -> Fleet:
    """The parent of one child for each account and Region; raises ApiError."""
    book = runbook(order)
    parent = facts(order, book)
    given = order.call.params.get("Parameters") or {}
    if not _targeted(order.call.params):
        execution(order, book, given, parent)  # refused at once where its children would be
    credentials = role_credentials(order, book, parent)
    groups = [
        _group(order, book, parent, place, credentials)
        for place in order.call.params["TargetLocations"]
    ]
    return Fleet(order.sandbox, parent, given, groups, {})


def _targeted(params: Mapping[str, Any]) -> bool:
    places = params["TargetLocations"]
    return any(one.get("Targets") or one.get("TargetMaps") for one in (params, *places))


def _group(
    order: Order, book: Runbook, parent: Facts, place: Mapping[str, Any], credentials: Any
) -> Group:
    regions = place.get("Regions") or []
    if not place.get("Accounts") or not regions:
        raise _invalid("A target location needs Accounts and Regions.")
    for unknown in (region for region in regions if region not in callers.regions()):
        raise _invalid(f"The target location has an unknown Region {unknown}.")
    accounts = _accounts(order, place, credentials)
    branches = [
        _branch(order, book, parent, place, (account, region), credentials)
        for account in accounts
        for region in dict.fromkeys(regions)
    ]
    most = limit(str(place.get("TargetLocationMaxConcurrency") or LOCATIONS), len(branches))
    errors = limit(str(place.get("TargetLocationMaxErrors") or 0), len(branches))
    return Group(branches, max(1, most), errors)


def _branch(
    order: Order,
    book: Runbook,
    parent: Facts,
    place: Mapping[str, Any],
    home: tuple[str, str],
    credentials: Any,
) -> Branch:
    account, region = home
    shown = {**place, "Accounts": [account], "Regions": [region]}
    begin = partial(_child, order, book, parent, place, home, credentials)
    inputs = {"DocumentName": book.name}
    return Branch(f"{account}-{region}", home, inputs, begin, {"TargetLocation": shown})


def _child(
    order: Order,
    book: Runbook,
    parent: Facts,
    place: Mapping[str, Any],
    home: tuple[str, str],
    credentials: Any,
) -> str:
    account, region = home
    name = str(place.get("ExecutionRoleName") or EXECUTION_ROLE)
    role = f"arn:{get_partition(region)}:iam::{account}:role/{name}"
    keys = _assume(order, role, parent.execution_id, region, credentials)
    params = _request(order, book, place, role)
    params["DocumentName"] = _document(order, book, home)
    token = PARENT.set((parent.account, parent.region, parent.execution_id))
    try:
        answer = order.sandbox.lend("ssm", region, keys).start_automation_execution(**params)
    except ClientError as problem:
        raise _refused(problem) from None
    finally:
        PARENT.reset(token)
    return str(answer["AutomationExecutionId"])


def _assume(order: Order, role: str, session: str, region: str, credentials: Any) -> Any:
    if directory.role(role) is None:  # else the sandbox would let an administrator in
        raise ApiError("AccessDenied", f"The role {role} does not exist or cannot be assumed.")
    client = order.sandbox.lend("sts", region, credentials)
    try:
        return client.assume_role(RoleArn=role, RoleSessionName=session)["Credentials"]
    except ClientError as problem:
        raise _refused(problem) from None


def _request(order: Order, book: Runbook, place: Mapping[str, Any], role: str) -> dict[str, Any]:
    """What the child is started with: there, the execution role is what its document assumes."""
    given = order.call.params
    request = {name: given[name] for name in HANDED_ON if given.get(name)}
    request |= {theirs: place[ours] for ours, theirs in OWN.items() if place.get(ours)}
    name = role_parameter(book.document)
    if name and name in (given.get("Parameters") or {}):
        request["Parameters"] = {**given["Parameters"], name: [role]}
    return request


def _document(order: Order, book: Runbook, home: tuple[str, str]) -> str:
    """The runbook's name where the target has its own, or the ARN of one shared with it."""
    name = str(order.call.params["DocumentName"])
    if name.startswith("arn:") or library.find(*home, name) is not None:
        return name
    partition = get_partition(home[1])
    return f"arn:{partition}:ssm:{home[1]}:{order.call.account}:document/{book.name}"


def _accounts(order: Order, place: Mapping[str, Any], credentials: Any) -> list[str]:
    client = order.sandbox.lend("organizations", "us-east-1", credentials)
    deep = bool(place.get("IncludeChildOrganizationUnits"))
    try:
        wanted = list(_expanded(client, place["Accounts"], deep))
        without = set(_expanded(client, place.get("ExcludeAccounts") or [], deep))
    except ClientError as problem:
        raise _invalid(f"The accounts of the target location cannot be listed: {problem}") from None
    return [account for account in dict.fromkeys(wanted) if account not in without]


def _expanded(client: Any, names: list[str], deep: bool) -> Iterator[str]:
    for name in names:
        if name.isdigit():
            yield name
            continue
        pages = client.get_paginator("list_accounts_for_parent").paginate(ParentId=name)
        yield from (one["Id"] for page in pages for one in page["Accounts"])
        if deep:
            units = client.get_paginator("list_organizational_units_for_parent")
            below = units.paginate(ParentId=name)
            children = [one["Id"] for page in below for one in page["OrganizationalUnits"]]
            yield from _expanded(client, children, deep)


def _refused(problem: ClientError) -> ApiError:
    error = problem.response["Error"]
    return ApiError(error["Code"], error["Message"])


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidTarget", message)
