"""Security groups as people build them, and as nobody should: sources and ports at every edge."""

from __future__ import annotations

import ipaddress
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.rules.ec2_group import Rule

VPC_CIDRS = ["10.20.0.0/16", "11.7.0.0/16", "2600:1f18:4242::/56"]
"""One private block, one public one (bring your own addresses), one of Amazon's IPv6."""

WIDE_V4 = ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "172.0.0.0/8", "8.0.0.0/7", "100.0.0.0/8"]
V4 = [
    *WIDE_V4,
    *("8.0.0.0/9", "8.128.0.0/10", "8.192.0.0/10", "9.0.0.0/10", "9.0.0.0/11", "9.32.0.0/11"),
    *("3.0.0.0/12", "13.32.0.0/12", "34.64.0.0/12", "9.64.0.0/12", "192.64.0.0/10"),
    *("10.0.0.0/8", "10.20.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"),
    *("11.7.0.0/16", "11.0.0.0/8", "8.8.8.8/32", "198.51.100.7/32", "192.0.0.8/29"),
    *("169.254.0.0/16", "127.0.0.0/8", "224.0.0.0/4", "192.0.0.0/10"),
]
WIDE_V6 = ["::/0", "::/1", "8000::/1", "2000::/3", "2600::/12"]
V6 = [
    *WIDE_V6,
    *("2a00:1450::/32", "2a00:1451::/32", "2600:1f18:1234::/48", "2600:1f18:4242::/56"),
    *("fc00::/7", "fd00::/8", "fe80::/10", "2001::/23", "2001:20::/28", "2002::/16"),
    *("64:ff9b::/96", "::ffff:0:0/96", "2600:1f18::/32"),
]
PORTS = [0, 1, 21, 22, 23, 24, 80, 443, 444, 3388, 3389, 3390, 8080, 65534, 65535]
GUARDS = ["22,3389", "tcp/22,udp/3389", "20-25,443-445", "0-65535", "tcp/0,tcp/65535", "22"]
LISTS = ("pl-0a1b2c3d4", "pl-0a1b2c3d6")
"""The last character says the family: 4 or 6."""


class World(NamedTuple):
    """A group's rules, the entries of prefix lists, and the rule's parameters."""

    rules: tuple[Rule, ...]
    lists: dict[str, list[str]]
    parameters: dict[str, str]

    @property
    def facts(self) -> dict[str, Any]:
        """With room for everything, so that quotas hold nothing back."""
        return {"prefix_lists": self.lists, "vpc_cidrs": VPC_CIDRS, "rules_quota": 100_000}


def blocks(version: int) -> st.SearchStrategy[str]:
    """CIDRs of interest, and any others."""
    known = st.sampled_from(V4 if version == 4 else V6)
    wide = st.sampled_from(WIDE_V4 if version == 4 else WIDE_V6)
    bits = 32 if version == 4 else 128

    def network(number: int, length: int) -> str:
        kind = ipaddress.IPv4Network if version == 4 else ipaddress.IPv6Network
        return str(kind((number >> (bits - length) << (bits - length) if length else 0, length)))

    return st.one_of(
        wide, known, known, st.builds(network, st.integers(0, 2**bits - 1), st.integers(0, bits))
    )


@st.composite
def port_ranges(draw: st.DrawFn) -> tuple[int, int]:
    low, high = draw(st.sampled_from(PORTS)), draw(st.sampled_from(PORTS))
    shape = draw(st.sampled_from(("one", "range", "all")))
    if shape == "all":
        return 0, 65535
    return (low, low) if shape == "one" else (min(low, high), max(low, high))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    version = draw(st.sampled_from((4, 4, 4, 6)))
    source = draw(
        st.one_of(
            blocks(version),
            blocks(version),
            st.sampled_from(("sg-0a1b2c3d", LISTS[0] if version == 4 else LISTS[1])),
        )
    )
    protocol = draw(st.sampled_from(("tcp", "tcp", "tcp", "udp", "-1", "icmp", "50", "47")))
    low: int | None = None
    high: int | None = None
    if protocol in ("tcp", "udp"):
        low, high = draw(port_ranges())
    if protocol == "icmp":
        protocol = "icmp" if version == 4 else "icmpv6"
        low, high = draw(st.sampled_from(((-1, -1), (8, -1), (3, 4))))
    description = draw(st.sampled_from((None, None, None, "vendor X")))
    tags = draw(st.sampled_from(((), (), (), (("owner", "net"),))))
    return Rule(protocol, low, high, source, description, tags)


@st.composite
def worlds(draw: st.DrawFn, **fixed: str) -> World:
    found = draw(st.lists(rules(), max_size=7, unique_by=lambda rule: rule.key))
    lists = {
        LISTS[0]: draw(st.lists(blocks(4), max_size=3, unique=True)),
        LISTS[1]: draw(st.lists(blocks(6), max_size=2, unique=True)),
    }
    parameters = {
        "GuardedPorts": draw(st.sampled_from(GUARDS)),
        "AllowedPorts": draw(st.sampled_from(("", "", "443", "tcp/22-23"))),
        "WideIpv4Prefix": draw(st.sampled_from(("10", "10", "8", "24"))),
        "WideIpv6Prefix": draw(st.sampled_from(("32", "32", "16", "56"))),
        "PrivateSources": draw(st.sampled_from(("keep", "keep", "drop"))),
        "AllProtocols": draw(st.sampled_from(("approve", "carve"))),
    }
    return World(tuple(found), lists, parameters | fixed)


def in_halves(rule: Rule) -> list[Rule]:
    """The same traffic from the two halves of a rule's block; of a single address, the rule."""
    if rule.source.startswith(("pl-", "sg-")):
        return [rule]
    network = ipaddress.ip_network(rule.source)
    return [rule._replace(source=str(half)) for half in network.subnets()]


def at_port(rule: Rule, port: int) -> list[Rule]:
    """The same traffic by two rules that meet at a port."""
    if rule.low is None or rule.protocol not in ("tcp", "udp") or not rule.low <= port < rule.high:
        return [rule]
    return [rule._replace(high=port), rule._replace(low=port + 1)]
