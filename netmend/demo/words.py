"""Security-group rules in the words of network engineers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

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


def permissions(found: Iterable[Mapping[str, Any]]) -> list[str]:
    """One line for each protocol and port range of IpPermissions."""
    lines = []
    for one in found:
        sources = [entry[key] for name, key in SOURCES for entry in one.get(name) or []]
        lines.append(f"{ports(one)} from {', '.join(sources)}")
    return lines


def rules(found: Iterable[Mapping[str, Any]]) -> list[str]:
    """One line for each rule of DescribeSecurityGroupRules."""
    return [
        f"{ports(r)} from {r.get('CidrIpv4') or r.get('CidrIpv6') or r.get('PrefixListId')}"
        for r in found
    ]


def first(step: Mapping[str, Any], name: str) -> str:
    """A declared output of a step, or nothing."""
    values = step.get("Outputs", {}).get(name) or [""]
    return str(values[0])


def done(step: Mapping[str, Any], reason: str) -> list[str]:
    """What one step of the runbook did."""
    action, name = step["Action"], step["StepName"]
    if step["StepStatus"] in ("Failed", "TimedOut"):
        return [str(step.get("FailureMessage", ""))]
    if name == "Plan":
        return [first(step, "Decision"), reason]
    if name.startswith("Authorize"):
        return [f"+ {line}" for line in permissions(json.loads(step["Inputs"]["IpPermissions"]))]
    if name == "RevokeOffenders":
        ids = json.loads(step["Inputs"]["SecurityGroupRuleIds"])
        return [f"- {rule_id}" for rule_id in ids]
    if action == "aws:approve":
        return ["asked the approvers; nothing is changed until one answers"]
    if name == "Close":
        return ["second read: nothing is open; evidence stored, lease released"]
    return []
