"""What the rules found, asked by rule and by resource."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from netmend.sandbox.api import ApiCall, operation
from netmend.sandbox.config.errors import invalid
from netmend.sandbox.config.paging import page
from netmend.sandbox.config.place import Place
from netmend.sandbox.config.rules import chosen, find
from netmend.sandbox.config.store import Resource, Result, Rule, Rules
from netmend.sandbox.core import Sandbox

MOST_COUNTED: Final = 25
MOST_RESOURCES: Final = 100
PAGE: Final = 10
RULES_PAGE: Final = 25
STATUS_PAGE: Final = 50


@operation("config", "DescribeComplianceByConfigRule")
def by_rule(sandbox: Sandbox, call: ApiCall) -> Any:
    """The compliance of each rule, with how many resources make it non-compliant."""
    rules = chosen(Place.of(sandbox, call), call.params.get("ConfigRuleNames"))
    wanted = _wanted(call, refused="NOT_APPLICABLE")
    found = [
        {
            "ConfigRuleName": rule.name,
            "Compliance": told_compliance(rule.compliance, failures(rule.shown().values())),
        }
        for rule in rules
        if not wanted or rule.compliance in wanted
    ]
    entries, more = page(found, call.params, default=RULES_PAGE)
    return {"ComplianceByConfigRules": entries, **more}


def _wanted(call: ApiCall, *, refused: str) -> list[str]:
    wanted: list[str] = call.params.get("ComplianceTypes") or []
    if refused in wanted:
        raise invalid(f"ComplianceTypes: {refused} is not supported here")
    return wanted


def failures(results: Iterable[Result]) -> int:
    """How many of the results are NON_COMPLIANT."""
    return sum(result.compliance == "NON_COMPLIANT" for result in results)


def told_compliance(verdict: str, bad: int) -> dict[str, Any]:
    """A verdict in the shape of Compliance, with how many made it NON_COMPLIANT."""
    if verdict != "NON_COMPLIANT":
        return {"ComplianceType": verdict}
    return {"ComplianceType": verdict, "ComplianceContributorCount": capped(bad)}


def capped(count: int, most: int = MOST_COUNTED) -> dict[str, Any]:
    """A count as Config gives it: 25 rules at most, or 100 resources."""
    return {"CappedCount": min(count, most), "CapExceeded": count > most}


@operation("config", "DescribeComplianceByResource")
def by_resource(sandbox: Sandbox, call: ApiCall) -> Any:
    """The compliance of each resource over all rules that judge it."""
    resource_type, resource_id = call.params.get("ResourceType"), call.params.get("ResourceId")
    if resource_id and not resource_type:
        raise invalid("ResourceId needs a ResourceType: give both")
    wanted = _wanted(call, refused="NOT_APPLICABLE")
    found = []
    for key, results in _resources(Place.of(sandbox, call)).items():
        bad = failures(results)
        verdict = "NON_COMPLIANT" if bad else "COMPLIANT"
        if _is(key, resource_type, resource_id) and (not wanted or verdict in wanted):
            one = {"ResourceType": key[0], "ResourceId": key[1]}
            found.append({**one, "Compliance": told_compliance(verdict, bad)})
    entries, more = page(found, call.params, default=PAGE)
    return {"ComplianceByResources": entries, **more}


def _resources(place: Place) -> dict[Resource, list[Result]]:
    found: dict[Resource, list[Result]] = {}
    for rule in place.state(Rules).all():
        for key, result in rule.shown().items():
            found.setdefault(key, []).append(result)
    return dict(sorted(found.items()))


def _is(key: Resource, resource_type: str | None, resource_id: str | None) -> bool:
    return resource_type in (None, key[0]) and resource_id in (None, key[1])


@operation("config", "GetComplianceDetailsByConfigRule")
def details_by_rule(sandbox: Sandbox, call: ApiCall) -> Any:
    """The results of one rule; those that became NOT_APPLICABLE only when asked for."""
    rule = find(Place.of(sandbox, call), call.params["ConfigRuleName"])
    wanted = _wanted(call, refused="INSUFFICIENT_DATA")
    found = details(rule, wanted)
    entries, more = page(found, call.params, default=PAGE)
    return {"EvaluationResults": entries, **more}


def details(rule: Rule, wanted: list[str]) -> list[dict[str, Any]]:
    """A rule's EvaluationResults of the wanted types, in order of resources."""
    results = dict(sorted(rule.results.items())) if wanted else rule.shown()
    return [
        evaluation_result(rule, key, result)
        for key, result in results.items()
        if not wanted or result.compliance in wanted
    ]


