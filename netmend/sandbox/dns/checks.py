"""A batch is refused for what Route 53 refuses, with its words for each fault."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from netmend.sandbox.api import ApiError
from netmend.sandbox.dns import sets, values
from netmend.sandbox.dns.names import lies_in
from netmend.sandbox.dns.sets import Key, Set

ACTIONS: Final = ("CREATE", "DELETE", "UPSERT")
MOST_RECORDS: Final = 1000
MOST_CHARACTERS: Final = 32_000
LONGEST_TTL: Final = 2_147_483_647
HEAVIEST: Final = 255


def batch(messages: Iterable[str]) -> ApiError:
    """InvalidChangeBatch with all that is wrong."""
    return ApiError("InvalidChangeBatch", f"[{', '.join(dict.fromkeys(messages))}]")


def size(changes: list[dict[str, Any]]) -> None:
    """Raise for a batch that is too large; an UPSERT counts twice."""
    records = characters = 0
    for change in changes:
        found = change["ResourceRecordSet"].get("ResourceRecords") or []
        times = 2 if change["Action"] == "UPSERT" else 1
        records += times * max(1, len(found))
        characters += times * sum(len(str(item.get("Value", ""))) for item in found)
    if records > MOST_RECORDS:
        raise batch([f"Number of records limit of {MOST_RECORDS} exceeded."])
    if characters > MOST_CHARACTERS:
        raise batch([f"Number of characters in record values limit of {MOST_CHARACTERS} exceeded."])


def form(change: Mapping[str, Any]) -> None:
    """Raise InvalidInput for a change that is not made as the API wants it."""
    action, given = change.get("Action"), change.get("ResourceRecordSet") or {}
    if action not in ACTIONS:
        raise ApiError(
            "InvalidInput",
            f"Invalid XML ; cvc-enumeration-valid: Value '{action}' is not facet-valid with respect"
            f" to enumeration '[{', '.join(ACTIONS)}]'. It must be a value from the enumeration.",
        )
    for name in ("Name", "Type"):
        if not given.get(name):
            raise ApiError("InvalidInput", f"Invalid request: Missing field '{name}' in Change")
    _content(action, given)
    _routing(action, given)


def _where(action: str, given: Mapping[str, Any]) -> str:
    return (
        f"Change with [Action={action}, Name={given['Name']}, Type={given['Type']}, "
        f"SetIdentifier={given.get('SetIdentifier') or 'null'}]"
    )


def _content(action: str, given: Mapping[str, Any]) -> None:
    simple = given.get("TTL") is not None and bool(given.get("ResourceRecords"))
    some = given.get("TTL") is not None or bool(given.get("ResourceRecords"))
    alias = given.get("AliasTarget") is not None
    if alias and some:
        found = "found more than one"
    elif alias or simple or given.get("TrafficPolicyInstanceId"):
        return
    else:
        found = "found none"
    raise ApiError(
        "InvalidInput",
        "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords],"
        f" or TrafficPolicyInstanceId], but {found} in {_where(action, given)}",
    )


def _routing(action: str, given: Mapping[str, Any]) -> None:
    found = [name for name in sets.ROUTING if given.get(name) is not None]
    if len(found) > 1:
        raise ApiError(
            "InvalidInput",
            f"Invalid request: Expected exactly one of [{', '.join(sets.ROUTING)}], but found more "
            f"than one in {_where(action, given)}",
        )
    if bool(found) != bool(given.get("SetIdentifier")):
        missing = "SetIdentifier" if found else f"one of [{', '.join(sets.ROUTING)}]"
        raise ApiError(
            "InvalidInput", f"Invalid request: Missing field '{missing}' in {_where(action, given)}"
        )


def contents(found: Set, zone: str) -> list[str]:
    """What is wrong with a record set by itself."""
    if not lies_in(found["Name"], zone):
        return [f"RRSet with DNS name {found['Name']} is not permitted in zone {zone}"]
    given = [item["Value"] for item in found.get("ResourceRecords", [])]
    wrong = [values.problem(found["Type"], value) for value in given]
    wrong += [f"Duplicate Resource Record: '{value}'" for value in given if given.count(value) > 1]
    if found["Type"] in ("CNAME", "SOA") and len(given) > 1:
        wrong.append(f"{found['Type']} record sets must have exactly one value")
    if not 0 <= found.get("TTL", 0) <= LONGEST_TTL:
        wrong.append(f"TTL must be from 0 to {LONGEST_TTL}, not {found['TTL']}")
    if not 0 <= found.get("Weight", 0) <= HEAVIEST:
        wrong.append(f"Weight must be from 0 to {HEAVIEST}, not {found['Weight']}")
    return [message for message in wrong if message]


def together(after: Mapping[Key, Set], changed: Iterable[Set], zone: str) -> list[str]:
    """What is wrong with a zone as the batch would leave it."""
    wrong = [message for found in changed for message in _beside(found, after, zone)]
    kinds = [kind for name, kind, _ in after if name == zone]
    if kinds.count("SOA") != 1 or sum(kind == "SOA" for _, kind, _ in after) != 1:
        wrong.append("A HostedZone must contain exactly one SOA record.")
    if "NS" not in kinds:
        wrong.append("A HostedZone must contain at least one NS record for the zone itself.")
    return wrong


def _beside(found: Set, after: Mapping[Key, Set], zone: str) -> list[str]:
    name, kind = found["Name"], found["Type"]
    if kind == "CNAME" and name == zone:
        return [f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {zone}"]
    siblings = [other for other in after.values() if other["Name"] == name]
    others = {other["Type"] for other in siblings} - {kind}
    if kind == "CNAME" and others:
        return [
            f"RRSet of type CNAME with DNS name {name} is not permitted as it conflicts with other "
            f"records with the same DNS name in zone {zone}"
        ]
    if "CNAME" in others:
        return [
            f"RRSet of type {kind} with DNS name {name} is not permitted because a conflicting "
            f"RRSet of type CNAME with the same DNS name already exists in zone {zone}"
        ]
    return _routed(found, [other for other in siblings if other["Type"] == kind])


def _routed(found: Set, alike: list[Set]) -> list[str]:
    policy = sets.routing(found)
    where = f"RRSet with DNS name {found['Name']}, type {found['Type']}"
    where += f", SetIdentifier {found['SetIdentifier']}" if policy else ""
    if any(sets.routing(other) != policy for other in alike):
        return [f"{where} cannot be created as other RRSets exist with the same name and type."]
    if policy in ("Failover", "Region", "GeoLocation"):
        twins = [other for other in alike if other[policy] == found[policy]]
        if len(twins) > 1:
            return [f"{where} cannot be created as an RRSet with the same {policy} exists."]
    return []


def aliases(after: Mapping[Key, Set], changed: Iterable[Set], zone_id: str, zone: str) -> list[str]:
    """Aliases to this very zone must find what they name."""
    wrong = []
    for found in changed:
        target = found.get("AliasTarget")
        if target is None or target["HostedZoneId"].rpartition("/")[2] != zone_id:
            continue
        name, kind = target["DNSName"], found["Type"]
        said = f"Tried to create an alias that targets {name}, type {kind} in zone {zone_id}, but "
        if not lies_in(name, zone):
            wrong.append(said + "the alias target name does not lie within the target zone")
        elif not any(key[:2] == (name, kind) for key in after):
            wrong.append(said + "that target was not found")
    return wrong
