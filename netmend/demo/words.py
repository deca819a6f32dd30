"""What each step of a runbook did, in the words of network engineers and cut to a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from rules.netlib.words import permission_lines

LONG_LIST: Final = re.compile(r"((?:[0-9-]+, ?){5})(?:[0-9-]+, ?)*[0-9-]+")
"""More than five ports or ranges: the evidence has them all."""


def brief(text: str) -> str:
    """The text with its long lists of ports cut short."""
    return LONG_LIST.sub(r"\1…", text)


def permissions(found: Iterable[Mapping[str, Any]]) -> list[str]:
    """IpPermissions, a line for each protocol and set of sources."""
    return [brief(line) for line in permission_lines(found)]


def rules(found: Iterable[Mapping[str, Any]]) -> list[str]:
    """Elements of DescribeSecurityGroupRules, a line each."""
    return [line for rule in found for line in permission_lines([_permission(rule)])]


def _permission(rule: Mapping[str, Any]) -> dict[str, Any]:
    source = rule.get("CidrIpv4") or rule.get("CidrIpv6") or rule.get("PrefixListId")
    return {**rule, "IpRanges": [{"CidrIp": source}]}


def first(step: Mapping[str, Any], name: str) -> str:
    """A declared output of a step, or nothing."""
    values = step.get("Outputs", {}).get(name) or [""]
    return str(values[0])


def done(step: Mapping[str, Any], revoked: Iterable[Mapping[str, Any]]) -> list[str]:
    """What one step did; revoked: the rules that its plan takes away."""
    name = step["StepName"]
    if step["StepStatus"] in ("Failed", "TimedOut"):
        return [str(step.get("FailureMessage", ""))]
    if name == "Plan":
        return [first(step, "Decision"), *brief(first(step, "Reason")).split("; ")]
    if name.startswith("Authorize"):
        return [f"+ {line}" for line in permissions(json.loads(step["Inputs"]["IpPermissions"]))]
    if name == "RevokeOffenders":
        return [f"- {line}" for line in rules(revoked)]
    if step["Action"] == "aws:approve":
        return ["asked the approvers; nothing is changed until one answers"]
    if name == "Close":
        return ["second read: nothing is open; evidence stored, lease released"]
    return []
