"""Configuration items of security groups as Config delivers them, from a seed, openness planted.

The shape is that of items recorded from Config: keys in its order, `ipv4Ranges` repeated
as `ipRanges`, rules of one protocol and port range together, relationships, tags told twice. Sizes
and shares are those of the study in `benchmarks/README.md`: about ten ingress rules and 3.9 KB a
group, 3.5% of the groups open to the internet, and of those 15% only by rules that add up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any, Final, NamedTuple

OPEN: Final = 0.035
BY_UNION: Final = 0.15
ACCOUNT: Final = "111122223333"
REGION: Final = "eu-central-1"

PRIVATE: Final = ("10.0.0.0/8", "10.20.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "fd00::/8")
WEB: Final = (("tcp", 443, 443), ("tcp", 80, 80), ("tcp", 8443, 8443), ("udp", 443, 443))
INSIDE: Final = (
    *(("tcp", 22, 22), ("tcp", 3389, 3389), ("tcp", 5432, 5432), ("tcp", 3306, 3306)),
    *(("tcp", 6379, 6379), ("tcp", 8080, 8080), ("tcp", 9090, 9100), ("tcp", 30000, 32767)),
    *(("udp", 53, 53), ("tcp", 53, 53), ("udp", 161, 161), ("tcp", 1024, 65535)),
    *(("icmp", 8, -1), ("icmp", -1, -1), ("tcp", 0, 65535), ("-1", None, None), ("tcp", 443, 443)),
)
GUARDED: Final = (
    *(("tcp", 22, 22), ("tcp", 3389, 3389), ("tcp", 20, 25), ("tcp", 0, 65535)),
    *(("-1", None, None), ("tcp", 5432, 5432), ("udp", 161, 161), ("tcp", 3000, 4000)),
)
HARMLESS: Final = (("udp", 22, 22), ("tcp", 23456, 23456), ("tcp", 21, 21), ("icmp", -1, -1))
WORDS: Final = (
    *("app", "web", "db", "cache", "bastion", "worker", "batch", "edge", "ops", "build"),
    *(
        "office Zurich",
        "VPN concentrator",
        "monitoring",
        "partner A",
        "load balancer health checks",
    ),
)
NETWORKS: Final = tuple(n * 0x9E3779B1 % 2**32 for n in range(1, 200))
"""Offices, partners and vendors, whose addresses stand in many groups."""

Rule = tuple[str, int | None, int | None, str]
"""Protocol, ports, and the source: a CIDR, a pl-... or a sg-..."""


class Item(NamedTuple):
    """One configuration item as JSON, its rules, and whether it was made open."""

    text: str
    rules: tuple[Rule, ...]
    is_open: bool


def items(count: int, seed: int) -> list[Item]:
    """The same for the same seed, on every machine and version of Python."""
    random = Random(seed)  # noqa: S311 - test data, not secrets
    return [_item(random) for _ in range(count)]


def _item(random: Random) -> Item:
    is_open = random.random() < OPEN
    rules = [_closed(random) for _ in range(random.randrange(4, 17))]
    if is_open:
        rules += _by_union(random) if random.random() < BY_UNION else _literally(random)
    random.shuffle(rules)
    kept = tuple(dict.fromkeys(rules))
    return Item(json.dumps(_told(random, kept), separators=(",", ":")), kept, is_open)


def _closed(random: Random) -> Rule:
    """A rule of a group that is not open, whatever others of its kind stand beside it."""
    draw = random.random()
    if draw < 0.15:
        return (*random.choice(WEB), random.choice(("0.0.0.0/0", "0.0.0.0/0", "::/0")))
    if draw < 0.17:
        return (*random.choice(HARMLESS), random.choice(("0.0.0.0/0", "128.0.0.0/1")))
    return (*random.choice(INSIDE), _narrow(random))


def _narrow(random: Random) -> str:
    draw = random.random()
    if draw < 0.35:
        return f"sg-0{random.getrandbits(64):016x}"
    if draw < 0.65:
        return random.choice(PRIVATE)
    if draw < 0.70:
        return f"2a01:{random.getrandbits(16):x}:{random.getrandbits(16) | 1:x}::/48"
    seed = random.choice(NETWORKS) if random.random() < 0.5 else random.getrandbits(32)
    octets = [11 + seed % 109, *((seed >> shift) % 256 for shift in (8, 16, 24))]
    if draw < 0.78:
        return "{}.{}.{}.0/24".format(*octets)
    if draw < 0.80:
        return f"{octets[0]}.{octets[1] & 0xF0}.0.0/14"
    return "{}.{}.{}.{}/32".format(*octets)


def _literally(random: Random) -> list[Rule]:
    family = random.choice(("0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/0", "::/0"))
    return [(*random.choice(GUARDED), family)]


def _by_union(random: Random) -> list[Rule]:
    """No rule is from the whole world: its halves, or blocks that are too wide only together."""
    ports = random.choice(GUARDED)
    first = random.randrange(20, 90)
    return random.choice(
        (
            [(*ports, "0.0.0.0/1"), (*ports, "128.0.0.0/1")],
            [(*ports, "::/1"), (*ports, "8000::/1")],
            [(*ports, f"{first}.{64 * n}.0.0/11") for n in range(3)],
            [(*ports, f"{first + n}.128.0.0/12") for n in range(5)],
        )
    )


def _told(random: Random, rules: tuple[Rule, ...]) -> dict[str, Any]:
    """The item, its keys in Config's order."""
    group, name = f"sg-0{random.getrandbits(64):016x}", f"{_word(random)}-{_word(random)}"
    tags = {"Name": name, "team": _word(random), "stage": random.choice(("prod", "test", "dev"))}
    vpc = f"vpc-0{random.getrandbits(64):016x}"
    moment = f"2026-03-{random.randrange(1, 29):02}T10:{random.randrange(60):02}:00.000Z"
    return {
        "relatedEvents": [],
        "relationships": [*_relationships(random), _relationship("Vpc", vpc)],
        "configuration": {
            "description": f"{name} managed by Terraform",
            "groupName": name,
            "ipPermissions": _permissions(random, rules),
            "ownerId": ACCOUNT,
            "groupId": group,
            "ipPermissionsEgress": _permissions(random, (("-1", None, None, "0.0.0.0/0"),)),
            "tags": [{"key": key, "value": value} for key, value in tags.items()],
            "vpcId": vpc,
        },
        "supplementaryConfiguration": {},
        "tags": tags,
        "configurationItemVersion": "1.3",
        "configurationItemCaptureTime": moment,
        "configurationStateId": 1772359200000 + random.randrange(10**9),
        "awsAccountId": ACCOUNT,
        "configurationItemStatus": "OK",
        "resourceType": "AWS::EC2::SecurityGroup",
        "resourceId": group,
        "resourceName": name,
        "ARN": f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{group}",
        "awsRegion": REGION,
        "availabilityZone": "Not Applicable",
        "configurationStateMd5Hash": "",
        "resourceCreationTime": None,
    }


