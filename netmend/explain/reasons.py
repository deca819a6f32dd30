"""Why a permission is not what makes a group public."""

from __future__ import annotations

from typing import Final

from netmend.explain.numbers import threshold
from rules.netlib.addresses import FAMILIES, Intervals, Sizes, block, intersect, sizes
from rules.netlib.exposure import Sources
from rules.netlib.permissions import ALL, PORTED, Permission
from rules.netlib.policy import Policy, Ports
from rules.netlib.special import NOT_REACHABLE

REGISTRY: Final = tuple((block(cidr).addresses, name, rfc) for cidr, name, rfc in NOT_REACHABLE)
MOST_NAMES: Final = 3


def reason(permission: Permission, sources: Sources, policy: Policy, allowed: Ports) -> str:
    """One sentence. allowed: the ports that the user has taken out of the guarded ones."""
    p = permission
    if p.kind == "group":
        return "a security group is its source: nobody from outside gets in by it"
    if p.protocol not in (*PORTED, ALL):
        name = p.protocol if p.protocol.startswith("icmp") else f"protocol {p.protocol}"
        return f"{name} has no ports, so it reaches no guarded one"
    if not policy.guarded.touches(p.protocol, p.from_port, p.to_port):
        if allowed.touches(p.protocol, p.from_port, p.to_port):
            return "AllowedPorts allows it: no other guarded port is reached"
        return "no guarded port is reached"
    addresses = sources.addresses(p.origin)
    found = sizes(sources.public(p.origin))
    if not addresses:
        return "the prefix list is empty: nobody gets in by it"
    return narrow(found, policy) if any(found) else f"not public: {special(addresses)}"


def special(addresses: Intervals) -> str:
    """What the registries call addresses that are not public: `private use (RFC 1918)`."""
    names = [f"{name} ({rfc})" for inside, name, rfc in REGISTRY if intersect(addresses, inside)]
    once = list(dict.fromkeys(names))
    more = len(once) - MOST_NAMES
    return ", ".join(once[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def narrow(found: Sizes, policy: Policy) -> str:
    """Few public addresses: the engine counts all that reach a port, and found no more than few."""
    limits = zip(found, policy.limits, FAMILIES, strict=True)
    bounds = " and ".join(threshold(limit, family) for n, limit, family in limits if n)
    return f"narrow, counted together as well: public is {bounds} or more"
