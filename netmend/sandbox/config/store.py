"""What is kept of each rule: its definition, how its runs went, and its results."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from netmend.sandbox.config.items import Item

CHANGE: Final = "ConfigurationItemChangeNotification"
OVERSIZED: Final = "OversizedConfigurationItemChangeNotification"
SCHEDULED: Final = "ScheduledNotification"

Resource = tuple[str, str]
"""(resource type, resource id)."""


@dataclass(frozen=True)
class Result:
    """A stored evaluation. ordering: its OrderingTimestamp; invoked: when the rule was asked;
    since: when the rule first said so, without saying otherwise in between."""

    compliance: str
    annotation: str
    ordering: datetime
    recorded: datetime
    invoked: datetime
    since: datetime


@dataclass
class Rule:
    """A rule as it stands.

    definition: ConfigRule as DescribeConfigRules answers it. pack: the conformance pack that it
    belongs to, if any. running: what is left of a run that StartConfigRulesEvaluation began.
    """

    name: str
    rule_id: str
    arn: str
    definition: dict[str, Any] = field(default_factory=dict)
    status: dict[str, Any] = field(default_factory=dict)
    results: dict[Resource, Result] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    pack: str = ""
    revision: int = 0
    running: int = 0
    started: float | None = None

    @property
    def function(self) -> str:
        """The function's ARN or name; empty for AWS's managed rules."""
        source = self.definition["Source"]
        return str(source["SourceIdentifier"]) if source["Owner"] == "CUSTOM_LAMBDA" else ""

    def hears(self, message_type: str) -> bool:
        """Whether messages of this type invoke it."""
        details = self.definition["Source"].get("SourceDetails", [])
        return any(detail["MessageType"] == message_type for detail in details)

    @property
    def frequency(self) -> str:
        """MaximumExecutionFrequency of its schedule; empty where it has none."""
        for detail in self.definition["Source"].get("SourceDetails", []):
            if detail["MessageType"] == SCHEDULED:
                return str(detail["MaximumExecutionFrequency"])
        return ""

    def covers(self, item: Item) -> bool:
        """Whether an item is in the rule's scope; a rule without one covers everything."""
        scope = self.definition.get("Scope", {})
        types = scope.get("ComplianceResourceTypes", [])
        key, value = scope.get("TagKey"), scope.get("TagValue")
        return (
            (not types or item.resource_type in types)
            and scope.get("ComplianceResourceId", item.resource_id) == item.resource_id
            and (key is None or key in item.state.tags)
            and (value is None or item.state.tags.get(key) == value)
        )

    def shown(self) -> dict[Resource, Result]:
        """Results that count; one that became NOT_APPLICABLE is kept only for its time."""
        results = sorted(self.results.items())
        return {key: one for key, one in results if one.compliance != "NOT_APPLICABLE"}

    @property
    def compliance(self) -> str:
        """NON_COMPLIANT as soon as one resource is; INSUFFICIENT_DATA without results."""
        found = {result.compliance for result in self.shown().values()}
        if not found:
            return "INSUFFICIENT_DATA"
        return "NON_COMPLIANT" if "NON_COMPLIANT" in found else "COMPLIANT"


class Rules:
    """The rules of one account and Region, by name."""

    def __init__(self) -> None:
        self.by_name: dict[str, Rule] = {}

    def all(self) -> list[Rule]:
        """Every rule, in order of names."""
        return [rule for _, rule in sorted(self.by_name.items())]

    def by_id(self, rule_id: str) -> Rule | None:
        """The rule with this id, if it still stands."""
        return next((r for r in list(self.by_name.values()) if r.rule_id == rule_id), None)
