"""Evaluations are stored under their rule, and a change of compliance is an event."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from netmend.sandbox import events
from netmend.sandbox.api import ApiCall, operation
from netmend.sandbox.config import tokens
from netmend.sandbox.config.errors import invalid, no_such_rule
from netmend.sandbox.config.items import timestamp
from netmend.sandbox.config.place import Place
from netmend.sandbox.config.store import Resource, Result, Rule, Rules
from netmend.sandbox.core import Sandbox

RESOURCE_TYPE: Final = re.compile(r"AWS::::Account|\w+::\w+::\w+")
VERDICTS: Final = ("COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE")


@operation("config", "PutEvaluations")
def put_evaluations(sandbox: Sandbox, call: ApiCall) -> Any:
    """Store what a rule's function found; in test mode check it alone, with any token."""
    evaluations = call.params.get("Evaluations") or []
    for evaluation in evaluations:
        _check(evaluation)
    if not call.params.get("TestMode"):
        _keep(Place.of(sandbox, call), call.params["ResultToken"], evaluations)
    return {"FailedEvaluations": []}


def _check(evaluation: dict[str, Any]) -> None:
    if evaluation["ComplianceType"] not in VERDICTS:
        raise invalid(
            f"The ComplianceType {evaluation['ComplianceType']} cannot be put: "
            f"use one of {', '.join(VERDICTS)}"
        )
    if not RESOURCE_TYPE.fullmatch(evaluation["ComplianceResourceType"]):
        raise invalid(
            f"Unknown resource type {evaluation['ComplianceResourceType']}: "
            "write it like AWS::EC2::SecurityGroup"
        )


def _keep(place: Place, token: str, evaluations: list[dict[str, Any]]) -> None:
    claims = tokens.read(place, token)
    rule = place.state(Rules).by_id(claims["rule"])
    if rule is None:
        raise no_such_rule(claims["name"])
    now = place.time
    rule.status["LastSuccessfulEvaluationTime"] = now
    rule.status.setdefault("FirstEvaluationStarted", True)
    for evaluation in evaluations:
        key = (evaluation["ComplianceResourceType"], evaluation["ComplianceResourceId"])
        _store(place, rule, key, _result(evaluation, now, claims["invoked"]))


def _result(evaluation: dict[str, Any], now: datetime, invoked: int) -> Result:
    return Result(
        compliance=evaluation["ComplianceType"],
        annotation=evaluation.get("Annotation", ""),
        ordering=_utc(evaluation["OrderingTimestamp"]),
        recorded=now,
        invoked=datetime.fromtimestamp(invoked / 1000, UTC),
        since=now,
    )


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _store(place: Place, rule: Rule, key: Resource, new: Result) -> None:
    old = rule.results.get(key)
    if old is not None and new.ordering < old.ordering:
        return  # a result of an older state came late
    if old is not None and old.compliance == new.compliance:
        new = replace(new, since=old.since)
    rule.results[key] = new
    before = old.compliance if old else "NOT_APPLICABLE"
    if new.compliance != before:
        _announce(place, rule, key, old, new)


def _announce(place: Place, rule: Rule, key: Resource, old: Result | None, new: Result) -> None:
    detail = {
        "resourceId": key[1],
        "awsRegion": place.region,
        "awsAccountId": place.account,
        "configRuleName": rule.name,
        "recordVersion": "1.0",
        "configRuleARN": rule.arn,
        "messageType": "ComplianceChangeNotification",
        "newEvaluationResult": _told(rule, key, new),
        **({"oldEvaluationResult": _told(rule, key, old)} if old else {}),
        "notificationCreationTime": timestamp(place.now),
        "resourceType": key[0],
    }
    name = "Config Rules Compliance Change"
    events.publish(place.sandbox, place.account, place.region, "aws.config", name, detail)


def _told(rule: Rule, key: Resource, result: Result) -> dict[str, Any]:
    return {
        "evaluationResultIdentifier": {
            "evaluationResultQualifier": {
                "configRuleName": rule.name,
                "resourceType": key[0],
                "resourceId": key[1],
            },
            "orderingTimestamp": _stamp(result.ordering),
        },
        "complianceType": result.compliance,
        "resultRecordedTime": _stamp(result.recorded),
        "configRuleInvokedTime": _stamp(result.invoked),
        **({"annotation": result.annotation} if result.annotation else {}),
    }


def _stamp(moment: datetime) -> str:
    return timestamp(round(moment.timestamp() * 1000))