def evaluation_result(rule: Rule, key: Resource, result: Result) -> dict[str, Any]:
    """One result in the shape of EvaluationResult."""
    return {
        "EvaluationResultIdentifier": {
            "EvaluationResultQualifier": {
                "ConfigRuleName": rule.name,
                "ResourceType": key[0],
                "ResourceId": key[1],
                "EvaluationMode": "DETECTIVE",
            },
            "OrderingTimestamp": result.ordering,
        },
        "ComplianceType": result.compliance,
        "ResultRecordedTime": result.recorded,
        "ConfigRuleInvokedTime": result.invoked,
        **({"Annotation": result.annotation} if result.annotation else {}),
    }


@operation("config", "GetComplianceDetailsByResource")
def details_by_resource(sandbox: Sandbox, call: ApiCall) -> Any:
    """What each rule says of one resource."""
    key = (call.params.get("ResourceType"), call.params.get("ResourceId"))
    if None in key:
        raise invalid("ResourceType and ResourceId are needed both: no evaluation is proactive")
    wanted = _wanted(call, refused="INSUFFICIENT_DATA")
    found = [
        detail
        for rule in Place.of(sandbox, call).state(Rules).all()
        for detail in details(rule, wanted)
        if _qualified(detail) == key
    ]
    entries, more = page(found, call.params, default=PAGE)
    return {"EvaluationResults": entries, **more}


def _qualified(detail: dict[str, Any]) -> Resource:
    qualifier = detail["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
    return qualifier["ResourceType"], qualifier["ResourceId"]


@operation("config", "GetComplianceSummaryByConfigRule")
def summary_by_rule(sandbox: Sandbox, call: ApiCall) -> Any:
    """How many rules are compliant and how many are not."""
    place = Place.of(sandbox, call)
    verdicts = [rule.compliance for rule in place.state(Rules).all()]
    return {
        "ComplianceSummary": {
            "CompliantResourceCount": capped(verdicts.count("COMPLIANT")),
            "NonCompliantResourceCount": capped(verdicts.count("NON_COMPLIANT")),
            "ComplianceSummaryTimestamp": place.time,
        }
    }


@operation("config", "GetComplianceSummaryByResourceType")
def summary_by_type(sandbox: Sandbox, call: ApiCall) -> Any:
    """How many resources are compliant and how many are not; by type only for types asked for."""
    place, wanted = Place.of(sandbox, call), call.params.get("ResourceTypes") or []
    found = _resources(place)
    groups = [
        {
            **({"ResourceType": one} if one else {}),
            "ComplianceSummary": _counted(
                place, [r for k, r in found.items() if one in ("", k[0])]
            ),
        }
        for one in wanted or [""]
    ]
    return {"ComplianceSummariesByResourceType": groups}


def _counted(place: Place, resources: list[list[Result]]) -> dict[str, Any]:
    bad = sum(failures(results) > 0 for results in resources)
    return {
        "CompliantResourceCount": capped(len(resources) - bad, MOST_RESOURCES),
        "NonCompliantResourceCount": capped(bad, MOST_RESOURCES),
        "ComplianceSummaryTimestamp": place.time,
    }


@operation("config", "DescribeConfigRuleEvaluationStatus")
def evaluation_status(sandbox: Sandbox, call: ApiCall) -> Any:
    """When each rule was last invoked and answered, and what went wrong last."""
    rules = chosen(Place.of(sandbox, call), call.params.get("ConfigRuleNames"))
    found = [
        {
            "ConfigRuleName": rule.name,
            "ConfigRuleArn": rule.arn,
            "ConfigRuleId": rule.rule_id,
            "FirstEvaluationStarted": False,
            **rule.status,
        }
        for rule in rules
    ]
    entries, more = page(found, call.params, default=STATUS_PAGE)
    return {"ConfigRulesEvaluationStatus": entries, **more}


@operation("config", "DeleteEvaluationResults")
def delete_results(sandbox: Sandbox, call: ApiCall) -> Any:
    """Forget the results of a rule; what it finds next counts as found for the first time."""
    find(Place.of(sandbox, call), call.params["ConfigRuleName"]).results.clear()
    return {}