def _relationships(random: Random) -> Iterator[dict[str, Any]]:
    for _ in range(random.randrange(2, 7)):
        yield _relationship("NetworkInterface", f"eni-0{random.getrandbits(64):016x}")
        if random.random() < 0.7:
            yield _relationship("Instance", f"i-0{random.getrandbits(64):016x}")


def _relationship(kind: str, name: str) -> dict[str, Any]:
    verb = "contained in" if kind == "Vpc" else "associated with"
    return {
        "resourceId": name,
        "resourceName": None,
        "resourceType": f"AWS::EC2::{'VPC' if kind == 'Vpc' else kind}",
        "name": f"Is {verb} {kind}",
    }


def _permissions(random: Random, rules: tuple[Rule, ...]) -> list[dict[str, Any]]:
    """One for each protocol and port range, as EC2 groups them."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for rule in rules:
        entry = found.setdefault(rule[:3], _entry(*rule[:3]))
        name, source = _source(random, rule[3])
        entry[name].append(source)
        if name == "ipv4Ranges":
            entry["ipRanges"].append(rule[3])
    return list(found.values())


def _entry(protocol: str, low: int | None, high: int | None) -> dict[str, Any]:
    ported = low is not None
    return {
        **({"fromPort": low} if ported else {}),
        "ipProtocol": protocol,
        "ipv6Ranges": [],
        "prefixListIds": [],
        **({"toPort": high} if ported else {}),
        "userIdGroupPairs": [],
        "ipv4Ranges": [],
        "ipRanges": [],
    }


def _source(random: Random, source: str) -> tuple[str, dict[str, Any]]:
    note = {"description": _word(random)} if random.random() < 0.6 else {}
    if source.startswith("sg-"):
        return "userIdGroupPairs", {**note, "groupId": source, "userId": ACCOUNT}
    if source.startswith("pl-"):
        return "prefixListIds", {**note, "prefixListId": source}
    return (
        ("ipv6Ranges", {"cidrIpv6": source, **note})
        if ":" in source
        else (
            "ipv4Ranges",
            {"cidrIp": source, **note},
        )
    )


def _word(random: Random) -> str:
    return random.choice(WORDS)
