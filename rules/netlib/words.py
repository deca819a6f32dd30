"""What is open, and to whom, in the words of a network engineer."""

from collections.abc import Iterable
from typing import Final

from rules.netlib.exposure import Violation
from rules.netlib.policy import port_text

LONGEST: Final = 256
"""Characters of a Config annotation."""

NAMED: Final = 3
"""So many sources are named; further ones are counted."""


def annotation(violations: Iterable[Violation]) -> str:
    """`open to 0.0.0.0/0: tcp/22,3389, udp/3389; open to ::/0: tcp/22`, cut at 256 characters."""
    by_sources: dict[tuple[str, ...], list[str]] = {}
    for v in violations:
        ports = ",".join(port_text(*one) for one in v.ports)
        by_sources.setdefault(v.sources, []).append(f"{v.protocol}/{ports}")
    text = "; ".join(f"open to {named(who)}: {', '.join(what)}" for who, what in by_sources.items())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def named(sources: tuple[str, ...]) -> str:
    """The first sources by name, the rest by number."""
    more = len(sources) - NAMED
    return ", ".join(sources[:NAMED]) + (f" and {more} more" if more > 0 else "")


def counted(number: int, thing: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"
