"""Security groups and their rules as they are read, and when a group may be deleted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from moto.ec2.models.security_groups import SecurityGroup

from netmend.sandbox.api import ApiCall, ApiError, guard, operation
from netmend.sandbox.ec2 import answers, filters, permissions
from netmend.sandbox.ec2.answers import Shape
from netmend.sandbox.ec2.permissions import dry_run
from netmend.sandbox.ec2.rules import identity_of

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

UNKNOWN_TO_MOTO: Final = {
    "ipv6-cidr": ("Ipv6Ranges", "CidrIpv6"),
    "prefix-list-id": ("PrefixListIds", "PrefixListId"),
}
"""Filters on rules that moto refuses: where a group's answer has what they ask for."""

RULE_FILTERS: Final = frozenset({"group-id", "security-group-rule-id"})


@operation("ec2", "DescribeSecurityGroups")
def describe_groups(sandbox: Sandbox, call: ApiCall) -> Shape:
    """Groups by id, name and filter."""
    dry_run(call)
    backend = permissions.backend_of(call)
    found = _named(call, backend.describe_security_groups())
    for name, values in filters.asked(call).items():
        if found and not filters.is_tag(name) and name not in found[0].filters:
            raise filters.unknown(name)
        found = [group for group in found if _has(group, name, values)]
    return answers.page(call, "SecurityGroups", [answers.group(group) for group in found])


def _named(call: ApiCall, groups: list[SecurityGroup]) -> list[SecurityGroup]:
    for parameter, attribute in (("GroupIds", "id"), ("GroupNames", "name")):
        names = call.params.get(parameter) or []
        absent = [n for n in names if not any(getattr(g, attribute) == n for g in groups)]
        if absent:
            raise permissions.missing_group(*absent)
        groups = [g for g in groups if not names or getattr(g, attribute) in names]
    return groups


def _has(group: SecurityGroup, name: str, values: list[str]) -> bool:
    if filters.is_tag(name):
        return filters.tagged(group.ec2_backend.tags.get(group.id, {}), name, values)
    direction, _, kind = name.rpartition(".")
    if kind in UNKNOWN_TO_MOTO:
        return any(value in values for value in _peers(group, direction, kind))
    return bool(group.filters[name](values))


def _peers(group: SecurityGroup, direction: str, kind: str) -> Iterator[str]:
    """Those of the group's rules of one direction that are of this kind."""
    shape, listed = answers.group(group), UNKNOWN_TO_MOTO[kind]
    member = "IpPermissionsEgress" if direction.startswith("egress") else "IpPermissions"
    for permission in shape[member]:
        yield from (peer[listed[1]] for peer in permission[listed[0]])


@operation("ec2", "DescribeSecurityGroupRules")
def describe_rules(sandbox: Sandbox, call: ApiCall) -> Shape:
    """Rules by id and filter; only the groups that a filter names are walked."""
    dry_run(call)
    backend, asked = permissions.backend_of(call), filters.asked(call)
    for name in asked:
        if name not in RULE_FILTERS and not filters.is_tag(name):
            raise filters.unknown(name)
    groups = backend.describe_security_groups()
    if "group-id" in asked:
        named = (permissions.find(backend, group_id) for group_id in asked["group-id"])
        groups = [group for group in named if group is not None]
    rules = [rule for g in groups for rule in (*g.egress_rules, *g.ingress_rules)]
    if ids := call.params.get("SecurityGroupRuleIds"):
        rules = permissions.by_id(rules, ids)
    for name, values in asked.items():
        if name == "security-group-rule-id":
            rules = [rule for rule in rules if rule.id in values]
        elif filters.is_tag(name):
            rules = [r for r in rules if filters.tagged(backend.tags.get(r.id, {}), name, values)]
    return answers.page(call, "SecurityGroupRules", [answers.rule(rule) for rule in rules])


@guard("ec2", "CreateSecurityGroup")
def refuse_group_of_no_vpc(sandbox: Sandbox, call: ApiCall) -> None:
    """moto makes a group in whatever VPC is named."""
    vpc = call.params.get("VpcId")
    if vpc and vpc not in permissions.backend_of(call).vpcs:
        raise ApiError("InvalidVpcID.NotFound", f"The vpc ID '{vpc}' does not exist")


@guard("ec2", "DeleteSecurityGroup")
def refuse_group_in_use(sandbox: Sandbox, call: ApiCall) -> None:
    """A group that a rule or an interface refers to stays, and so does a default one."""
    group, backend = permissions.group_of(call), permissions.backend_of(call)
    if group.name == "default":
        message = f'the specified group: "{group.id}" name: "default" cannot be deleted by a user'
        raise ApiError("CannotDelete", message)
    others = [one for one in backend.describe_security_groups() if one is not group]
    rules = [rule for one in others for rule in (*one.ingress_rules, *one.egress_rules)]
    referred = any(identity_of(rule).peer == group.id for rule in rules)
    worn = any(group in eni.group_set for eni in list(backend.enis.values()))
    if referred or worn:
        raise ApiError("DependencyViolation", f"resource {group.id} has a dependent object")
