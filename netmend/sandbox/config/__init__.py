"""AWS Config: what changes is recorded, rules judge it, and what they find is told."""

from netmend.sandbox.api import OPERATIONS, guard
from netmend.sandbox.config import (  # each registers its operations
    aggregation,
    compliance,
    constraints,
    evaluations,
    history,
    pack_compliance,
    packs,
    queries,
    recorders,
    recording,
    refusals,
    rules,
    tagging,
)
from netmend.sandbox.iam import RULE_ARNS

RULE_ARNS.append(rules.arn_of)
guard("config", *(name for service, name in OPERATIONS if service == "config"))(constraints.check)

__all__ = [
    "aggregation",
    "compliance",
    "evaluations",
    "history",
    "pack_compliance",
    "packs",
    "queries",
    "recorders",
    "recording",
    "refusals",
    "rules",
    "tagging",
]
