"""Security-group rules in the words of network engineers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

LONG_LIST: Final = re.compile(r"((?:[0-9-]+,){5})(?:[0-9-]+,)*[0-9-]+")
SOURCES: Final = (
    ("IpRanges", "CidrIp"),
    ("Ipv6Ranges", "CidrIpv6"),
    ("PrefixListIds", "PrefixListId"),
    ("UserIdGroupPairs", "GroupId"),
)


def ports(rule: Mapping[str, Any]) -> str:
    """`tcp 22`, `tcp 23-3388`, `all protocols`, `icmp`."""
    protocol = str(rule["IpProtocol"])
    if protocol == "-1":
        return "all protocols"
    low, high = rule.get("FromPort"), rule.get("ToPort")
    if protocol.startswith("icmp") or low is None or low == -1:
        return protocol
    return f"{protocol} {low}" if low == high else f"{protocol} {low}-{high}"


SHOWN: Final = 4
"""Port ranges shown of a carved rule; the report has them all."""


def permissions(found: Iterable[Mapping[str, Any]]) -> list[str]:
    """One line for each protocol and set of sources of IpPermissions."""
    lines: dict[tuple[str, str], list[str]] = {}
    for one in found:
        sources = ", ".join(e[key] for name, key in SOURCES for e in one.get(name) or [])
        protocol, _, numbers = ports(one).partition(" ")
        if one["IpProtocol"] == "-1":
            protocol, numbers = "all protocols", ""
        lines.setdefault((protocol, sources), []).append(numbers)
    return [f"{protocol}{_some(numbers)} from {src}" for (protocol, src), numbers in lines.items()]


def _some(numbers: list[str]) -> str:
    if numbers == [""]:
        return ""
    more = len(numbers) - SHOWN
    text = ", ".join(numbers[:SHOWN])
    return f" {text}" + (f" and {more} more ranges" if more > 0 else "")


def rules(found: Iterable[Mapping[str, Any]]) -> list[str]:
    """One line for each rule of DescribeSecurityGroupRules."""
    return [
        f"{ports(r)} from {r.get('CidrIpv4') or r.get('CidrIpv6') or r.get('PrefixListId')}"
        for r in found
    ]


def brief(text: str) -> str:
    """A verdict with its long lists of ports cut short."""
    return LONG_LIST.sub(r"\1…", text)


def first(step: Mapping[str, Any], name: str) -> str:
    """A declared output of a step, or nothing."""
    values = step.get("Outputs", {}).get(name) or [""]
    return str(values[0])


def done(step: Mapping[str, Any], revoked: Iterable[Mapping[str, Any]]) -> list[str]:
    """What one step of the runbook did; revoked: the rules that its plan takes away."""
    action, name = step["Action"], step["StepName"]
    if step["StepStatus"] in ("Failed", "TimedOut"):
        return [str(step.get("FailureMessage", ""))]
    if name == "Plan":
        return [first(step, "Decision"), *brief(first(step, "Reason")).split("; ")]
    if name.startswith("Authorize"):
        return [f"+ {line}" for line in permissions(json.loads(step["Inputs"]["IpPermissions"]))]
    if name == "RevokeOffenders":
        return [f"- {line}" for line in rules(revoked)]
    if action == "aws:approve":
        return ["asked the approvers; nothing is changed until one answers"]
    if name == "Close":
        return ["second read: nothing is open; evidence stored, lease released"]
    return []
