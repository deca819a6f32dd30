"""The same rule as rdklib's README has it: a class with evaluate_change behind an Evaluator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rdklib import ComplianceType, ConfigRule, Evaluation, Evaluator

from rules.SECURITY_GROUP_NO_PUBLIC_INGRESS.SECURITY_GROUP_NO_PUBLIC_INGRESS import (
    SECURITY_GROUP_NO_PUBLIC_INGRESS,
)

APPLICABLE_RESOURCES = ["AWS::EC2::SecurityGroup"]


class StockRule(ConfigRule):  # type: ignore[misc]  # rdklib has no types
    """Judges by the same library, so that only what is around it differs."""

    ours = SECURITY_GROUP_NO_PUBLIC_INGRESS()

    def evaluate_parameters(self, rule_parameters: Mapping[str, str]) -> Any:
        return self.ours.parameters(rule_parameters)

    def evaluate_change(
        self,
        event: Mapping[str, Any],
        client_factory: Any,
        configuration_item: Mapping[str, Any],
        valid_rule_parameters: Any,
    ) -> list[Evaluation]:
        group = self.ours.from_item(configuration_item)
        found = self.ours.violations(group, {}, valid_rule_parameters)
        if not found:
            return [Evaluation(ComplianceType.COMPLIANT)]
        return [Evaluation(ComplianceType.NON_COMPLIANT, annotation=self.ours.annotation(found))]


def handle(event: Mapping[str, Any], context: object) -> Any:
    return Evaluator(StockRule(), APPLICABLE_RESOURCES).handle(event, context)
