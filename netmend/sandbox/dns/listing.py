"""ListResourceRecordSets has Route 53's order, labels from the right, and its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moto.route53.models import route53_backends
from moto.utilities.utils import get_partition

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.dns import sets
from netmend.sandbox.dns.names import NameProblem, normal, order

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

PAGE: Final = 300


@operation("route53", "ListResourceRecordSets")
def list_record_sets(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """At most 300 of a zone, from the first that is not before what StartRecord... names."""
    backend = route53_backends[call.account][get_partition(call.region)]
    zone = sets.zone_of(backend, str(call.params["HostedZoneId"]))
    start = _start(call.params)
    found = sorted((f for f, _ in sets.of_zone(zone).values()), key=_place)
    found = [record for record in found if _place(record) >= start]
    most = _most(call.params.get("MaxItems"))
    answer: dict[str, Any] = {
        "ResourceRecordSets": found[:most],
        "IsTruncated": len(found) > most,
        "MaxItems": str(most),
    }
    if len(found) > most:
        answer |= _following(found[most])
    return answer


def _place(found: sets.Set) -> tuple[str, str, str]:
    return order(found["Name"]), found["Type"], str(found.get("SetIdentifier", ""))


def _start(params: dict[str, Any]) -> tuple[str, str, str]:
    name = params.get("StartRecordName")
    kind = params.get("StartRecordType")
    identifier = params.get("StartRecordIdentifier")
    if (kind and not name) or (identifier and not kind):
        raise ApiError("InvalidInput", "StartRecordType needs StartRecordName, -Identifier both")
    try:
        return (order(normal(name)) if name else ""), kind or "", identifier or ""
    except NameProblem as problem:
        raise ApiError("InvalidInput", str(problem)) from problem


def _most(given: Any) -> int:
    if given is None:
        return PAGE
    if not str(given).isdigit() or int(given) < 1:
        raise ApiError("InvalidInput", f"MaxItems is {given}: give a number from 1 to {PAGE}")
    return min(PAGE, int(given))


def _following(found: sets.Set) -> dict[str, str]:
    names = ("Name", "Type", "SetIdentifier")
    shown = ("NextRecordName", "NextRecordType", "NextRecordIdentifier")
    return {to: found[name] for name, to in zip(names, shown, strict=True) if name in found}
