"""What AWS Config calls a resource type, what people call it, and how its ids look."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

from netmend.errors import UsageError

PREFIXES: Final = {
    "AWS::EC2::CustomerGateway": "cgw",
    "AWS::EC2::DHCPOptions": "dopt",
    "AWS::EC2::EIP": "eipalloc",
    "AWS::EC2::EgressOnlyInternetGateway": "eigw",
    "AWS::EC2::FlowLog": "fl",
    "AWS::EC2::Instance": "i",
    "AWS::EC2::InternetGateway": "igw",
    "AWS::EC2::NatGateway": "nat",
    "AWS::EC2::NetworkAcl": "acl",
    "AWS::EC2::NetworkInterface": "eni",
    "AWS::EC2::PrefixList": "pl",
    "AWS::EC2::RouteTable": "rtb",
    "AWS::EC2::SecurityGroup": "sg",
    "AWS::EC2::Subnet": "subnet",
    "AWS::EC2::TransitGateway": "tgw",
    "AWS::EC2::TransitGatewayAttachment": "tgw-attach",
    "AWS::EC2::TransitGatewayRouteTable": "tgw-rtb",
    "AWS::EC2::VPC": "vpc",
    "AWS::EC2::VPCEndpoint": "vpce",
    "AWS::EC2::VPCPeeringConnection": "pcx",
    "AWS::EC2::VPNConnection": "vpn",
    "AWS::EC2::VPNGateway": "vgw",
}
"""What EC2's ids begin with, before eight or seventeen hexadecimal digits."""

OTHERS: Final = {
    "AWS::S3::Bucket": (r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "a-bucket"),
    "AWS::Route53::HostedZone": (r"(/hostedzone/)?Z[A-Z0-9]{1,31}", "Z0123456789ABC"),
}
ANY_ID: Final = (r"[A-Za-z0-9_+=,.@:/-]{1,768}", "a-resource")
"""Names and ARNs; 768 characters is what Config takes for an id."""

WORDS: Final = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z0-9]+")
ACRONYMS: Final = frozenset({"Acl", "Api", "Dns", "Ip", "Tls"})


def supported() -> list[str]:
    """Every type that AWS Config's own model names, as botocore ships it."""
    from botocore.loaders import Loader

    model = Loader().load_service_model("config", "service-2")
    types: list[str] = model["shapes"]["ResourceType"]["enum"]
    return types


def check(name: str) -> None:
    """Raises UsageError, with the nearest type, where AWS Config has no such type."""
    known = {one.casefold(): one for one in supported()}
    if name in known.values():
        return
    near = get_close_matches(name.casefold(), known, n=1, cutoff=0.6)
    hint = f"did you mean {known[near[0]]}?" if near else "write it as in AWS::EC2::RouteTable"
    raise UsageError(f"AWS Config has no resource type {name}", hint)


def noun(resource_type: str) -> str:
    """`AWS::EC2::RouteTable` in words: `route table`."""
    words = WORDS.findall(resource_type.rpartition("::")[2])
    return " ".join(
        word.upper() if word in ACRONYMS or word.isupper() else word.lower() for word in words
    )


def id_pattern(resource_type: str) -> str:
    """What a runbook takes as the id of such a resource, from end to end."""
    prefix = PREFIXES.get(resource_type)
    form = f"{prefix}-[0-9a-f]{{8,17}}" if prefix else OTHERS.get(resource_type, ANY_ID)[0]
    return f"^{form}$"


def sample_id(resource_type: str) -> str:
    """An id of that form."""
    prefix = PREFIXES.get(resource_type)
    return f"{prefix}-0123456789abcdef0" if prefix else OTHERS.get(resource_type, ANY_ID)[1]
