"""What the rules of all sources found."""

from __future__ import annotations

from typing import Any, Final

from netmend.sandbox.api import ApiCall, operation
from netmend.sandbox.config.aggregation.sources import collected, grouped, named
from netmend.sandbox.config.compliance import capped, details, failures, told_compliance
from netmend.sandbox.config.errors import invalid
from netmend.sandbox.config.paging import page
from netmend.sandbox.config.place import Place
from netmend.sandbox.config.store import Rules
from netmend.sandbox.core import Sandbox

JUDGED: Final = ("COMPLIANT", "NON_COMPLIANT")
PAGE: Final = 1000
DETAILS_PAGE: Final = 50


@operation("config", "DescribeAggregateComplianceByConfigRules")
def by_rule(sandbox: Sandbox, call: ApiCall) -> Any:
    """The rules that are compliant or not; those without results are not told."""
    filters = call.params.get("Filters") or {}
    wanted = filters.get("ComplianceType")
    if wanted not in (None, *JUDGED):
        raise invalid(f"ComplianceType: {wanted} is not supported here")
    found = [
        {
            "ConfigRuleName": rule.name,
            "Compliance": told_compliance(rule.compliance, failures(rule.shown().values())),
            "AccountId": place.account,
            "AwsRegion": place.region,
        }
        for place in _places(sandbox, call, filters)
        for rule in place.state(Rules).all()
        if rule.compliance in ((wanted,) if wanted else JUDGED)
        and filters.get("ConfigRuleName") in (None, rule.name)
    ]
    entries, more = page(found, call.params, default=PAGE)
    return {"AggregateComplianceByConfigRules": entries, **more}


def _places(sandbox: Sandbox, call: ApiCall, filters: dict[str, Any]) -> list[Place]:
    name = call.params["ConfigurationAggregatorName"]
    return collected(Place.of(sandbox, call), name, filters)


@operation("config", "GetAggregateComplianceDetailsByConfigRule")
def rule_details(sandbox: Sandbox, call: ApiCall) -> Any:
    """The results of one rule in one source; none where the source has no such rule."""
    params = call.params
    wanted = params.get("ComplianceType")
    if wanted == "INSUFFICIENT_DATA":
        raise invalid(f"ComplianceType: {wanted} is not supported here")
    found = [
        {
            **_without_mode(detail),
            "AccountId": place.account,
            "AwsRegion": place.region,
        }
        for place in _places(sandbox, call, params)
        for rule in place.state(Rules).all()
        if rule.name == params["ConfigRuleName"]
        for detail in details(rule, [wanted] if wanted else [])
    ]
    entries, more = page(found, params, default=DETAILS_PAGE)
    return {"AggregateEvaluationResults": entries, **more}


def _without_mode(detail: dict[str, Any]) -> dict[str, Any]:
    identifier = detail["EvaluationResultIdentifier"]
    qualifier = dict(identifier["EvaluationResultQualifier"])
    del qualifier["EvaluationMode"]
    kept = {**identifier, "EvaluationResultQualifier": qualifier}
    return {**detail, "EvaluationResultIdentifier": kept}


@operation("config", "GetAggregateConfigRuleComplianceSummary")
def summary(sandbox: Sandbox, call: ApiCall) -> Any:
    """How many rules are compliant and how many are not, by account or by Region."""
    key, now = call.params.get("GroupByKey"), Place.of(sandbox, call).time
    groups = grouped(_places(sandbox, call, call.params.get("Filters") or {}), key)
    found = []
    for name, places in groups.items():
        verdicts = [rule.compliance for one in places for rule in one.state(Rules).all()]
        counts = {
            "CompliantResourceCount": capped(verdicts.count("COMPLIANT")),
            "NonCompliantResourceCount": capped(verdicts.count("NON_COMPLIANT")),
            "ComplianceSummaryTimestamp": now,
        }
        found.append({**named(name, key), "ComplianceSummary": counts})
    entries, more = page(found, call.params, default=PAGE)
    return {**({"GroupByKey": key} if key else {}), "AggregateComplianceCounts": entries, **more}
