"""A resource is read as the planner reads it in AWS, with the user's own settings."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from typing import Any, Final, NamedTuple

from rdklib import InvalidParametersError

from netmend.errors import UserError
from netmend.evaluate import Judged, judge
from rules.netlib.rule import NetmendRule

DEFAULTS: Final = "the defaults: no rule of Netmend is deployed here"


PACK: Final = "-conformance-pack-"
MODES: Final = {
    "off": "nothing is planned and nothing is changed",
    "observe": "the plan is recorded, nothing is changed",
    "approve": "a person decides about every plan",
    "enforce": "plans are carried out, unless they ask a person",
}


class Deployed(NamedTuple):
    """A rule as AWS Config has it: its name with the pack's suffix, and its parameters."""

    name: str
    parameters: Mapping[str, str]


class Read(NamedTuple):
    """What the live API told: facts, verdict and plan, and where and when it was read."""

    judged: Judged
    facts: Mapping[str, Any]
    place: str


@contextmanager
def in_region() -> Iterator[str]:
    """The Region of the user's settings, where the clients of the handlers look for it."""
    import boto3
    from botocore.exceptions import NoRegionError

    before = os.environ.get("AWS_REGION")
    region = before or boto3.session.Session().region_name
    if not region:
        raise NoRegionError
    os.environ["AWS_REGION"] = region
    try:
        yield region
    finally:
        if before is None:
            del os.environ["AWS_REGION"]


def read(rule: NetmendRule, resource_id: str, params: Any, region: str) -> Read:
    """The resource, its facts, verdict and plan, as the planner makes them; raises UserError."""
    from rules.handlers import facts, live
    from rules.netlib import clock

    resource = live.ONE[rule.RESOURCE_TYPES[0]](resource_id)
    if resource is None:
        raise UserError(f"no {resource_id} in {region}", "check the id, AWS_REGION and the account")
    place = f"live from {region} at {clock.now().astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    known = facts.read(rule.NEEDS, resource)
    if rule.violations(resource, known, params):
        known = facts.read((*rule.NEEDS, *rule.PLAN_NEEDS), resource, sized=True)
    return Read(judge(rule, resource, known, params), known, place)


def deployed(rule: NetmendRule, wanted: str) -> Deployed | None:
    """The rule in AWS Config that stands for ours: the one called `wanted`, or else the first.

    Raises UserError where there is no such one, or its parameters are none.
    """
    from rules.handlers import gates, rulebook
    from rules.handlers.clients import client

    pages = client("config").get_paginator("describe_config_rules").paginate()
    found = {
        one["ConfigRuleName"]: one
        for page in pages
        for one in page["ConfigRules"]
        if one.get("CreatedBy") == gates.PACKS and rulebook.NAME.fullmatch(one["ConfigRuleName"])
    }
    ours = sorted(name for name in found if rulebook.control(name) == type(rule).__name__)
    if PACK in wanted and wanted not in ours:
        raise UserError(f"no rule {wanted} here", f"deployed: {', '.join(ours) or 'none'}")
    if not ours:
        return None
    name = wanted if wanted in ours else ours[0]
    given = json.loads(found[name].get("InputParameters") or "{}")
    try:
        rule.parameters(given)
    except InvalidParametersError as error:
        raise UserError(f"the parameters of {name} are not valid: {error}") from None
    return Deployed(name, given)


def notes(rule: NetmendRule, resource: Any, found: Deployed) -> tuple[tuple[str, str], ...]:
    """What AWS Config says of the resource, and the mode in force; each says if unreadable."""
    resource_id = rule.changes(resource)
    return (
        ("AWS Config", _told(lambda: _verdict(rule, resource_id, found.name))),
        ("mode", _told(lambda: _mode(rule, resource_id, resource.owner_id))),
    )


def _told(ask: Any) -> str:
    from botocore.exceptions import ClientError

    from rules.handlers.gates import HeldError

    try:
        return str(ask())
    except ClientError as error:
        return f"not readable ({error.response['Error'].get('Code', 'Unknown')})"
    except HeldError as held:
        return f"nothing may be changed: {held}"


def _verdict(rule: NetmendRule, resource_id: str, name: str) -> str:
    from rules.handlers.clients import client

    answer = client("config").get_compliance_details_by_resource(
        ResourceType=rule.RESOURCE_TYPES[0], ResourceId=resource_id
    )
    for one in answer["EvaluationResults"]:
        identity = one["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
        if identity["ConfigRuleName"] == name:
            when = one["ResultRecordedTime"].astimezone(UTC)
            return f"{one['ComplianceType']}, recorded {when:%Y-%m-%d %H:%M:%S} UTC"
    return "has not judged it yet"


def _mode(rule: NetmendRule, resource_id: str, owner: str) -> str:
    from rules.handlers import gates
    from rules.handlers.clients import client

    account = client("sts").get_caller_identity()["Account"]
    region = os.environ["AWS_REGION"]
    gates.ownership(owner, account, resource_id)
    name = gates.mode(type(rule).__name__, resource_id, account, region).name
    return f"{name}: {MODES[name]}"
