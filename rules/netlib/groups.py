"""What every rule about security groups shares: the two adapters, and the image that mends change.

A plan that only takes rules away is whole here; one that also lets in is `mending`'s affair.
"""

from collections.abc import Iterable
from typing import Any

from rules.netlib import words
from rules.netlib.permissions import Permission, SecurityGroup, from_item, from_live
from rules.netlib.plan import MEND, Plan, described_rule, ip_permissions, revoke, runbook_outputs
from rules.netlib.rule import NetmendRule


class SecurityGroupRule(NetmendRule):
    """Judges security groups by their ingress."""

    RESOURCE_TYPES = ("AWS::EC2::SecurityGroup",)

    from_item = staticmethod(from_item)
    from_live = staticmethod(from_live)
    change_lines = staticmethod(words.change_lines)

    def changes(self, resource: SecurityGroup) -> str:
        return resource.group_id

    def image(self, resource: SecurityGroup) -> list[Any]:
        return ip_permissions(resource.ingress)

    def canonical_image(self, image: list[Any]) -> list[Any]:
        group = from_live({"GroupId": "image", "IpPermissions": list(image)})
        return sorted([*map(str, p.key), p.description or ""] for p in group.ingress)


def revoking(group: SecurityGroup, offenders: Iterable[Permission], reason: str) -> Plan:
    """A plan that takes these rules away by their ids, whole, and adds none."""
    gone = list(dict.fromkeys(offenders))
    return Plan(
        MEND,
        reason,
        calls=(revoke(group.group_id, gone),),
        before=tuple(described_rule(group.group_id, p) for p in gone),
        after=tuple(ip_permissions(p for p in group.ingress if p not in gone)),
    )


def revoked(plan: Plan) -> dict[str, Any]:
    """What a runbook reads whose one change step revokes by ids; raises PlanWithoutIds."""
    outputs = runbook_outputs(plan)
    return {name: outputs[name] for name in ("Entry", "SecurityGroupRuleIds")}
