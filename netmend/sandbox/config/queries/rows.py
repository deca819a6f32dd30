"""What a query sees of an account and Region: resources, their compliance, and that of packs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from moto.utilities.utils import get_partition

from netmend.sandbox.config.inventory import Inventory
from netmend.sandbox.config.items import VERSION, Item, timestamp
from netmend.sandbox.config.pack_compliance import status
from netmend.sandbox.config.packs import Pack, Packs, rules_of
from netmend.sandbox.config.place import Place
from netmend.sandbox.config.queries.values import Row
from netmend.sandbox.config.store import Resource, Result, Rule, Rules

COMPLIANCE: Final = "AWS::Config::ResourceCompliance"
PACK: Final = "AWS::Config::ConformancePackCompliance"


def rows(place: Place) -> Iterator[Row]:
    """Everything, in order of types and ids; what is deleted is not there."""
    yield from sorted(_compliances(place), key=lambda row: str(row["resourceId"]))
    yield from (_pack(place, pack) for _, pack in sorted(place.state(Packs).by_name.items()))
    items = [item for item in place.state(Inventory).latest() if not item.deleted]
    for item in sorted(items, key=lambda one: (one.resource_type, one.resource_id)):
        yield _item(item)


def _item(item: Item) -> Row:
    stated = {"resourceName": item.state.name} if item.state.name else {}
    return {
        "accountId": item.account,
        "arn": item.state.arn,
        "availabilityZone": item.state.zone,
        "awsRegion": item.region,
        "configuration": item.state.configuration,
        "configurationItemCaptureTime": timestamp(item.captured),
        "configurationItemStatus": item.status,
        "configurationStateId": str(item.captured),
        "relationships": [_relationship(one) for one in item.state.relationships],
        "resourceId": item.resource_id,
        **stated,
        "resourceType": item.resource_type,
        "supplementaryConfiguration": {},
        "tags": _tags(item.state.tags),
        "version": VERSION,
    }


def _relationship(one: dict[str, str | None]) -> dict[str, str]:
    stated = {key: one[key] for key in ("resourceId", "resourceName", "resourceType")}
    named = {"relationshipName": str(one["name"])}
    return {**{key: value for key, value in stated.items() if value}, **named}


def _tags(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "tag": f"{key}={value}", "value": value} for key, value in tags.items()]


def _compliances(place: Place) -> Iterator[Row]:
    found: dict[Resource, list[tuple[Rule, Result]]] = {}
    for rule in place.state(Rules).all():
        for key, result in rule.shown().items():
            found.setdefault(key, []).append((rule, result))
    for key, judged in found.items():
        yield _compliance(place, key, judged)


def _compliance(place: Place, key: Resource, judged: list[tuple[Rule, Result]]) -> Row:
    bad = [result for _, result in judged if result.compliance == "NON_COMPLIANT"]
    verdict = "NON_COMPLIANT" if bad else "COMPLIANT"
    configuration = {
        "complianceType": verdict,
        "configRuleList": [
            {
                "complianceType": result.compliance,
                "configRuleArn": rule.arn,
                "configRuleId": rule.rule_id,
                "configRuleName": rule.name,
            }
            for rule, result in judged
        ],
        "targetResourceId": key[1],
        "targetResourceType": key[0],
    }
    target = {
        "resourceId": key[1],
        "resourceType": key[0],
        "relationshipName": "Is associated with ",
    }
    since = max(result.since for _, result in judged)
    resource_id = f"{key[0]}/{key[1]}"
    return _judged(place, COMPLIANCE, resource_id, configuration, since, [target], {})


def _pack(place: Place, pack: Pack) -> Row:
    rules = rules_of(place, pack)
    verdicts = [rule.compliance for rule in rules]
    configuration = {
        "complianceType": status(place, pack),
        "compliantRuleCount": verdicts.count("COMPLIANT"),
        "configRuleList": [
            {
                "complianceType": rule.compliance,
                "configRuleArn": rule.arn,
                "configRuleName": rule.name,
            }
            for rule in rules
        ],
        "nonCompliantRuleCount": verdicts.count("NON_COMPLIANT"),
        "totalRuleCount": len(rules),
    }
    results = [result.since for rule in rules for result in rule.results.values()]
    since = max(results, default=pack.requested or place.time)
    named = {"resourceName": pack.name}
    return _judged(place, PACK, pack.pack_id, configuration, since, [], named)


def _judged(
    place: Place,
    resource_type: str,
    resource_id: str,
    configuration: dict[str, Any],
    since: datetime,
    relationships: list[dict[str, str]],
    named: dict[str, str],
) -> Row:
    captured = round(since.timestamp() * 1000)
    partition = get_partition(place.region)
    return {
        "accountId": place.account,
        "arn": f"arn:{partition}:config:{place.region}:{place.account}:compliance/{resource_id}",
        "availabilityZone": "Not Applicable",
        "awsRegion": place.region,
        "configuration": configuration,
        "configurationItemCaptureTime": timestamp(captured),
        "configurationItemStatus": "OK",
        "configurationStateId": str(captured),
        "relationships": relationships,
        "resourceId": resource_id,
        **named,
        "resourceType": resource_type,
        "supplementaryConfiguration": {},
        "tags": [],
        "version": VERSION,
    }
