"""What a user guards: ports by protocol, how wide is public, and what a mend keeps."""

from bisect import bisect_right
from functools import lru_cache
from typing import Final, NamedTuple

Range = tuple[int, int]
"""An inclusive range of ports."""

LAST_PORT: Final = 65535


class Ports(NamedTuple):
    """Sorted, disjoint port ranges of each protocol."""

    tcp: tuple[Range, ...]
    udp: tuple[Range, ...]

    def touches(self, protocol: str, low: int | None, high: int | None) -> bool:
        """Whether traffic of a protocol ("-1" for all) to these ports reaches one of ours."""
        if low is None or high is None:
            return protocol == "-1" and bool(self.tcp or self.udp)
        ranges = self.tcp if protocol == "tcp" else self.udp if protocol == "udp" else ()
        index = bisect_right(ranges, (high, LAST_PORT))
        return index > 0 and ranges[index - 1][1] >= low


class Policy(NamedTuple):
    """The typed parameters of the control.

    limits: a port is public when this many addresses of a family (IPv4, IPv6), or more, reach it.
    """

    guarded: Ports
    limits: tuple[int, int]
    keep_private: bool = True
    carve_all_protocols: bool = False


def limits(ipv4_prefix: int, ipv6_prefix: int) -> tuple[int, int]:
    """An IPv4 block of that prefix length is public itself; an IPv6 block is not, one more is."""
    return 1 << 32 - ipv4_prefix, (1 << 128 - ipv6_prefix) + 1


@lru_cache(maxsize=1 << 8)
def narrow_ends(limits: tuple[int, int], bits: int) -> frozenset[str]:
    """The last four characters of canonical CIDRs of which 2**bits hold no more than the limit.

    They tell the families apart: IPv4 has a digit before the slash, and IPv6 a colon up to /64,
    which is wider than any that IPv4's lengths could be taken for.
    """
    ipv4 = [n for n in range(10, 33) if 1 << 32 - n + bits <= limits[0]]
    ipv6 = [n for n in range(10, 129) if 1 << 128 - n + bits <= limits[1]]
    ends = [f"{digit}/{n}" for n in ipv4 for digit in range(10)]
    return frozenset([*ends, *(f":/{n}"[-4:] for n in ipv6)])


def parse_ports(text: str) -> Ports:
    """The ports of `22,tcp/5900-5910,udp/161`; raises ValueError naming the part that is wrong."""
    found: dict[str, list[Range]] = {"tcp": [], "udp": []}
    for part in text.split(","):
        protocol, slash, ports = part.strip().lower().rpartition("/")
        if slash and protocol not in found:
            raise ValueError(f"{part.strip()!r}")
        for name in [protocol] if slash else found:
            found[name].append(_range(ports, part))
    return Ports(union(found["tcp"]), union(found["udp"]))


def _range(text: str, part: str) -> Range:
    low, dash, high = text.partition("-")
    numbers = [_port(number, part) for number in ((low, high) if dash else (low, low))]
    if numbers[0] > numbers[1]:
        raise ValueError(f"{part.strip()!r} (upside down)")
    return numbers[0], numbers[1]


def _port(text: str, part: str) -> int:
    digits = text.strip()
    # isdecimal alone also takes the digits of every other script.
    if digits.isascii() and digits.isdecimal() and len(digits) < 6 and int(digits) <= LAST_PORT:
        return int(digits)
    raise ValueError(f"{part.strip()!r}")


def union(ranges: list[Range]) -> tuple[Range, ...]:
    """Sorted ranges of which no two overlap or touch."""
    joined: list[Range] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(high, joined[-1][1])
        else:
            joined.append((low, high))
    return tuple(joined)


def holes(low: int, high: int, cut: list[Range] | tuple[Range, ...]) -> list[Range]:
    """What of the ports low to high remains when the ranges `cut` are taken out."""
    left = []
    for start, end in union(list(cut)):
        if low < start:
            left.append((low, min(start - 1, high)))
        low = max(low, end + 1)
    if low <= high:
        left.append((low, high))
    return left


def without(guarded: Ports, allowed: Ports) -> Ports:
    """The guarded ports that are not allowed ones."""
    tcp, udp = (
        tuple(left for low, high in mine for left in holes(low, high, theirs))
        for mine, theirs in zip(guarded, allowed, strict=True)
    )
    return Ports(tcp, udp)


def port_text(low: int, high: int) -> str:
    """`22` or `5900-5910`."""
    return str(low) if low == high else f"{low}-{high}"
