"""What each step of a runbook did, in the words of network engineers and cut to a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from rules.netlib.permissions import Permission, from_live
from rules.netlib.plan import LISTS, RULE_FIELDS, ip_permissions
from rules.netlib.words import permission_lines

DECISIONS: Final = {
    "MEND_ADD": "mend: first let in what may stay, then take away what is open",
    "MEND_REMOVE": "mend: take away what is open",
    "APPROVE": "ask a person first",
}
CHECKS: Final = {
    "PlanApproved": "live state is still the one that was approved",
    "Close": "second read: nothing is open any more; evidence stored",
}
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
    sources = {
        name: [{key: rule[RULE_FIELDS[kind]]}]
        for kind, (name, key) in LISTS.items()
        if rule.get(RULE_FIELDS.get(kind, ""))
    }
    return {**rule, **sources}


def first(step: Mapping[str, Any], name: str) -> str:
    """A declared output of a step, or nothing."""
    values = step.get("Outputs", {}).get(name) or [""]
    return str(values[0])


def done(step: Mapping[str, Any], plan: Mapping[str, Any]) -> list[str]:
    """What one step did; plan: as the evidence of the run has it."""
    name = step["StepName"]
    if step["StepStatus"] in ("Failed", "TimedOut"):
        return [str(step.get("FailureMessage", ""))]
    if name == "Plan":
        reasons = brief(first(step, "Reason")).split("; ")
        return [DECISIONS.get(first(step, "Decision"), first(step, "Decision")), *reasons]
    if name.startswith("Authorize"):
        return [f"+ {line}" for line in permissions(json.loads(step["Inputs"]["IpPermissions"]))]
    if name == "RevokeOffenders":
        return [f"- {line}" for line in rules(plan["before"])]
    if step["Action"] == "aws:approve":
        lost = [f"lost then: {line}" for line in plan["lost"]]
        return ["asks the approvers; nothing is changed until one answers", *lost]
    return [CHECKS[name]] if name in CHECKS else []


def story(opened: str, plan: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """(heading, lines) of a mend: what was open, taken away, added, kept and lost."""
    calls = [c for c in plan["calls"] if c["op"].startswith("Authorize")]
    added = [p for c in calls for p in c["IpPermissions"]]
    new = {p.key for p in _ingress(added)}
    kept = [p for p in _ingress(plan["after"]) if p.key not in new]
    found = [
        ("was open", [brief(opened).removeprefix("open to ")]),
        ("taken away", rules(plan["before"])),
        ("added", permissions(added)),
        ("kept", permissions(ip_permissions(kept))),
        ("lost", list(plan["lost"])),
    ]
    return [(what, lines) for what, lines in found if lines]


def _ingress(found: list[dict[str, Any]]) -> tuple[Permission, ...]:
    return from_live({"GroupId": "demo", "IpPermissions": found}).ingress
