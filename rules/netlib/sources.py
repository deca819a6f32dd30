"""Each source of traffic has one text: a canonical CIDR, or the id of a prefix list or a group."""

import re
from collections.abc import Callable
from functools import lru_cache
from socket import AF_INET, inet_pton
from typing import Any, Final

from rules.netlib.addresses import parsed
from rules.netlib.errors import Malformed

PREFIX_LIST: Final = re.compile(r"pl-[0-9a-z]{1,32}")
LONGEST_NAME: Final = 255


def canonical(kind: str, source: Any) -> str:
    """The one text of a source of a kind; raises Malformed."""
    if not isinstance(source, str):
        raise Malformed(f"{source!r:.60} is no {kind} source")
    return READ[kind](source)


@lru_cache(maxsize=1 << 16)
def _ipv4(source: str) -> str:
    # The most frequent length has a shorter way: inet_pton takes an address in one form only.
    if source[-3:] == "/32":
        try:
            inet_pton(AF_INET, source[:-3])
        except (OSError, ValueError):
            return _cidr("ipv4", source)
        return source
    return _cidr("ipv4", source)


@lru_cache(maxsize=1 << 16)
def _ipv6(source: str) -> str:
    return _cidr("ipv6", source)


def _cidr(kind: str, source: str) -> str:
    found = parsed(source)
    if found.kind == kind:
        return found.text
    raise Malformed(f"{source!r:.60} is no {kind} source")


def _prefix_list(source: str) -> str:
    if PREFIX_LIST.fullmatch(source):
        return source
    raise Malformed(f"{source!r:.60} is no prefix-list source")


def _group_name(source: str) -> str:
    """sg-..., or a name in old items."""
    if 0 < len(source) <= LONGEST_NAME and source.isascii() and source.isprintable():
        return source
    raise Malformed(f"{source!r:.60} is no group source")


READ: Final[dict[str, Callable[[str], str]]] = {
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "prefix-list": _prefix_list,
    "group": _group_name,
}
