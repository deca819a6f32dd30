"""One reader for each fact's name; a fact that cannot be read raises, it is never assumed."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from rules.handlers.clients import client
from rules.netlib.permissions import SecurityGroup

DEFAULT_RULES_QUOTA: Final = 60
RULES_QUOTA: Final = {"ServiceCode": "vpc", "QuotaCode": "L-0EA8095F"}
"""Inbound or outbound rules per security group."""


def _prefix_list_ids(group: SecurityGroup) -> list[str]:
    return sorted({p.source for p in group.ingress if p.kind == "prefix-list"})


def _prefix_lists(group: SecurityGroup) -> dict[str, Any]:
    """{id: [cidr, ...]} of the lists that the group names, AWS's own lists included."""
    return {name: entries(name) for name in _prefix_list_ids(group)}


def entries(prefix_list_id: str) -> list[str]:
    """All CIDRs of one prefix list."""
    pages = client("ec2").get_paginator("get_managed_prefix_list_entries")
    found = pages.paginate(PrefixListId=prefix_list_id)
    return [entry["Cidr"] for page in found for entry in page["Entries"]]


def _sized_prefix_lists(group: SecurityGroup) -> dict[str, Any]:
    """The same with what each list counts for in the quota: its MaxEntries, in its family."""
    ids = _prefix_list_ids(group)
    if not ids:
        return {}
    described = client("ec2").describe_managed_prefix_lists(PrefixListIds=ids)["PrefixLists"]
    sizes = {found["PrefixListId"]: found for found in described}
    return {
        name: {
            "entries": entries(name),
            # AWS-managed lists have no MaxEntries of ours: their weight is their entries'.
            "max_entries": sizes.get(name, {}).get("MaxEntries"),
            "address_family": sizes.get(name, {}).get("AddressFamily"),
        }
        for name in ids
    }


def _vpc_cidrs(group: SecurityGroup) -> list[str]:
    """The VPC's own blocks of both families that are associated."""
    vpc = client("ec2").describe_vpcs(VpcIds=[group.vpc_id])["Vpcs"][0]
    blocks = [(a["CidrBlock"], a["CidrBlockState"]) for a in vpc.get("CidrBlockAssociationSet", [])]
    blocks += [
        (a["Ipv6CidrBlock"], a["Ipv6CidrBlockState"])
        for a in vpc.get("Ipv6CidrBlockAssociationSet", [])
    ]
    return [cidr for cidr, state in blocks if state["State"] == "associated"]


def _rules_quota(_: SecurityGroup) -> int:
    """The applied quota; 60, AWS's default, where Service Quotas cannot be read."""
    try:
        quota = client("service-quotas").get_service_quota(**RULES_QUOTA)["Quota"]
    except (BotoCoreError, ClientError):  # it has no endpoint in some Regions
        return DEFAULT_RULES_QUOTA
    return int(quota["Value"])


READERS: Final[dict[str, Callable[[SecurityGroup], Any]]] = {
    "prefix_lists": _prefix_lists,
    "sized_prefix_lists": _sized_prefix_lists,
    "vpc_cidrs": _vpc_cidrs,
    "rules_quota": _rules_quota,
}


def read(names: Iterable[str], resource: SecurityGroup, *, sized: bool = False) -> dict[str, Any]:
    """Facts by name for one resource; `sized` adds what prefix lists count for in the quota."""
    found = {}
    for name in names:
        reader = f"sized_{name}" if sized and f"sized_{name}" in READERS else name
        found[name] = READERS[reader](resource)
    return found
