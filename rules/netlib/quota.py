"""EC2 counts the rules of a group for each address family apart, and old and new ones together."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from rules.netlib.addresses import FAMILIES, Sizes
from rules.netlib.errors import FactUnreadable
from rules.netlib.exposure import Sources
from rules.netlib.permissions import Permission

DEFAULT: Final = 60
WEIGHTS: Final = {"ipv4": (1, 0), "ipv6": (0, 1), "group": (1, 1)}
"""A reference to a group counts in both families; a prefix list as often as it may have entries."""


def allowed(facts: Mapping[str, Any]) -> int:
    """facts["rules_quota"], or AWS's default where it is absent; raises FactUnreadable."""
    quota = facts.get("rules_quota")
    if quota is None:
        return DEFAULT
    if type(quota) is not int or quota < 1:
        raise FactUnreadable("rules_quota", "", f"is no number of rules: {quota!r:.40}")
    return quota


def counted(permissions: Iterable[Permission], sources: Sources) -> Sizes:
    """What permissions count for in each family."""
    ipv4 = ipv6 = 0
    for p in permissions:
        listed = p.kind == "prefix-list"
        weight = sources.lists[p.source].weight if listed else WEIGHTS[p.kind]
        ipv4, ipv6 = ipv4 + weight[0], ipv6 + weight[1]
    return ipv4, ipv6


def excess(
    standing: Iterable[Permission], added: Iterable[Permission], sources: Sources, quota: int
) -> str:
    """A sentence with both numbers if the peak is over the quota, else nothing.

    Only a family that gains rules can be refused, even where the other one is over already.
    """
    gains = counted(added, sources)
    for family, there, gain in zip(FAMILIES, counted(standing, sources), gains, strict=True):
        if gain and there + gain > quota:
            return (
                f"old and new rules together would count {there + gain} for {family},"
                f" and the quota is {quota}"
            )
    return ""
