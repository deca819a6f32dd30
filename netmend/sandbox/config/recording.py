"""The recorder: a change of the network, by whatever door it came, becomes a configuration item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from netmend.sandbox.api import ApiCall, observer
from netmend.sandbox.config import diffs, invoking, recorders, zones
from netmend.sandbox.config.inventory import Inventory
from netmend.sandbox.config.items import Item
from netmend.sandbox.config.kinds import KINDS
from netmend.sandbox.config.network import Description, Network
from netmend.sandbox.config.place import Place
from netmend.sandbox.core import Sandbox

READS: Final = ("Describe", "Get", "List", "Search")

STARTS: Final = frozenset({"StartConfigurationRecorder", "PutConfigurationRecorder"})
"""After these, resources may be recorded that stood there before."""

CHANGED: Final[Mapping[str, str | None]] = {
    "AuthorizeSecurityGroupEgress": "GroupId",
    "AuthorizeSecurityGroupIngress": "GroupId",
    "CreateManagedPrefixList": None,
    "CreateRoute": "RouteTableId",
    "CreateSecurityGroup": None,
    "CreateTags": "Resources",
    "DeleteManagedPrefixList": None,
    "DeleteRoute": "RouteTableId",
    "DeleteSecurityGroup": None,
    "DeleteTags": "Resources",
    "ModifyManagedPrefixList": "PrefixListId",
    "ModifySecurityGroupRules": "GroupId",
    "ReplaceRoute": "RouteTableId",
    "RevokeSecurityGroupEgress": "GroupId",
    "RevokeSecurityGroupIngress": "GroupId",
    "UpdateSecurityGroupRuleDescriptionsEgress": "GroupId",
    "UpdateSecurityGroupRuleDescriptionsIngress": "GroupId",
}
"""Operations that change nothing that stands but what this parameter names. After any other
operation, or where the parameter is absent, everything is compared; what is new or gone is found
each time."""

Made = tuple[Item, Item | None]
"""A new item and the one before it."""


@observer
def notice(sandbox: Sandbox, call: ApiCall) -> None:
    """Queue a recording after each call that may have changed what is recorded."""
    if call.service == "ec2" and not call.operation.startswith(READS):
        queue(sandbox, call.account, call.region, _changed(call))
    elif call.service == "route53" and call.operation in zones.CHANGES:
        resources = zones.changed(call.operation, call.params)
        queue(sandbox, call.account, zones.HOME, resources)
    elif call.service == "cloudformation" and not call.operation.startswith(READS):
        queue(sandbox, call.account, call.region, None)
        if call.region != zones.HOME and _has_zones(sandbox, call.account):
            queue(sandbox, call.account, zones.HOME, None)
    elif call.service == "config" and call.operation in STARTS:
        queue(sandbox, call.account, call.region, None, existed=True)


def _has_zones(sandbox: Sandbox, account: str) -> bool:
    known = sandbox.state(Inventory, account, zones.HOME).of("AWS::Route53::HostedZone")
    return bool(known or zones.zones(Network(account, zones.HOME)))


def _changed(call: ApiCall) -> set[str] | None:
    parameter = CHANGED.get(call.operation, "")
    if parameter is None:
        return set()
    named = call.params.get(parameter)
    if not named:
        return None
    return {named} if isinstance(named, str) else set(named)


def queue(
    sandbox: Sandbox,
    account: str,
    region: str,
    resources: set[str] | None,
    *,
    existed: bool = False,
) -> None:
    """Have an account and Region recorded soon. `resources` are ids, None means anything."""
    if sandbox.state(Inventory, account, region).mark(resources, existed=existed):
        place = Place(sandbox, account, region)
        label = f"record configuration in {account} {region}"
        sandbox.engine.submit(label, lambda: record(place))


def record(place: Place) -> None:
    """Make the items that are due and hand them to the rules."""
    inventory = place.state(Inventory)
    with place.sandbox.lock, inventory.lock:  # in this order, as a call that marks something
        inventory.queued = False
        recorded = recorders.recorded(place)
        types = [name for name in KINDS if recorded(name)]
        made = _Recording(place, inventory).run(types) if types else []
    for item, before in made:
        invoking.deliver(place, item, before)


class _Recording:
    """One comparison of what stands with what was last recorded."""

    def __init__(self, place: Place, inventory: Inventory) -> None:
        self._place = place
        self._now = place.now
        self._inventory = inventory
        self._network = Network(place.account, place.region)

    def run(self, types: list[str]) -> list[Made]:
        """Each new item with the one before it."""
        changed, existed = self._inventory.take()
        return [
            made
            for resource_type in types
            for made in self._compare(resource_type, changed, existed)
        ]

    def _compare(
        self, resource_type: str, changed: set[str] | None, existed: bool
    ) -> Iterator[Made]:
        found = KINDS[resource_type].found(self._network)
        known = self._inventory.of(resource_type)
        for resource_id, resource in found.items():
            if resource_id not in known:
                yield self._discover(resource_type, resource_id, resource, existed)
            elif changed is None or resource_id in changed:
                yield from self._update(resource_type, resource_id, resource)
        for resource_id in sorted(known.keys() - found.keys()):
            yield self._delete(resource_type, resource_id)

    def _discover(self, resource_type: str, resource_id: str, resource: Any, existed: bool) -> Made:
        kind = KINDS[resource_type]
        state = kind.describe(self._network, resource)
        # What was there before the recorder is discovered, but nobody saw it being created.
        before = existed or kind.standing(self._network, resource)
        diff = None if before else diffs.created()
        return self._add(resource_type, resource_id, "ResourceDiscovered", state, diff)

    def _update(self, resource_type: str, resource_id: str, resource: Any) -> Iterator[Made]:
        before = self._inventory.of(resource_type)[resource_id]
        state = KINDS[resource_type].describe(self._network, resource)
        if state != before:
            diff = diffs.updated(before, state)
            yield self._add(resource_type, resource_id, "OK", state, diff)

    def _delete(self, resource_type: str, resource_id: str) -> Made:
        before = self._inventory.of(resource_type)[resource_id]
        state = before._replace(configuration={}, tags={}, relationships=[])
        diff = diffs.deleted(before)
        return self._add(resource_type, resource_id, "ResourceDeleted", state, diff)

    def _add(
        self,
        resource_type: str,
        resource_id: str,
        status: str,
        state: Description,
        diff: dict[str, Any] | None,
    ) -> Made:
        history = self._inventory.histories.setdefault((resource_type, resource_id), [])
        before = history[-1] if history else None
        captured = max(self._now, before.captured + 1) if before else self._now
        key = (self._place.account, self._place.region, resource_type, resource_id)
        item = Item(*key, status, captured, state, diff)
        history.append(item)
        known = self._inventory.of(resource_type)
        if item.deleted:
            del known[resource_id]
        else:
            known[resource_id] = state
        return item, before
