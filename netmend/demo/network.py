"""The network of the demo: groups that drift as people make them, and groups that are fine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

HALVES: Final = ("0.0.0.0/1", "128.0.0.0/1")
SLOTS: Final = {".": ("IpRanges", "CidrIp"), ":": ("Ipv6Ranges", "CidrIpv6")}


def rule(protocol: str, low: int | None, high: int | None, *sources: str) -> dict[str, Any]:
    """An IpPermission; sources are CIDRs, pl- or sg- ids, `source|description`."""
    made: dict[str, Any] = {"IpProtocol": protocol}
    if low is not None:
        made |= {"FromPort": low, "ToPort": high}
    for source in sources:
        address, _, description = source.partition("|")
        name, key = _slot(address)
        entry = {key: address, **({"Description": description} if description else {})}
        made.setdefault(name, []).append(entry)
    return made


def _slot(source: str) -> tuple[str, str]:
    if source.startswith("pl-"):
        return "PrefixListIds", "PrefixListId"
    if source.startswith("sg-"):
        return "UserIdGroupPairs", "GroupId"
    return SLOTS[":" if ":" in source else "."]


WEB: Final = rule("tcp", 443, 443, "0.0.0.0/0|public web", "::/0|public web")
Rules = list[dict[str, Any]]


@dataclass(frozen=True)
class Drift:
    """A group, what it is for, and how somebody opened it.

    opens: gets the shared prefix list. stays: a port that must stay open to everyone.
    """

    name: str
    story: str
    own: Rules
    opens: Callable[[str], Rules]
    stays: int = 0


DRIFTS: Final = (
    Drift(
        "bastion",
        "someone opened SSH to everyone for a quick look",
        [rule("tcp", 22, 22, "198.51.100.0/24|office")],
        lambda _: [rule("tcp", 22, 22, "0.0.0.0/0|temporary, ticket 4711")],
    ),
    Drift(
        "desktops",
        "RDP from the whole internet, written as two halves",
        [],
        lambda _: [rule("tcp", 3389, 3389, *HALVES)],
    ),
    Drift(
        "ipv6-admin",
        "SSH over IPv6, which nobody looked at",
        [WEB],
        lambda _: [rule("tcp", 22, 22, "::/0")],
    ),
    Drift(
        "shop",
        "all TCP ports, with the public web shop inside",
        [],
        lambda _: [rule("tcp", 0, 65535, "0.0.0.0/0|make it work")],
        stays=443,
    ),
    Drift(
        "database",
        "PostgreSQL through a prefix list that holds everything",
        [rule("tcp", 5432, 5432, "10.0.0.0/8|applications")],
        lambda listed: [rule("tcp", 5432, 5432, listed)],
    ),
    Drift(
        "lab",
        "every protocol from everywhere",
        [],
        lambda _: [rule("-1", None, None, "0.0.0.0/0")],
    ),
)


@dataclass(frozen=True)
class Left:
    """A drift that is not mended in the end. kind: of the record that it leaves; told: in words."""

    drift: Drift
    mode: str
    kind: str
    told: str


LEFT: Final = (
    Left(
        Drift(
            "guests",
            "every protocol from everywhere, and nobody answers",
            [],
            lambda _: [rule("-1", None, None, "0.0.0.0/0")],
        ),
        "enforce",
        "question",
        "WAITS FOR A PERSON",
    ),
    Left(
        Drift(
            "printers",
            "telnet to everyone, with the mode set back to observe",
            [],
            lambda _: [rule("tcp", 23, 23, "0.0.0.0/0|until Friday")],
        ),
        "observe",
        "refusal",
        "OBSERVED ONLY",
    ),
)

FINE: Final[Mapping[str, tuple[str, Rules]]] = {
    "web": ("public HTTPS", [WEB]),
    "vpn": (
        "IPsec from anywhere: ESP and IKE have no guarded port",
        [rule("50", None, None, "0.0.0.0/0"), rule("udp", 500, 500, "0.0.0.0/0")],
    ),
    "ping": ("ICMP of every type: -1 is no port", [rule("icmp", -1, -1, "0.0.0.0/0")]),
    "partner": (
        "SSH from two narrow public networks",
        [rule("tcp", 22, 22, "198.51.100.0/24|partner", "203.0.113.0/24|partner")],
    ),
    "inside": (
        "SSH from all private ranges",
        [rule("tcp", 22, 22, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")],
    ),
}


class Network:
    """The demo's VPC; groups by name."""

    def __init__(self, ec2: Any) -> None:
        self._ec2 = ec2
        self.vpc: str = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
        self.groups: dict[str, str] = {}
        listed = ec2.create_managed_prefix_list(
            PrefixListName="partners",
            AddressFamily="IPv4",
            MaxEntries=5,
            Entries=[{"Cidr": half} for half in HALVES],
        )
        self.prefix_list: str = listed["PrefixList"]["PrefixListId"]

    def build(self) -> None:
        """Every group in its healthy state."""
        for drift in (*DRIFTS, *(left.drift for left in LEFT)):
            self._group(drift.name, drift.own)
        for name, (_, rules) in FINE.items():
            self._group(name, rules)

    def _group(self, name: str, rules: Rules) -> None:
        made = self._ec2.create_security_group(
            GroupName=name, Description=f"demo: {name}", VpcId=self.vpc
        )
        self.groups[name] = made["GroupId"]
        if rules:
            self._ec2.authorize_security_group_ingress(GroupId=made["GroupId"], IpPermissions=rules)

    def open(self, drift: Drift) -> None:
        """Make the drift."""
        self._ec2.authorize_security_group_ingress(
            GroupId=self.groups[drift.name], IpPermissions=drift.opens(self.prefix_list)
        )
