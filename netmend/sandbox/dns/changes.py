"""ChangeResourceRecordSets does the whole batch or nothing of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from moto.route53.models import FakeZone, route53_backends
from moto.utilities.utils import get_partition

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.dns import checks, sets
from netmend.sandbox.dns.names import NameProblem
from netmend.sandbox.dns.sets import Key, Set

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass
class Submitted:
    """Every change that an account has asked for, by its id."""

    changes: dict[str, dict[str, Any]] = field(default_factory=dict)


@operation("route53", "ChangeResourceRecordSets")
def change_record_sets(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Route 53's answer; it has taken effect, whatever the status says until GetChange is asked."""
    backend = route53_backends[call.account][get_partition(call.region)]
    zone = sets.zone_of(backend, str(call.params["HostedZoneId"]))
    given = call.params.get("ChangeBatch") or {}
    changes = list(given.get("Changes") or [])
    if not changes:
        raise ApiError("InvalidInput", "Invalid request: the batch holds no changes")
    for change in changes:
        checks.form(change)
    checks.size(changes)
    _check_health(backend, changes)
    _apply(zone, [(change["Action"], _shaped(change)) for change in changes])
    return {"ChangeInfo": _submitted(sandbox, call, given.get("Comment"))}


def _shaped(change: dict[str, Any]) -> Set:
    try:
        return sets.shaped(change["ResourceRecordSet"])
    except NameProblem as problem:
        raise checks.batch([str(problem)]) from problem


def _check_health(backend: Any, changes: list[dict[str, Any]]) -> None:
    for change in changes:
        wanted = change["ResourceRecordSet"].get("HealthCheckId")
        if wanted and change["Action"] != "DELETE" and wanted not in backend.health_checks:
            raise ApiError(
                "NoSuchHealthCheck", f"No health check exists with the specified ID {wanted}.", 404
            )


def _apply(zone: FakeZone, changes: list[tuple[str, Set]]) -> None:
    name = sets.zone_name(zone)
    before = sets.of_zone(zone)
    after = {key: found for key, (found, _) in before.items()}
    wrong = _twice(changes)
    # What a batch deletes makes room for what it creates, in whichever order they stand.
    for action, found in sorted(changes, key=lambda change: change[0] != "DELETE"):
        wrong += _change(after, action, found, name)
    if wrong:
        raise checks.batch(wrong)
    changed = [found for action, found in changes if action != "DELETE"]
    wrong = checks.together(after, changed, name)
    wrong += checks.aliases(after, changed, zone.resource_id, name)
    if wrong:
        raise checks.batch(wrong)
    # What nobody touched keeps moto's own object: a template deletes it by that.
    zone.rrsets = [
        before[key][1] if key in before and before[key][0] is found else sets.to_moto(found)
        for key, found in after.items()
    ]


def _twice(changes: list[tuple[str, Set]]) -> list[str]:
    counted = Counter(sets.key(found) for _, found in changes)
    actions: dict[Key, list[str]] = {}
    for action, found in changes:
        actions.setdefault(sets.key(found), []).append(action)
    return [
        "The request contains an invalid set of changes for a resource record set "
        f"'{key[1]} {key[0]}'"
        for key, count in counted.items()
        if count > 1 and sorted(actions[key]) != ["CREATE", "DELETE"]
    ]


def _change(after: dict[Key, Set], action: str, found: Set, zone: str) -> list[str]:
    key = sets.key(found)
    standing = after.get(key)
    if action == "DELETE":
        said = f"Tried to delete resource record set {sets.called(found)} but "
        if standing is None:
            return [said + "it was not found"]
        if not sets.same(standing, found):
            return [said + "the values provided do not match the current values"]
        del after[key]
        return []
    wrong = checks.contents(found, zone)
    if action == "CREATE" and standing is not None:
        wrong.append(
            f"Tried to create resource record set {sets.called(found)} but it already exists"
        )
    after[key] = found
    return wrong


def _submitted(sandbox: Sandbox, call: ApiCall, comment: str | None) -> dict[str, Any]:
    change_id = "C" + "".join(sandbox.random.choice(LETTERS) for _ in range(20))
    info: dict[str, Any] = {
        "Id": f"/change/{change_id}",
        "Status": "PENDING",
        "SubmittedAt": sandbox.clock.now().replace(microsecond=0),
    }
    if comment:
        info["Comment"] = comment
    sandbox.state(Submitted, call.account, "").changes[change_id] = info
    return info


@operation("route53", "GetChange")
def get_change(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The change, in force on all name servers."""
    change_id = str(call.params["Id"]).rpartition("/")[2]
    found = sandbox.state(Submitted, call.account, "").changes.get(change_id)
    if found is None:
        raise ApiError(
            "NoSuchChange",
            f"A change with the specified change ID does not exist: {change_id}",
            404,
        )
    return {"ChangeInfo": {**found, "Status": "INSYNC"}}
