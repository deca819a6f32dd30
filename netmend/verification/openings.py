"""What the checks open in a scratch group, and what they find there afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from netmend.verification.errors import CouldNotError
from netmend.verification.stage import Stage

ALL: Final = "0.0.0.0/0"
LAST_PORT: Final = 65535


def neighbours(stage: Stage) -> tuple[int, int]:
    """Unguarded TCP ports just below and above a guarded range."""
    for low, high in stage.place.policy.guarded.tcp:
        if low > 0 and high < LAST_PORT:
            return low - 1, high + 1
    raise CouldNotError(
        "no guarded TCP port has an unguarded one on both sides", "see GuardedPorts"
    )


def public(ports: tuple[int, int], ranges: str = "IpRanges", **source: str) -> dict[str, Any]:
    """A permission for TCP ports from that source, by default from anywhere."""
    from_where = source or {"CidrIp": ALL}
    return {"IpProtocol": "tcp", "FromPort": ports[0], "ToPort": ports[1], ranges: [from_where]}


def opened(stage: Stage, tags: Mapping[str, str] | None = None) -> str:
    """A scratch group with a guarded port, and one on each side of it, open to anybody."""
    return stage.group(public(neighbours(stage)), tags=tags)


def rules(stage: Stage, group: str) -> list[dict[str, Any]]:
    """The group's ingress as SecurityGroupRule structures."""
    pages = stage.clients("ec2").get_paginator("describe_security_group_rules")
    asked = {"Filters": [{"Name": "group-id", "Values": [group]}]}
    return [
        r
        for page in pages.paginate(**asked)
        for r in page["SecurityGroupRules"]
        if not r["IsEgress"]
    ]
