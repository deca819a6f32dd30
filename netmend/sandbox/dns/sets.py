"""A record set has one form, whether the API, a template or moto itself made it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from moto.route53.models import FakeZone, RecordSet

from netmend.sandbox.api import ApiError
from netmend.sandbox.dns.names import NameProblem, normal

ROUTING: Final = (
    "Weight",
    "Region",
    "GeoLocation",
    "Failover",
    "MultiValueAnswer",
    "CidrRoutingConfig",
    "GeoProximityLocation",
)
"""The one of these that a record set has says how it is routed."""

MEMBERS: Final = ("SetIdentifier", *ROUTING, "TTL", "AliasTarget", "HealthCheckId")
NUMBERS: Final = ("TTL", "Weight")

Key = tuple[str, str, str]
Set = dict[str, Any]
"""As boto3 shows it: Name, Type, and what else it has."""


def shaped(given: Mapping[str, Any]) -> Set:
    """The one form of what the API was given; raises `NameProblem`."""
    found: Set = {"Name": normal(str(given["Name"])), "Type": str(given["Type"])}
    for name in MEMBERS:
        if given.get(name) is not None:
            found[name] = int(given[name]) if name in NUMBERS else given[name]
    if isinstance(found.get("MultiValueAnswer"), str):
        found["MultiValueAnswer"] = found["MultiValueAnswer"] == "true"
    if "AliasTarget" in found:
        found["AliasTarget"] = _alias(found["AliasTarget"])
    values = given.get("ResourceRecords")
    if values:
        found["ResourceRecords"] = [{"Value": _value(item)} for item in values]
    return found


def _value(item: Any) -> str:
    # moto keeps bare texts, and its own SOA as a structure.
    return str(item["Value"]) if isinstance(item, Mapping) else str(item)


def _alias(target: Mapping[str, Any]) -> dict[str, Any]:
    health = target.get("EvaluateTargetHealth", False)
    return {
        "HostedZoneId": str(target["HostedZoneId"]),
        "DNSName": normal(str(target["DNSName"])),
        "EvaluateTargetHealth": health if isinstance(health, bool) else health == "true",
    }


def of_moto(record: RecordSet) -> Set:
    """The form of what moto keeps."""
    known = getattr(record, "netmend_set", None)
    if isinstance(known, dict):
        return known
    ttl = record.ttl
    return shaped(
        {
            "Name": record.name,
            "Type": record.type,
            "TTL": ttl,
            "ResourceRecords": record.records,
            "SetIdentifier": record.set_identifier,
            "Weight": record.weight,
            "Region": record.region,
            "HealthCheckId": record.health_check_id,
            "AliasTarget": record.alias_target,
            "Failover": record.failover,
            "GeoLocation": record.geo_location,
            "MultiValueAnswer": record.multi_value_answer,
        }
    )


def to_moto(found: Set) -> RecordSet:
    """What moto is to keep."""
    values = [item["Value"] for item in found.get("ResourceRecords", [])]
    record: Any = cast(Any, RecordSet)({**found, "ResourceRecords": values})
    record.netmend_set = found
    return cast(RecordSet, record)


def of_zone(zone: FakeZone) -> dict[Key, tuple[Set, RecordSet]]:
    """Every record set of a zone, with moto's own object."""
    return {key(found): (found, record) for record in zone.rrsets for found in [of_moto(record)]}


def key(found: Set) -> Key:
    """What tells record sets apart."""
    return found["Name"], found["Type"], str(found.get("SetIdentifier", ""))


def routing(found: Set) -> str:
    """The member that routes it; empty for a simple one."""
    return next((name for name in ROUTING if name in found), "")


def same(one: Set, other: Set) -> bool:
    """Whether DELETE repeats every value; the order of the records does not count."""
    return _comparable(one) == _comparable(other)


def _comparable(found: Set) -> dict[str, Any]:
    values = sorted(item["Value"] for item in found.get("ResourceRecords", []))
    return {**found, "ResourceRecords": values}


def called(found: Set) -> str:
    """`[name='www.example.com.', type='A', set-identifier='one']`."""
    identifier = found.get("SetIdentifier")
    more = f", set-identifier='{identifier}'" if identifier else ""
    return f"[name='{found['Name']}', type='{found['Type']}'{more}]"


def zone_of(backend: Any, zone_id: str) -> FakeZone:
    """moto's zone; `ApiError` NoSuchHostedZone."""
    name = zone_id.rpartition("/")[2]
    found = backend.zones.get(name)
    if found is None:
        raise ApiError("NoSuchHostedZone", f"No hosted zone found with ID: {name}", 404)
    zone: FakeZone = found
    return zone


def zone_name(zone: FakeZone) -> str:
    """The zone's name in the one form."""
    try:
        return normal(zone.name)
    except NameProblem as problem:
        raise ApiError("InvalidDomainName", str(problem)) from problem
