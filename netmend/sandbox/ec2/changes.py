"""Rules are added, taken away and changed all or none, as EC2 does and moto does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.ec2 import answers, limits, permissions
from netmend.sandbox.ec2.answers import Shape
from netmend.sandbox.ec2.permissions import dry_run
from netmend.sandbox.ec2.rules import Rule, Wanted, described, identity_of, invalid, words

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

EGRESS: Final = "egress_rules"
SIDES: Final = {"Ingress": "ingress_rules", "Egress": EGRESS}
RULE: Final = "security-group-rule"
MOST_TAGS: Final = 50

Rules = list[SecurityGroupRule]
Listed = list[Mapping[str, Any]]


def side(call: ApiCall) -> str:
    """moto's name of the list of rules that an operation is about."""
    return next(held for end, held in SIDES.items() if call.operation.endswith(end))


def _duplicate(wanted: Wanted) -> ApiError:
    message = f'the specified rule "{words(wanted.identity)}" already exists'
    return ApiError("InvalidPermission.Duplicate", message)


def _not_found() -> ApiError:
    message = "The specified rule does not exist in this security group."
    return ApiError("InvalidPermission.NotFound", message)


@operation("ec2", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress")
def authorize(sandbox: Sandbox, call: ApiCall) -> Shape:
    """Add all rules or none."""
    dry_run(call)
    group, held = permissions.group_of(call), side(call)
    listed = permissions.permissions(call)
    if not listed:
        message = "The request must contain the parameter ipPermissions"
        raise ApiError("MissingParameter", message)
    new = permissions.wanted(group, listed, new=True)
    standing = {identity_of(rule) for rule in getattr(group, held)}
    for rule in new:
        if rule.identity in standing:
            raise _duplicate(rule)
    limits.check(sandbox, group, standing, new)
    tags = _tags(call)
    made = [Rule(group.ec2_backend, group.id, r, tags, egress=held == EGRESS) for r in new]
    getattr(group, held).extend(made)
    return {"Return": True, "SecurityGroupRules": [answers.rule(rule) for rule in made]}


def _tags(call: ApiCall) -> dict[str, str]:
    found: dict[str, str] = {}
    for specification in call.params.get("TagSpecifications") or []:
        if specification.get("ResourceType") != RULE:
            given = specification.get("ResourceType")
            raise invalid(f"'{given}' is not a valid taggable resource type for this operation.")
        found |= {tag["Key"]: tag["Value"] for tag in specification.get("Tags", [])}
    if any(key.lower().startswith("aws:") for key in found):
        raise invalid("Tag keys starting with 'aws:' are reserved for internal use")
    if len(found) > MOST_TAGS:
        raise ApiError(
            "TagLimitExceeded", "The maximum number of Tags for a resource has been reached."
        )
    return found


@operation("ec2", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress")
def revoke(sandbox: Sandbox, call: ApiCall) -> Shape:
    """Take rules away, by id or by what they allow; all or none of them."""
    dry_run(call)
    group, held = permissions.group_of(call), side(call)
    rules: Rules = getattr(group, held)
    gone, unknown = _revoked(group, rules, call)
    ids = {rule.id for rule in gone}
    setattr(group, held, [rule for rule in rules if rule.id not in ids])
    for rule_id in ids:
        group.ec2_backend.tags.pop(rule_id, None)
    return {
        "Return": True,
        "RevokedSecurityGroupRules": [answers.revoked(rule) for rule in gone],
        "UnknownIpPermissions": unknown,
    }


def _revoked(group: SecurityGroup, rules: Rules, call: ApiCall) -> tuple[Rules, Listed]:
    listed, ids = permissions.permissions(call), call.params.get("SecurityGroupRuleIds") or []
    if not listed and not ids:
        message = "Either 'ipPermissions' or 'securityGroupRuleIds' should be provided."
        raise ApiError("MissingParameter", message)
    if listed and ids:
        message = "Only one of 'ipPermissions' or 'securityGroupRuleIds' should be provided."
        raise ApiError("InvalidParameterCombination", message)
    return (permissions.by_id(rules, ids), []) if ids else _by_content(group, rules, listed)


def _by_content(group: SecurityGroup, rules: Rules, listed: Listed) -> tuple[Rules, Listed]:
    held = {identity_of(rule): rule for rule in rules}
    wanted = permissions.wanted(group, listed, new=False)
    found = [held[rule.identity] for rule in wanted if rule.identity in held]
    if len(found) == len(wanted):
        return found, []
    if group.vpc_id != group.ec2_backend.default_vpc.id:
        raise _not_found()
    # In a default VPC EC2 says what it did not find, and is content.
    return found, [one for one in listed if not _stands(group, held, one)]


def _stands(group: SecurityGroup, held: Mapping[Any, Any], permission: Mapping[str, Any]) -> bool:
    wanted = permissions.wanted(group, [permission], new=False)
    return all(rule.identity in held for rule in wanted)


@operation("ec2", "ModifySecurityGroupRules")
def modify(sandbox: Sandbox, call: ApiCall) -> Shape:
    """Give rules another content under the same ids; all or none of them."""
    dry_run(call)
    group = permissions.group_of(call)
    updates = call.params["SecurityGroupRules"]
    standing = [*group.ingress_rules, *group.egress_rules]
    rules = _each(standing, updates)
    wanted = [permissions.updated(group, update["SecurityGroupRule"]) for update in updates]
    changes = list(zip(rules, wanted, strict=True))
    _check_changes(sandbox, group, changes)
    for rule, content in changes:
        _replace(group, rule, content)
    return {"Return": True}


def _each(rules: Rules, updates: Listed) -> Rules:
    ids = [update["SecurityGroupRuleId"] for update in updates]
    if len(set(ids)) < len(ids):
        raise invalid("The same security group rule must not appear multiple times")
    return permissions.by_id(rules, ids)


def _check_changes(
    sandbox: Sandbox, group: SecurityGroup, changes: list[tuple[SecurityGroupRule, Wanted]]
) -> None:
    for rule, wanted in changes:
        if identity_of(rule).kind != wanted.identity.kind:
            raise invalid(
                f"Invalid rule type for security group rule '{rule.id}'. You may not change the "
                "kind of its source or destination."
            )
    ids = {rule.id for rule, _ in changes}
    for rules in (group.ingress_rules, group.egress_rules):
        standing = [identity_of(rule) for rule in rules if rule.id not in ids]
        new = [
            wanted for rule, wanted in changes if rule.is_egress is (rules is group.egress_rules)
        ]
        for wanted in new:
            if wanted.identity in standing:
                raise _duplicate(wanted)
        if len({wanted.identity for wanted in new}) < len(new):
            raise invalid("The same permission must not appear multiple times")
        limits.check(sandbox, group, standing, new)


def _replace(group: SecurityGroup, old: SecurityGroupRule, wanted: Wanted) -> None:
    rules = group.egress_rules if old.is_egress else group.ingress_rules
    rule = (
        old
        if isinstance(old, Rule)
        else Rule(group.ec2_backend, group.id, wanted, {}, egress=old.is_egress)
    )
    rule.id = old.id
    rule.become(wanted)
    rules[next(place for place, one in enumerate(rules) if one.id == old.id)] = rule


@operation(
    "ec2",
    "UpdateSecurityGroupRuleDescriptionsIngress",
    "UpdateSecurityGroupRuleDescriptionsEgress",
)
def describe_anew(sandbox: Sandbox, call: ApiCall) -> Shape:
    """Change descriptions alone, of rules named by id or by what they allow."""
    dry_run(call)
    group, held = permissions.group_of(call), side(call)
    rules: Rules = getattr(group, held)
    by_id = call.params.get("SecurityGroupRuleDescriptions") or []
    wanted = permissions.wanted(group, call.params.get("IpPermissions") or [], new=False)
    known = {identity_of(rule): rule for rule in rules}
    if any(one.identity not in known for one in wanted):
        raise _not_found()
    changes = [(known[one.identity], one.description) for one in wanted]
    found = _each(rules, by_id)
    texts = [described(one.get("Description")) for one in by_id]
    for rule, text in [*changes, *zip(found, texts, strict=True)]:
        _replace(group, rule, Wanted(identity_of(rule), text, rule.source_group))
    return {"Return": True}
