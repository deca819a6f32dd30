"""How many rules a security group holds, counted as EC2 counts them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from moto.ec2.models import EC2Backend
from moto.ec2.models.managed_prefixes import ManagedPrefixList
from moto.ec2.models.security_groups import SecurityGroup

from netmend.sandbox import quotas
from netmend.sandbox.api import ApiError
from netmend.sandbox.ec2.rules import Identity, Wanted, identity_of

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

IPV4, IPV6 = "IPv4", "IPv6"

AWS_WEIGHTS: Final = {
    "cloudfront.origin-facing": 55,
    "dynamodb": 1,
    "groundstation": 5,
    "ipv6.route53-healthchecks": 25,
    "route53-healthchecks": 25,
    "s3": 1,
    "vpc-lattice": 10,
}
"""End of an AWS-managed list's name -> what it counts for; they have no MaxEntries.

Source: VPC User Guide, "AWS-managed prefix list weight".
"""


def weight(prefix_list: ManagedPrefixList) -> int:
    """What a reference to this list counts for."""
    if prefix_list.max_entries is not None:
        return int(prefix_list.max_entries)
    name = str(prefix_list.prefix_list_name)
    known = (count for end, count in AWS_WEIGHTS.items() if name.endswith(f".{end}"))
    return next(known, max((len(one) for one in prefix_list.entries.values()), default=0))


def count(backend: EC2Backend, identities: Iterable[Identity]) -> dict[str, int]:
    """Rules by address family; a referenced group counts in both, a list with its size."""
    total = {IPV4: 0, IPV6: 0}
    for identity in identities:
        for family, rules in _counts(backend, identity).items():
            total[family] += rules
    return total


def _counts(backend: EC2Backend, identity: Identity) -> dict[str, int]:
    if identity.kind == "CidrIp":
        return {IPV4: 1}
    if identity.kind == "CidrIpv6":
        return {IPV6: 1}
    if identity.kind == "GroupId":
        return {IPV4: 1, IPV6: 1}
    found = backend.managed_prefix_lists.get(identity.peer)
    return {str(found.address_family): weight(found)} if found is not None else {}


def limit(sandbox: Sandbox, group: SecurityGroup) -> int:
    """The quota where the group stands."""
    backend = group.ec2_backend
    return quotas.value(sandbox, backend.account_id, backend.region_name, *quotas.RULES_PER_GROUP)


def check(
    sandbox: Sandbox, group: SecurityGroup, standing: Iterable[Identity], new: Iterable[Wanted]
) -> None:
    """Refuse rules that would take either family over the quota."""
    after = [*standing, *(rule.identity for rule in new)]
    if max(count(group.ec2_backend, after).values()) > limit(sandbox, group):
        raise ApiError(
            "RulesPerSecurityGroupLimitExceeded",
            "The maximum number of rules per security group has been reached.",
        )


def overfilled(sandbox: Sandbox, backend: EC2Backend, list_id: str) -> bool:
    """Whether a group that refers to this list is over the quota now."""
    groups = backend.describe_security_groups()
    sides = [
        (g, [identity_of(r) for r in s]) for g in groups for s in (g.ingress_rules, g.egress_rules)
    ]
    return any(
        max(count(backend, identities).values()) > limit(sandbox, group)
        for group, identities in sides
        if any(identity.peer == list_id for identity in identities)
    )
