"""How compliant the conformance packs of all sources are."""

from __future__ import annotations

from typing import Any, Final

from netmend.sandbox.api import ApiCall, operation
from netmend.sandbox.config.aggregation.sources import collected, grouped, named
from netmend.sandbox.config.pack_compliance import status
from netmend.sandbox.config.packs import Pack, Packs, rules_of
from netmend.sandbox.config.paging import page
from netmend.sandbox.config.place import Place
from netmend.sandbox.core import Sandbox

PAGE: Final = 100


def _packs(place: Place) -> list[Pack]:
    return [pack for _, pack in sorted(place.state(Packs).by_name.items())]


def _places(sandbox: Sandbox, call: ApiCall) -> list[Place]:
    name = call.params["ConfigurationAggregatorName"]
    return collected(Place.of(sandbox, call), name, call.params.get("Filters"))


@operation("config", "DescribeAggregateComplianceByConformancePacks")
def by_pack(sandbox: Sandbox, call: ApiCall) -> Any:
    """Each pack with how many of its rules are compliant."""
    filters = call.params.get("Filters") or {}
    found = [
        {
            "ConformancePackName": pack.name,
            "Compliance": counted(place, pack),
            "AccountId": place.account,
            "AwsRegion": place.region,
        }
        for place in _places(sandbox, call)
        for pack in _packs(place)
        if filters.get("ConformancePackName") in (None, pack.name)
        and filters.get("ComplianceType") in (None, status(place, pack))
    ]
    entries, more = page(found, call.params, default=PAGE)
    return {"AggregateComplianceByConformancePacks": entries, **more}


def counted(place: Place, pack: Pack) -> dict[str, Any]:
    """A pack's AggregateConformancePackCompliance."""
    verdicts = [rule.compliance for rule in rules_of(place, pack)]
    return {
        "ComplianceType": status(place, pack),
        "CompliantRuleCount": verdicts.count("COMPLIANT"),
        "NonCompliantRuleCount": verdicts.count("NON_COMPLIANT"),
        "TotalRuleCount": len(verdicts),
    }


@operation("config", "GetAggregateConformancePackComplianceSummary")
def summary(sandbox: Sandbox, call: ApiCall) -> Any:
    """How many packs are compliant and how many are not, by account or by Region."""
    key = call.params.get("GroupByKey")
    found = []
    for name, places in grouped(_places(sandbox, call), key).items():
        verdicts = [status(place, pack) for place in places for pack in _packs(place)]
        counts = {
            "CompliantConformancePackCount": verdicts.count("COMPLIANT"),
            "NonCompliantConformancePackCount": verdicts.count("NON_COMPLIANT"),
        }
        found.append({**named(name, key), "ComplianceSummary": counts})
    entries, more = page(found, call.params, default=PAGE)
    grouping = {"GroupByKey": key} if key else {}
    return {"AggregateConformancePackComplianceSummaries": entries, **grouping, **more}
