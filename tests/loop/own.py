"""A deployed Netmend as one rule of yours sees it: what it finds, and what its runbook decides."""

from __future__ import annotations

from functools import cached_property

from netmend import catalog
from netmend.sandbox.core import Sandbox
from rules.netlib.rule import NetmendRule
from tests.loop.world import World


class OwnWorld(World):
    """The world of one rule and of those that are in a pack with it."""

    def __init__(self, sandbox: Sandbox, rule: NetmendRule) -> None:
        known = catalog.load().controls
        control = next(one for one in known if one.rule == type(rule).__name__)
        super().__init__(sandbox, pack=control.pack)
        self._control = control.rule
        self._kind = rule.RESOURCE_TYPES[0]
        self._prefix = f"{control.name}-conformance-pack-"
        self._document = f"Netmend-{rule.RUNBOOK}"

    @cached_property
    def rule_name(self) -> str:
        pages = self.client("config").get_paginator("describe_config_rules").paginate()
        names = (rule["ConfigRuleName"] for page in pages for rule in page["ConfigRules"])
        return next(str(name) for name in names if name.startswith(self._prefix))

    def tag(self, resource: str, **tags: str) -> None:
        """Give a resource of EC2 these tags."""
        self.client("ec2").create_tags(
            Resources=[resource], Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
        )

    def compliance(self, group_id: str) -> str:
        """What the rule says of a resource in Config; '' when it says nothing."""
        found = self.client("config").get_compliance_details_by_config_rule(
            ConfigRuleName=self.rule_name
        )["EvaluationResults"]
        for result in found:
            qualifier = result["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
            if (qualifier["ResourceType"], qualifier["ResourceId"]) == (self._kind, group_id):
                return str(result["ComplianceType"])
        return ""

    def outcomes(self, group_id: str) -> list[tuple[str, str]]:
        """(kind, outcome) of the rule's own evidence about a resource."""
        found = self.evidence(group_id)
        return [(r["kind"], r["outcome"]) for r in found if r["control"] == self._control]

    def decisions(self, resource: str) -> list[str]:
        """What the rule's runbook decided about a resource, one word a run, the newest first."""
        return [decision for decision, _ in self.answers(resource)]

    def answers(self, resource: str) -> list[tuple[str, str]]:
        """The same with the reason of each decision."""
        found = []
        for run in map(self.run, self._newest_first()):
            about = (run["DocumentName"], run["Parameters"]["ResourceId"])
            if about == (self._document, [resource]):
                told = run["StepExecutions"][0]["Outputs"]
                found.append((told["Decision"][0], told["Reason"][0]))
        return found
