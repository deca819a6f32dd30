"""A security group rule is one protocol, one port range and one peer, written in one way.

EC2 takes the same rule in many spellings and answers in one: `6` is tcp, 203.0.113.42/0 is
0.0.0.0/0, IPv6 is compressed and in lower case. Two rules are the same if what is left is.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from moto.ec2.models.security_groups import SecurityGroupRule

from netmend.sandbox.api import ApiError

PROTOCOLS: Final = {
    "-1": "-1",
    "1": "icmp",
    "17": "udp",
    "58": "icmpv6",
    "6": "tcp",
    "icmp": "icmp",
    "icmpv6": "icmpv6",
    "tcp": "tcp",
    "udp": "udp",
}
PORTS: Final = frozenset({"tcp", "udp"})
TYPES: Final = frozenset({"icmp", "icmpv6"})
LAST_PROTOCOL: Final = 255
LAST_PORT: Final = 65_535
LAST_TYPE: Final = 255

PEERS: Final = {
    "IpRanges": "CidrIp",
    "Ipv6Ranges": "CidrIpv6",
    "PrefixListIds": "PrefixListId",
    "UserIdGroupPairs": "GroupId",
}
"""List in an IpPermission -> the key of a peer in it."""

DESCRIPTION: Final = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}")
CIDR: Final = re.compile(r"[0-9A-Fa-f:.]+/\d{1,3}")
FAMILIES: Final = {"CidrIp": ipaddress.IPv4Network, "CidrIpv6": ipaddress.IPv6Network}


class Identity(NamedTuple):
    """What makes two rules of one direction the same; kind is the peer's key in `PEERS`."""

    protocol: str
    from_port: int | None
    to_port: int | None
    kind: str
    peer: str


class Wanted(NamedTuple):
    """A rule as it was asked for; pair is what is known of a referenced group."""

    identity: Identity
    description: str | None = None
    pair: Mapping[str, str] = {}


def invalid(message: str) -> ApiError:
    """EC2's refusal of a value."""
    return ApiError("InvalidParameterValue", message)


def protocol(written: str | None) -> str:
    """The one name of a protocol: a word for those that EC2 has words for, else its number."""
    if written is None:
        raise invalid(
            "Invalid value 'null' for protocol. VPC security group rules must specify protocols "
            "explicitly."
        )
    name = PROTOCOLS.get(written.lower())
    if name is None and written.isascii() and written.isdigit() and int(written) <= LAST_PROTOCOL:
        name = PROTOCOLS.get(str(int(written)), str(int(written)))
    if name is None:
        raise invalid(f"Invalid value '{written}' for IP protocol. Unknown protocol.")
    return name


def ports(name: str, first: int | None, last: int | None) -> tuple[int | None, int | None]:
    """The range as it is kept: ICMP types default to all, other protocols have no ports."""
    if name in TYPES:
        return _types(-1 if first is None else first, -1 if last is None else last)
    if name not in PORTS:
        return None, None
    if first is None or last is None or first == -1 or last == -1:
        raise invalid(
            "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."
        )
    if not 0 <= first <= last <= LAST_PORT:
        raise invalid(
            f"Invalid value 'Invalid TCP/UDP port range ({first}:{last}).' for portRange."
        )
    return first, last


def _types(kind: int, code: int) -> tuple[int, int]:
    if not (-1 <= kind <= LAST_TYPE and -1 <= code <= LAST_TYPE) or (kind == -1 and code != -1):
        raise invalid(f"Invalid value 'Invalid ICMP type and code ({kind}:{code}).' for portRange.")
    return kind, code


def cidr(kind: str, written: str) -> str:
    """A block without host bits, IPv6 compressed and in lower case."""
    try:
        if CIDR.fullmatch(written):
            return str(FAMILIES[kind](written, strict=False))
    except ValueError:
        pass  # said below, in EC2's words
    raise invalid(f"CIDR block {written} is malformed")


def described(text: str | None) -> str | None:
    """A description that EC2 takes; none where it is empty."""
    if text and not DESCRIPTION.fullmatch(text):
        raise invalid(
            "Invalid rule description. Valid descriptions are strings less than 256 characters "
            "from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
        )
    return text or None


class Rule(SecurityGroupRule):  # type: ignore[misc, unused-ignore]
    """moto's rule, made from what was asked for; it also keeps descriptions of lists and groups."""

    def __init__(
        self, backend: Any, group_id: str, wanted: Wanted, tags: dict[str, str], *, egress: bool
    ) -> None:
        super().__init__(backend, "-1", group_id, None, None, None, is_egress=egress, tags=tags)
        self.become(wanted)

    def become(self, wanted: Wanted) -> None:
        """Take on another identity under the same id."""
        identity = wanted.identity
        self.ip_protocol = identity.protocol
        self.from_port, self.to_port = identity.from_port, identity.to_port
        self.ip_range = {identity.kind: identity.peer} if identity.kind in FAMILIES else {}
        self.source_group = dict(wanted.pair)
        self.prefix_list_id = identity.peer if identity.kind == "PrefixListId" else None
        self.describe(wanted.description)

    def describe(self, text: str | None) -> None:
        """Change the description alone."""
        self.note = text
        for place in (self.ip_range, self.source_group):
            place.pop("Description", None)
            if place and text:
                place["Description"] = text

    @property
    def description(self) -> str | None:
        """The text beside this one peer."""
        return self.note


def identity_of(rule: SecurityGroupRule) -> Identity:
    """The identity of a rule that stands, ours or moto's own default one."""
    peers = {**rule.ip_range, "GroupId": rule.source_group.get("GroupId", "")}
    if rule.prefix_list_id:
        peers = {"PrefixListId": rule.prefix_list_id}
    kind = next(key for key in PEERS.values() if peers.get(key))
    return Identity(str(rule.ip_protocol), rule.from_port, rule.to_port, kind, peers[kind])


def words(identity: Identity) -> str:
    """A rule as EC2's errors say it."""
    name, first, last, _, peer = identity
    if name in TYPES:
        shown = ["ALL" if value == -1 else str(value) for value in (first, last)]
        return f"peer: {peer}, {name.upper()}, type: {shown[0]}, code: {shown[1]}, ALLOW"
    if name in PORTS:
        return f"peer: {peer}, {name.upper()}, from port: {first}, to port: {last}, ALLOW"
    return f"peer: {peer}, {'ALL' if name == '-1' else name}, ALLOW"
