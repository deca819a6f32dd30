"""Which addresses are public: all but those that IANA's registries say are not globally reachable.

Source: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, RFC 8190) as of 2025-10,
and the multicast ranges, which are never a source. Python's `is_global` is not used, because
its answers change between versions.
"""

from functools import lru_cache
from typing import Final

from rules.netlib.addresses import Intervals, block, merge, subtract

NOT_REACHABLE: Final = (
    ("0.0.0.0/8", "this network", "RFC 791"),
    ("10.0.0.0/8", "private use", "RFC 1918"),
    ("100.64.0.0/10", "shared address space", "RFC 6598"),
    ("127.0.0.0/8", "loopback", "RFC 1122"),
    ("169.254.0.0/16", "link local", "RFC 3927"),
    ("172.16.0.0/12", "private use", "RFC 1918"),
    ("192.0.0.0/24", "IETF protocol assignments", "RFC 6890"),
    ("192.0.2.0/24", "documentation", "RFC 5737"),
    ("192.168.0.0/16", "private use", "RFC 1918"),
    ("198.18.0.0/15", "benchmarking", "RFC 2544"),
    ("198.51.100.0/24", "documentation", "RFC 5737"),
    ("203.0.113.0/24", "documentation", "RFC 5737"),
    ("224.0.0.0/4", "multicast", "RFC 5771"),
    ("240.0.0.0/4", "reserved, and limited broadcast", "RFC 1112"),
    ("::/128", "unspecified", "RFC 4291"),
    ("::1/128", "loopback", "RFC 4291"),
    ("::ffff:0:0/96", "IPv4-mapped: never on the wire", "RFC 4291"),
    ("64:ff9b:1::/48", "local-use IPv4/IPv6 translation", "RFC 8215"),
    ("100::/64", "discard only", "RFC 6666"),
    ("100:0:0:1::/64", "dummy prefix", "RFC 9780"),
    ("2001::/23", "IETF protocol assignments", "RFC 2928"),
    ("2001:db8::/32", "documentation", "RFC 3849"),
    ("3fff::/20", "documentation", "RFC 9637"),
    ("5f00::/16", "SRv6 segment identifiers", "RFC 9602"),
    ("fc00::/7", "unique local", "RFC 4193"),
    ("fe80::/10", "link local", "RFC 4291"),
    ("ff00::/8", "multicast", "RFC 4291"),
)

REACHABLE_WITHIN: Final = (
    ("192.0.0.9/32", "Port Control Protocol anycast", "RFC 7723"),
    ("192.0.0.10/32", "TURN anycast", "RFC 8155"),
    # The registry says N/A: a relay brings packets from any stranger, and a guard counts those.
    ("2001::/32", "Teredo", "RFC 4380"),
    ("2001:1::1/128", "Port Control Protocol anycast", "RFC 7723"),
    ("2001:1::2/128", "TURN anycast", "RFC 8155"),
    ("2001:1::3/128", "DNS-SD service registration anycast", "RFC 9665"),
    ("2001:3::/32", "AMT", "RFC 7450"),
    ("2001:4:112::/48", "AS112", "RFC 7535"),
    ("2001:20::/28", "ORCHIDv2", "RFC 7343"),
    ("2001:30::/28", "drone remote id", "RFC 9374"),
)
"""Registered inside a block of NOT_REACHABLE, and reachable all the same.

Blocks that the registries list as reachable outside of those need no row: 64:ff9b::/96 (NAT64: its
translators bring packets from all of IPv4), 192.31.196.0/24, 192.52.193.0/24, 192.175.48.0/24 and
2620:4f:8000::/48; nor do 2002::/16 (6to4: N/A, as Teredo) and 192.88.99.0/24 (no longer special).
"""

PRIVATE_BLOCKS: Final = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "fc00::/7",
)
"""What a network uses inside: kept when a wide source goes."""


def addresses(*blocks: str) -> Intervals:
    """The union of CIDR blocks; raises Malformed."""
    return merge(interval for cidr in blocks for interval in block(cidr).addresses)


SPECIAL: Final = subtract(
    addresses(*(row[0] for row in NOT_REACHABLE)),
    addresses(*(row[0] for row in REACHABLE_WITHIN)),
)
PRIVATE: Final = addresses(*PRIVATE_BLOCKS)


def public(intervals: Intervals) -> Intervals:
    """What of a set of addresses a stranger on the internet can have."""
    return subtract(intervals, SPECIAL)


@lru_cache(maxsize=1 << 16)
def public_block(cidr: str) -> Intervals:
    """The public addresses of one CIDR block; raises Malformed."""
    return public(block(cidr).addresses)
