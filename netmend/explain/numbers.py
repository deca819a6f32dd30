"""How many addresses, exactly and as a share that a person can picture."""

from __future__ import annotations

from typing import Final

from rules.netlib.addresses import FAMILIES, SPACE, sizes
from rules.netlib.special import public

EVERYBODY: Final = {
    family: sizes(public((SPACE[family],)))[number] for number, family in enumerate(FAMILIES)
}
"""All public addresses of each family, by the registries that the engine goes by."""

SHARES: Final = (
    (1 / 2, "half"),
    (1 / 3, "a third"),
    (2 / 3, "two thirds"),
    (1 / 4, "a quarter"),
    (3 / 4, "three quarters"),
    (1 / 8, "an eighth"),
    (1 / 16, "a sixteenth"),
)
TENTH: Final = 0.1
CLOSE: Final = 0.03
"""How far a share may be from a fraction that stands for it, of that fraction."""


def share(count: int, family: str) -> str:
    """`every public IPv4 address`, or `about half of the public IPv4 addresses`."""
    if count >= EVERYBODY[family]:
        return f"every public {family} address"
    return f"{part(count, family)} of the public {family} addresses"


def part(count: int, family: str) -> str:
    """`all`, `all but 1`, `about half`, `about 43%`, `1 in 883`."""
    everybody = EVERYBODY[family]
    missing = everybody - count
    if missing <= 0:
        return "all"
    if missing * 100 <= everybody:
        return f"all but {missing:,}" if family == "IPv4" else "nearly all"
    size = count / everybody
    name = next((name for one, name in SHARES if abs(size - one) <= CLOSE * one), "")
    if name or size >= TENTH:
        return f"about {name or format(size, '.0%')}"
    return f"1 in {round(everybody / max(count, 1)):,}"


def threshold(limit: int, family: str) -> str:
    """From how many addresses on a port counts as public, with the block that holds as many."""
    bits = 32 if family == "IPv4" else 128
    prefix = bits - (limit.bit_length() - 1)
    if limit == 1 << bits - prefix:
        return f"{limit:,} {family} addresses (a /{prefix})"
    return f"{limit:,} {family} addresses (more than a /{prefix})"
