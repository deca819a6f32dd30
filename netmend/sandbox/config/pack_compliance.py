"""How compliant packs are: by rule, by resource, as one word and as a score."""

from __future__ import annotations

from typing import Any, Final

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.config.compliance import details
from netmend.sandbox.config.errors import invalid
from netmend.sandbox.config.packs import Pack, Packs, find, rules_of
from netmend.sandbox.config.paging import page
from netmend.sandbox.config.place import Place
from netmend.sandbox.config.store import Rule
from netmend.sandbox.core import Sandbox

RULES_PAGE: Final = 1000
RESULTS_PAGE: Final = 100
PACKS_PAGE: Final = 20
UNKNOWN: Final = "INSUFFICIENT_DATA"


@operation("config", "DescribeConformancePackCompliance")
def by_rule(sandbox: Sandbox, call: ApiCall) -> Any:
    """The compliance of each rule of a pack."""
    place, filters = Place.of(sandbox, call), call.params.get("Filters") or {}
    pack = find(place, call.params["ConformancePackName"])
    found = [
        {"ConfigRuleName": rule.name, "ComplianceType": rule.compliance, "Controls": []}
        for rule in _rules(place, pack, filters)
        if filters.get("ComplianceType") in (None, rule.compliance)
    ]
    entries, more = page(found, call.params, default=RULES_PAGE)
    return {
        "ConformancePackName": pack.name,
        "ConformancePackRuleComplianceList": entries,
        **more,
    }


def _rules(place: Place, pack: Pack, filters: dict[str, Any]) -> list[Rule]:
    rules, wanted = rules_of(place, pack), filters.get("ConfigRuleNames") or []
    if missing := sorted(set(wanted) - {rule.name for rule in rules}):
        raise ApiError(
            "NoSuchConfigRuleInConformancePackException",
            f"The conformance pack '{pack.name}' has no rule {', '.join(missing)}",
        )
    return [rule for rule in rules if not wanted or rule.name in wanted]


@operation("config", "GetConformancePackComplianceDetails")
def by_resource(sandbox: Sandbox, call: ApiCall) -> Any:
    """The results of all rules of a pack."""
    place, filters = Place.of(sandbox, call), call.params.get("Filters") or {}
    pack = find(place, call.params["ConformancePackName"])
    if filters.get("ComplianceType") == UNKNOWN:
        raise invalid("ComplianceType INSUFFICIENT_DATA is not supported here")
    wanted = [filters["ComplianceType"]] if filters.get("ComplianceType") else []
    found = [
        detail
        for rule in _rules(place, pack, filters)
        for detail in details(rule, wanted)
        if _chosen(detail, filters)
    ]
    entries, more = page(found, call.params, default=RESULTS_PAGE)
    return {
        "ConformancePackName": pack.name,
        "ConformancePackRuleEvaluationResults": entries,
        **more,
    }


def _chosen(detail: dict[str, Any], filters: dict[str, Any]) -> bool:
    qualifier = detail["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
    ids = filters.get("ResourceIds")
    return filters.get("ResourceType") in (None, qualifier["ResourceType"]) and (
        not ids or qualifier["ResourceId"] in ids
    )


@operation("config", "GetConformancePackComplianceSummary")
def summary(sandbox: Sandbox, call: ApiCall) -> Any:
    """Each pack in one word."""
    place = Place.of(sandbox, call)
    found = [
        {
            "ConformancePackName": name,
            "ConformancePackComplianceStatus": status(place, find(place, name)),
        }
        for name in call.params["ConformancePackNames"]
    ]
    entries, more = page(found, call.params, default=PACKS_PAGE)
    return {"ConformancePackComplianceSummaryList": entries, **more}


def status(place: Place, pack: Pack) -> str:
    """A pack's compliance: NON_COMPLIANT as soon as one of its rules is."""
    found = {rule.compliance for rule in rules_of(place, pack)}
    order = ("NON_COMPLIANT", "COMPLIANT")
    return next((status for status in order if status in found), UNKNOWN)


@operation("config", "ListConformancePackComplianceScores")
def scores(sandbox: Sandbox, call: ApiCall) -> Any:
    """Each pack's score: of all pairs of a rule and a resource, the percentage that complies."""
    place, params = Place.of(sandbox, call), call.params
    names = (params.get("Filters") or {}).get("ConformancePackNames")
    packs = place.state(Packs).by_name.values()
    found = [_score(place, pack) for pack in packs if not names or pack.name in names]
    found.sort(key=_by_score if params.get("SortBy") == "SCORE" else _by_name)
    if params.get("SortOrder") == "DESCENDING":
        found.reverse()
    entries, more = page(found, params, default=PACKS_PAGE)
    return {"ConformancePackComplianceScores": entries, **more}


def _score(place: Place, pack: Pack) -> dict[str, Any]:
    results = [r for rule in rules_of(place, pack) for r in rule.shown().values()]
    complying = sum(result.compliance == "COMPLIANT" for result in results)
    score = f"{100 * complying / len(results):.2f}" if results else UNKNOWN
    updated = max((result.recorded for result in results), default=pack.requested)
    return {"ConformancePackName": pack.name, "Score": score, "LastUpdatedTime": updated}


def _by_name(score: dict[str, Any]) -> str:
    return str(score["ConformancePackName"])


def _by_score(score: dict[str, Any]) -> tuple[bool, float, str]:
    unknown = score["Score"] == UNKNOWN  # these come last, and first where the order is turned
    return unknown, 0.0 if unknown else float(score["Score"]), _by_name(score)
