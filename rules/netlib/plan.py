"""A plan is the API calls that mend one resource, with what was before and what will be after."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from rules.netlib.errors import Malformed, PlanWithoutIds
from rules.netlib.permissions import Permission, Tags, ports
from rules.netlib.sources import canonical

VERSION: Final = 1
NONE, MEND, APPROVE, HELD = "NONE", "MEND", "APPROVE", "HELD"
AUTHORIZE: Final = "AuthorizeSecurityGroupIngress"
REVOKE: Final = "RevokeSecurityGroupIngress"
ENTRIES: Final = ("MEND_REMOVE", "MEND_ADD", "MEND_ADD_2", "MEND_ADD_3")
"""The runbook's step to begin with, by how many Authorize calls there are."""

MOST_CALLS: Final = len(ENTRIES) - 1
RULE_IDS: Final = frozenset({"SecurityGroupRuleId", "SecurityGroupRuleIds"})
LISTS: Final = {
    "ipv4": ("IpRanges", "CidrIp"),
    "ipv6": ("Ipv6Ranges", "CidrIpv6"),
    "prefix-list": ("PrefixListIds", "PrefixListId"),
    "group": ("UserIdGroupPairs", "GroupId"),
}
RULE_FIELDS: Final = {
    "ipv4": "CidrIpv4",
    "ipv6": "CidrIpv6",
    "prefix-list": "PrefixListId",
    "group": "ReferencedGroupId",
}


class Call(NamedTuple):
    """One EC2 operation with its parameters, as EC2 takes them."""

    op: str
    params: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Flat: {"op": ..., "GroupId": ..., ...}."""
        return {"op": self.op, **self.params}


@dataclass(frozen=True)
class Plan:
    """decision: NONE, MEND, APPROVE (a person decides) or HELD (must not be done).

    calls: in order, add before remove. before: the rules that go, in DescribeSecurityGroupRules'
    shape. after: the group's whole ingress afterwards, as IpPermissions. lost: what stops working.
    """

    decision: str
    reason: str
    calls: tuple[Call, ...] = ()
    before: tuple[dict[str, Any], ...] = ()
    after: tuple[dict[str, Any], ...] = ()
    lost: tuple[str, ...] = ()
    version: int = VERSION

    def to_json(self) -> dict[str, Any]:
        """Everything as JSON types."""
        return {**vars(self), "calls": [call.to_json() for call in self.calls]}

    def digest(self) -> str:
        """SHA-256 of the whole plan with its ids: what a person approves."""
        return _sha256(self.to_json())

    def fingerprint(self) -> str:
        """SHA-256 of what goes and what comes, without rule ids: equal when a drift comes back."""
        calls = [call.to_json() for call in self.calls]
        return _sha256([self.version, _without_ids(calls), _without_ids(list(self.before))])


def _sha256(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_ids(v) for k, v in value.items() if k not in RULE_IDS}
    return [_without_ids(one) for one in value] if isinstance(value, list) else value


def ip_permissions(
    permissions: Iterable[Permission], *, described: bool = True
) -> list[dict[str, Any]]:
    """IpPermissions with all four lists, one for each protocol and port range."""
    grouped: dict[tuple[str, int | None, int | None], dict[str, Any]] = {}
    for p in permissions:
        head: dict[str, Any] = {"IpProtocol": p.protocol}
        if p.from_port is not None:
            head |= {"FromPort": p.from_port, "ToPort": p.to_port}
        one = grouped.setdefault(p.key[:3], {**head, **{name: [] for name, _ in LISTS.values()}})
        name, key = LISTS[p.kind]
        note = {"Description": p.description} if described and p.description else {}
        one[name].append({key: p.source, **note})
    return list(grouped.values())


def described_rule(group_id: str, p: Permission) -> dict[str, Any]:
    """A permission as DescribeSecurityGroupRules tells it, its unknown parts None."""
    return {
        "SecurityGroupRuleId": p.rule_id,
        "GroupId": group_id,
        "IsEgress": False,
        "IpProtocol": p.protocol,
        "FromPort": -1 if p.from_port is None else p.from_port,
        "ToPort": -1 if p.to_port is None else p.to_port,
        RULE_FIELDS[p.kind]: p.source,
        "Description": p.description,
        "Tags": aws_tags(p.tags),
    }


def strays(before: Iterable[Mapping[str, Any]], gone: Iterable[Mapping[str, Any]]) -> list[str]:
    """The rules that went and are not in `before` as they were then, a line each with the id.

    Both are in the shape of DescribeSecurityGroupRules; RevokedSecurityGroupRules has it too.
    """
    planned = {_content(rule) for rule in before}
    return [" ".join(filter(None, one)) for one in map(_content, gone) if one not in planned]


def _content(rule: Mapping[str, Any]) -> tuple[str, ...]:
    """Id, protocol, ports and source in their one form, however AWS tells them."""
    rule_id = str(rule.get("SecurityGroupRuleId") or "a rule without id")
    told = [(kind, rule[name]) for kind, name in RULE_FIELDS.items() if rule.get(name)]
    try:
        protocol, low, high = ports(
            rule.get("IpProtocol"), rule.get("FromPort"), rule.get("ToPort")
        )
        sources = [f"from {canonical(kind, source)}" for kind, source in told]
    except Malformed:
        return rule_id, "that cannot be read"
    return rule_id, protocol, "" if low is None else f"{low}-{high}", *sources


def aws_tags(tags: Tags) -> list[dict[str, str]]:
    """[{"Key": ..., "Value": ...}]."""
    return [{"Key": key, "Value": value} for key, value in tags]


def authorize(group_id: str, tags: Tags, permissions: Iterable[Permission]) -> Call:
    """One call for the rules that carry the same tags."""
    params: dict[str, Any] = {"GroupId": group_id, "IpPermissions": ip_permissions(permissions)}
    if tags:
        marked = {"ResourceType": "security-group-rule", "Tags": aws_tags(tags)}
        params["TagSpecifications"] = [marked]
    return Call(AUTHORIZE, params)


def revoke(group_id: str, permissions: list[Permission]) -> Call:
    """By rule id; by content where the ids are not known, as when a file is evaluated."""
    ids = [p.rule_id for p in permissions]
    if all(ids):
        return Call(REVOKE, {"GroupId": group_id, "SecurityGroupRuleIds": ids})
    content = ip_permissions(permissions, described=False)
    return Call(REVOKE, {"GroupId": group_id, "IpPermissions": content})


def runbook_outputs(plan: Plan) -> dict[str, Any]:
    """What the runbook's branch and its change steps read, always with all keys.

    Raises PlanWithoutIds for a plan that was made without rule ids.
    """
    adds = [call.params for call in plan.calls if call.op == AUTHORIZE]
    outputs: dict[str, Any] = {"Entry": ENTRIES[len(adds)]}
    for number in range(MOST_CALLS):
        params: Mapping[str, Any] = adds[number] if number < len(adds) else {}
        suffix = str(number + 1) if number else ""
        for name in ("IpPermissions", "TagSpecifications"):
            outputs[name + suffix] = params.get(name, [])
    revokes = [call.params for call in plan.calls if call.op == REVOKE]
    if any("SecurityGroupRuleIds" not in params for params in revokes):
        raise PlanWithoutIds
    outputs["SecurityGroupRuleIds"] = [i for p in revokes for i in p["SecurityGroupRuleIds"]]
    return outputs
