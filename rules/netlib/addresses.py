"""A set of addresses is sorted, disjoint, half-open intervals on one line that holds both families.

IPv4 lies at [0, 2**32), IPv6 at [2**128, 2**129): one merge serves both, and no interval crosses.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton
from struct import unpack
from typing import Final, NamedTuple

from rules.netlib.errors import Malformed

Interval = tuple[int, int]
Intervals = tuple[Interval, ...]
Sizes = tuple[int, int]
"""Numbers of addresses: (IPv4, IPv6)."""

FAMILIES: Final = ("IPv4", "IPv6")
IPV6: Final = 1 << 128
SPACE: Final = {"IPv4": (0, 1 << 32), "IPv6": (IPV6, 2 * IPV6)}
SIZES: Final = [{str(bits - n): 1 << n for n in range(bits + 1)} for bits in (32, 128)]
"""Numbers of addresses by prefix length as text."""

AS_IPV4: Final = ("ipv4", AF_INET, 32, 0, SIZES[0])
AS_IPV6: Final = ("ipv6", AF_INET6, 128, IPV6, SIZES[1])
_new: Final = tuple.__new__  # a NamedTuple's own constructor takes three times as long
ZERO_RUN: Final = re.compile(r"(?:\b0(?::|$)){2,}")


class Block(NamedTuple):
    """One CIDR block: "ipv4" or "ipv6", its canonical text, and where it lies on the line."""

    kind: str
    text: str
    addresses: Intervals


def block(cidr: object) -> Block:
    """The block of a CIDR text, host bits cleared as EC2 does; raises Malformed."""
    if not isinstance(cidr, str):
        raise Malformed(f"{cidr!r:.60} is no CIDR block")
    return _block(cidr)


def parsed(cidr: str) -> Block:
    """The same, for who remembers it himself."""
    address, _, length = cidr.partition("/")
    kind, family, bits, base, sizes = AS_IPV6 if ":" in address else AS_IPV4
    try:
        number = int.from_bytes(inet_pton(family, address), "big")
    except (OSError, ValueError):  # ValueError: a NUL or a character that is not ASCII
        raise Malformed(f"{cidr!r:.60} is no CIDR block") from None
    size = sizes.get(length)
    if size is None:
        if not (
            length.isascii() and length.isdecimal() and len(length) < 4 and int(length) <= bits
        ):
            raise Malformed(f"{cidr!r:.60} has no prefix length of 0 to {bits}")
        size = 1 << bits - int(length)
    elif not base and not number & size - 1:
        return _new(Block, (kind, cidr, ((number, number + size),)))  # inet_pton takes no 010.0.0.1
    start = base + (number & -size)
    return _new(Block, (kind, cidr_text(start, size), ((start, start + size),)))


_block: Final = lru_cache(maxsize=1 << 16)(parsed)


def cidr_text(start: int, size: int) -> str:
    """The CIDR of `size` addresses (a power of two) from `start` on."""
    length = size.bit_length() - 1
    if start < IPV6:
        return f"{inet_ntop(AF_INET, start.to_bytes(4, 'big'))}/{32 - length}"
    return f"{_ipv6_text(start - IPV6)}/{128 - length}"


def _ipv6_text(number: int) -> str:
    """RFC 5952, but hexadecimal throughout: libraries differ on when to write dotted quads."""
    words = unpack("!8H", number.to_bytes(16, "big"))
    zeros = ((number & -number).bit_length() - 1) // 16 if number else 8
    if zeros >= 4:  # at the end, and no other run of zeros can be longer
        return ":".join([f"{word:x}" for word in words[: 8 - zeros]]) + "::"
    text = ":".join([f"{word:x}" for word in words])
    longest = max(ZERO_RUN.finditer(text), key=lambda run: len(run[0]), default=None)
    if longest is None:
        return text
    return f"{text[: longest.start()].rstrip(':')}::{text[longest.end() :]}"


def merge(intervals: Iterable[Interval]) -> Intervals:
    """The union of intervals in any order."""
    merged: list[Interval] = []
    start, end = -1, -1
    for low, high in sorted(intervals):
        if low > end:
            if end > start:
                merged.append((start, end))
            start, end = low, high
        elif high > end:
            end = high
    if end > start:
        merged.append((start, end))
    return tuple(merged)


def subtract(whole: Intervals, part: Intervals) -> Intervals:
    """What of `whole` is not in `part`."""
    left: list[Interval] = []
    for low, high in whole:
        index = max(bisect_right(part, (low, low)) - 1, 0)
        while index < len(part) and part[index][0] < high:
            start, end = part[index]
            if low < start:
                left.append((low, start))
            low = max(low, end)
            index += 1
        if low < high:
            left.append((low, high))
    return tuple(left)


def intersect(one: Intervals, other: Intervals) -> Intervals:
    """What is in both."""
    return subtract(one, subtract(one, other))


def sizes(intervals: Intervals) -> Sizes:
    """How many addresses of each family."""
    ipv4 = ipv6 = 0
    for low, high in intervals:
        if low < IPV6:
            ipv4 += high - low
        else:
            ipv6 += high - low
    return ipv4, ipv6


def cidrs(intervals: Intervals) -> list[str]:
    """The fewest CIDR blocks that hold exactly these addresses, in order."""
    found = []
    for low, high in intervals:
        while low < high:
            aligned = low & -low or 1 << 32
            size = min(aligned, 1 << (high - low).bit_length() - 1)
            found.append(cidr_text(low, size))
            low += size
    return found
