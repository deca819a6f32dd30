"""What the rule must find, what it must leave alone, and which parameters it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from rdklib import InvalidParametersError

from rules.netlib.errors import FactUnreadable
from rules.SECURITY_GROUP_NO_PUBLIC_INGRESS.SECURITY_GROUP_NO_PUBLIC_INGRESS import (
    GUARDED,
    SECURITY_GROUP_NO_PUBLIC_INGRESS,
)

RULE = SECURITY_GROUP_NO_PUBLIC_INGRESS()
FIELDS = {"sg-": ("UserIdGroupPairs", "GroupId"), "pl-": ("PrefixListIds", "PrefixListId")}
FACTS = {
    "prefix_lists": {
        "pl-halves": ["0.0.0.0/1", "128.0.0.0/1"],
        "pl-upper": ["128.0.0.0/1"],
        "pl-office": ["198.18.7.0/24", "8.8.4.0/24"],
        "pl-sized": {"entries": ["::/0"], "max_entries": 20, "address_family": "IPv6"},
        "pl-empty": [],
        "pl-null": None,
        "pl-broken": ["10.0.0.0"],
    }
}


def permission(text: str) -> dict[str, Any]:
    """`tcp/20-25 from 0.0.0.0/1,pl-1`: an IpPermission."""
    traffic, _, sources = text.partition(" from ")
    protocol, _, ports = traffic.partition("/")
    low, _, high = ports.partition("..")
    found: dict[str, Any] = {"IpProtocol": protocol}
    if ports:
        found |= {"FromPort": int(low), "ToPort": int(high or low)}
    found |= {name: [] for name in ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")}
    for source in sources.split(","):
        cidr = ("Ipv6Ranges", "CidrIpv6") if ":" in source else ("IpRanges", "CidrIp")
        name, field = FIELDS.get(source[:3], cidr)
        found[name].append({field: source})
    return found


def found(*permissions: str, **parameters: str) -> list[Any]:
    group = {"GroupId": "sg-1", "IpPermissions": [permission(text) for text in permissions]}
    params = RULE.parameters({"GuardedPorts": "22,3389", **parameters})
    return RULE.violations(RULE.from_live(group), FACTS, params)


MINUS_ONE_HOST = ",".join(
    f"{'.'.join(str(number >> s & 255) for s in (24, 16, 8, 0))}/{length}"
    for length in range(1, 33)
    for number in [(0x08080808 ^ 1 << 32 - length) >> 32 - length << 32 - length]
)
"""The whole of IPv4 but 8.8.8.8, in 32 blocks."""

FIRES: dict[str, list[str]] = {
    "SSH from everywhere": ["tcp/22 from 0.0.0.0/0"],
    "RDP from everywhere over IPv6": ["tcp/3389 from ::/0"],
    "RDP over UDP": ["udp/3389 from 0.0.0.0/0"],
    "the two halves of IPv4 in one permission": ["tcp/22 from 0.0.0.0/1,128.0.0.0/1"],
    "the two halves of IPv4 in two permissions": [
        "tcp/22 from 0.0.0.0/1",
        "tcp/20..30 from 128.0.0.0/1",
    ],
    "a half for all protocols counts at every port": [
        "tcp/22 from 0.0.0.0/1",
        "-1 from 128.0.0.0/1",
    ],
    "the two halves of IPv6": ["tcp/22 from ::/1,8000::/1"],
    "all but one host in 32 blocks": [f"tcp/22 from {MINUS_ONE_HOST}"],
    "any protocol counts as every port": ["-1 from 0.0.0.0/0"],
    "any protocol by the name that templates use": ["all from 0.0.0.0/0"],
    "TCP by its number": ["6/22 from 0.0.0.0/0"],
    "TCP in capitals": ["TCP/22 from 0.0.0.0/0"],
    "TCP without ports, as templates say for all": ["tcp from 0.0.0.0/0"],
    "every port": ["tcp/0..65535 from 0.0.0.0/0"],
    "a range that ends at a guarded port": ["tcp/0..22 from 0.0.0.0/0"],
    "a range that begins at a guarded port": ["tcp/3389..65535 from 0.0.0.0/0"],
    "a range that hides a guarded port": ["tcp/80..65535 from 0.0.0.0/0"],
    "host bits before a prefix length of nought": ["tcp/22 from 203.0.113.42/0"],
    "a block that looks private and is everything": ["tcp/22 from 10.0.0.0/0"],
    "a block that only begins as a private one does": ["tcp/22 from 172.0.0.0/8"],
    "a prefix list of two halves": ["tcp/22 from pl-halves"],
    "half by block, half by prefix list": ["tcp/22 from 0.0.0.0/1,pl-upper"],
    "a prefix list that is told with its size": ["tcp/22 from pl-sized"],
    "exactly a /10 of public addresses": ["tcp/22 from 8.0.0.0/10"],
    "a /10 of public addresses in four parts": [
        "tcp/22 from 8.0.0.0/12,9.0.0.0/12,12.0.0.0/12,13.0.0.0/12"
    ],
    "one address more than an IPv6 /32": ["tcp/22 from 2a00:1450::/32,2a00:1451::/128"],
    "6to4, through which any stranger comes": ["tcp/22 from 2002::/16"],
    "IPv6 that nobody has been given yet": ["tcp/22 from 4000::/2"],
}

SILENT: dict[str, list[str]] = {
    "no rules": [],
    "a web server": ["tcp/443 from 0.0.0.0/0,::/0", "tcp/80 from 0.0.0.0/0,::/0"],
    "the ports between two guarded ones": ["tcp/23..3388 from 0.0.0.0/0"],
    "the ports past the last guarded one": ["tcp/3390..65535 from 0.0.0.0/0"],
    "the ports before the first guarded one": ["tcp/0..21 from 0.0.0.0/0"],
    "ICMP types are not ports": ["icmp/-1..-1 from 0.0.0.0/0", "icmp/22..-1 from 0.0.0.0/0"],
    "ICMPv6 types are not ports": ["icmpv6/-1..-1 from ::/0", "58/-1..-1 from ::/0"],
    "ESP has no ports": ["50 from 0.0.0.0/0"],
    "GRE has no ports, whatever ports it is given": ["47/22 from 0.0.0.0/0"],
    "a protocol that nobody knows": ["253 from 0.0.0.0/0"],
    "groups are not public": ["-1 from sg-0a1b2c3d", "tcp/22 from sg-0a1b2c3d"],
    "private space": ["tcp/22 from 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,fc00::/7"],
    "special-purpose space": ["tcp/22 from 0.0.0.0/8,127.0.0.0/8,169.254.0.0/16,224.0.0.0/3"],
    "documentation": ["tcp/22 from 192.0.2.0/24,2001:db8::/32,3fff::/20"],
    "one unroutable address that begins as everything does": ["tcp/22 from 0.0.0.0/32"],
    "IPv4-mapped addresses never come as a source": ["tcp/22 from ::ffff:0:0/96"],
    "the well-known NAT64 prefix is no wider than IPv4": ["tcp/22 from 64:ff9b::/96"],
    "an office": ["tcp/22 from 198.51.100.7/32,8.8.8.0/24,2a00:1450:4001::/48"],
    "a prefix list of offices": ["tcp/22 from pl-office"],
    "an empty prefix list": ["tcp/22 from pl-empty"],
    "one address less than a /10": [
        "tcp/22 from 8.0.0.0/11,9.0.0.0/12,12.0.0.0/13,13.0.0.0/14,15.0.0.0/15,16.0.0.0/16"
    ],
    "a /10 that holds special-purpose space": ["tcp/22 from 192.0.0.0/10"],
    "the same block three times": [
        "tcp/22 from 8.0.0.0/11",
        "tcp/0..100 from 8.0.0.0/11",
        "-1 from 8.0.0.0/11",
    ],
    "an IPv6 /32, which is one network": ["tcp/22 from 2a00:1450::/32"],
    "halves at different ports": ["tcp/21 from 0.0.0.0/1", "tcp/23 from 128.0.0.0/1"],
    "UDP beside TCP": ["udp/23 from 0.0.0.0/0", "tcp/21 from 0.0.0.0/0"],
}


@pytest.mark.parametrize("permissions", FIRES.values(), ids=FIRES.keys())
def test_it_is_not_compliant(permissions: list[str]) -> None:
    violations = found(*permissions)
    assert violations
    assert 1 <= len(RULE.annotation(violations)) <= 256


@pytest.mark.parametrize("permissions", SILENT.values(), ids=SILENT.keys())
def test_it_is_compliant(permissions: list[str]) -> None:
    assert found(*permissions) == []


PARAMETERS: dict[str, tuple[str, dict[str, str], bool]] = {
    "an allowed port is not guarded": ("tcp/22", {"AllowedPorts": "22"}, False),
    "a port allowed for UDP is guarded for TCP": ("tcp/22", {"AllowedPorts": "udp/22"}, True),
    "an allowed range leaves its neighbours": ("tcp/22", {"AllowedPorts": "0-21,23-65535"}, True),
    "a port guarded for UDP is not for TCP": ("tcp/22", {"GuardedPorts": "udp/22"}, False),
    "all ports may be guarded": ("tcp/443", {"GuardedPorts": "0-65535"}, True),
    "the default guards SSH": (
        "tcp/22",
        {"GuardedPorts": RULE.PARAMETERS["GuardedPorts"].default},
        True,
    ),
    "the default does not guard the web": (
        "tcp/443",
        {"GuardedPorts": RULE.PARAMETERS["GuardedPorts"].default},
        False,
    ),
}


@pytest.mark.parametrize(("port", "given", "fires"), PARAMETERS.values(), ids=PARAMETERS.keys())
def test_parameters_say_what_is_guarded(port: str, given: dict[str, str], fires: bool) -> None:
    assert bool(found(f"{port} from 0.0.0.0/0", **given)) == fires


def test_the_prefixes_say_how_wide_is_public() -> None:
    office = "tcp/22 from 8.8.8.0/24,2a00:1450:4001::/48"
    assert found(office, WideIpv4Prefix="25")
    assert not found(office, WideIpv4Prefix="23")
    assert found(office, WideIpv6Prefix="49")
    assert not found(office, WideIpv6Prefix="48")


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a port beyond the last": ({"GuardedPorts": "65536"}, "GuardedPorts='65536' is wrong"),
    "a range upside down": ({"GuardedPorts": "22,30-20"}, "at '30-20' (upside down): it takes"),
    "nothing to guard": ({"GuardedPorts": " "}, "GuardedPorts=' ' is wrong at ''"),
    "an empty part": ({"GuardedPorts": "22,,80"}, "GuardedPorts='22,,80' is wrong at ''"),
    "a protocol without ports": ({"AllowedPorts": "icmp/8"}, "AllowedPorts='icmp/8' is wrong"),
    "digits of another script": ({"GuardedPorts": "\u0662\u0662"}, "is wrong at"),
    "a minus sign": ({"GuardedPorts": "-22"}, "GuardedPorts='-22' is wrong at '-22'"),
    "a prefix too long for IPv4": ({"WideIpv4Prefix": "33"}, "it takes a whole number of 1 to 32"),
    "a prefix that would never fire": ({"WideIpv6Prefix": "0"}, "a whole number of 1 to 128"),
    "a number with a point": ({"WideIpv4Prefix": "1.5"}, "WideIpv4Prefix='1.5' is wrong: it takes"),
    "a word that is none of two": (
        {"PrivateSources": "Keep"},
        "PrivateSources='Keep' is wrong: it takes keep or drop",
    ),
    "another word that is none of two": ({"AllProtocols": "yes"}, "it takes approve or carve"),
    "a value that is no text": ({"WideIpv4Prefix": 10}, "WideIpv4Prefix=10 is no text"),
    "a name misspelt": ({"GuardedPort": "22"}, "GuardedPort is no parameter here, did you mean G"),
    "a name of rdklib": ({"AssumeRoleMode": "True"}, "AssumeRoleMode is no parameter here"),
    "another name of rdklib": ({"ExecutionRoleName": "x"}, "ExecutionRoleName is no parameter"),
}


@pytest.mark.parametrize(("given", "says"), BAD.values(), ids=BAD.keys())
def test_a_bad_parameter_is_named_with_what_is_accepted(given: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidParametersError) as refusal:
        RULE.parameters(given)
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", ["pl-unheard", "pl-null", "pl-broken"])
@pytest.mark.parametrize("port", ["tcp/22", "tcp/443"])
def test_a_prefix_list_that_cannot_be_read_is_no_verdict(name: str, port: str) -> None:
    with pytest.raises(FactUnreadable) as refusal:
        found(f"{port} from {name}")
    assert (refusal.value.name, refusal.value.id) == ("prefix_lists", name)


def test_a_violation_says_what_is_open_and_to_whom() -> None:
    violations = found("tcp/20..3389 from 0.0.0.0/0,8.8.8.8/32", "udp/22 from ::/0")
    told = [violation.to_json() for violation in violations]
    # IPv4 below 224.0.0.0 less its special-purpose blocks, of which 10.0.0.0/8 is the widest.
    assert 3_690_000_000 < told[0].pop("addresses") < 2**32 * 7 // 8
    assert 2**127 < told[1].pop("addresses") < 2**128
    assert told == [
        {"protocol": "tcp", "ports": ["22", "3389"], "family": "IPv4", "sources": ("0.0.0.0/0",)},
        {"protocol": "udp", "ports": ["22"], "family": "IPv6", "sources": ("::/0",)},
    ]
    assert RULE.annotation(violations) == "open to 0.0.0.0/0: tcp/22,3389; open to ::/0: udp/22"


def test_a_long_annotation_is_cut() -> None:
    ports = ",".join(str(port) for port in range(1, 200, 2))
    text = RULE.annotation(found("-1 from 0.0.0.0/0", GuardedPorts=ports))
    assert len(text) == 256
    assert text.startswith("open to 0.0.0.0/0: tcp/1,3,5,")
    assert text.endswith("...")


def test_many_sources_are_counted_and_the_widest_are_named() -> None:
    text = RULE.annotation(found(f"tcp/22 from {MINUS_ONE_HOST}"))
    assert text == "open to 128.0.0.0/1, 64.0.0.0/2, 32.0.0.0/3 and 7 more: tcp/22"


def test_code_and_catalog_name_the_same_parameters_and_defaults() -> None:
    catalog = json.loads((Path(__file__).parent / "parameters.json").read_text(encoding="utf-8"))
    told = json.loads(catalog["Parameters"]["InputParameters"])
    told |= json.loads(catalog["Parameters"]["OptionalParameters"])
    assert told == {name: one.default for name, one in RULE.PARAMETERS.items()}
    assert catalog["Netmend"]["ParameterDescriptions"].keys() == RULE.PARAMETERS.keys()
    assert catalog["Netmend"]["Runbook"] == RULE.RUNBOOK
    assert RULE.RESOURCE_TYPES[0] in catalog["Parameters"]["SourceEvents"].split(",")


def test_every_guarded_port_has_its_reason() -> None:
    assert all(reason for _, reason in GUARDED)
    assert len(RULE.parameters({}).guarded.tcp) + len(RULE.parameters({}).guarded.udp) < 40
