"""Groups and rules as EC2's answers show them, and pages of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from moto.ec2.models import EC2Backend
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule

from netmend.sandbox import paging
from netmend.sandbox.api import ApiCall
from netmend.sandbox.ec2.rules import PEERS, identity_of, invalid

Shape = dict[str, Any]

PAIR_KEYS: Final = (
    "GroupId",
    "UserId",
    "Description",
    "VpcId",
    "VpcPeeringConnectionId",
    "PeeringStatus",
)
REFERENCE_KEYS: Final = tuple(key for key in PAIR_KEYS if key != "Description")


def tags(backend: EC2Backend, resource_id: str) -> list[Shape]:
    """The tags of a resource; moto's own look-up walks those of every resource."""
    found = backend.tags.get(resource_id, {})
    return [{"Key": key, "Value": value} for key, value in found.items()]


def group(found: SecurityGroup) -> Shape:
    """A group as DescribeSecurityGroups shows it."""
    return {
        "GroupId": found.id,
        "GroupName": found.name,
        "Description": found.description,
        "OwnerId": found.owner_id,
        "VpcId": found.vpc_id,
        "SecurityGroupArn": found.arn,
        "Tags": tags(found.ec2_backend, found.id),
        "IpPermissions": permissions(found.ingress_rules),
        "IpPermissionsEgress": permissions(found.egress_rules),
    }


def permissions(rules: Iterable[SecurityGroupRule]) -> list[Shape]:
    """Rules gathered by protocol and ports; both ports are absent where there are none."""
    found: dict[tuple[Any, ...], Shape] = {}
    for one in rules:
        identity = identity_of(one)
        key = identity[:3]
        permission = found.setdefault(key, _permission(*key))
        listed = next(name for name, kind in PEERS.items() if kind == identity.kind)
        permission[listed].append(_peer(one, identity.kind, identity.peer))
    return list(found.values())


def _permission(protocol: str, first: int | None, last: int | None) -> Shape:
    ports = {} if first is None else {"FromPort": first, "ToPort": last}
    return {"IpProtocol": protocol, **ports, **{name: [] for name in PEERS}}


def _peer(one: SecurityGroupRule, kind: str, peer: str) -> Shape:
    if kind == "GroupId":
        shown = {**one.source_group, "Description": one.description}
        return {key: shown[key] for key in PAIR_KEYS if shown.get(key)}
    return {kind: peer} | ({"Description": one.description} if one.description else {})


def rule(one: SecurityGroupRule) -> Shape:
    """A rule as DescribeSecurityGroupRules shows it: ports are -1 where there are none."""
    backend = one.ec2_backend
    head = f"arn:{backend.partition}:ec2:{backend.region_name}:{backend.account_id}"
    return {
        "SecurityGroupRuleId": one.id,
        "SecurityGroupRuleArn": f"{head}:security-group-rule/{one.id}",
        "GroupId": one.group_id,
        "GroupOwnerId": backend.account_id,
        "IsEgress": one.is_egress,
        "Tags": tags(backend, one.id),
        **_match(one),
        **_reference(one),
    }


def _match(one: SecurityGroupRule) -> Shape:
    identity = identity_of(one)
    shown = {"CidrIp": "CidrIpv4", "GroupId": ""}.get(identity.kind, identity.kind)
    return {
        "IpProtocol": identity.protocol,
        "FromPort": -1 if identity.from_port is None else identity.from_port,
        "ToPort": -1 if identity.to_port is None else identity.to_port,
        **({shown: identity.peer} if shown else {}),
        **({"Description": one.description} if one.description else {}),
    }


def _reference(one: SecurityGroupRule) -> Shape:
    if not one.source_group:
        return {}
    pair = {key: one.source_group[key] for key in REFERENCE_KEYS if one.source_group.get(key)}
    return {"ReferencedGroupInfo": pair}


def revoked(one: SecurityGroupRule) -> Shape:
    """A rule as Revoke* says that it is gone."""
    reference = one.source_group.get("GroupId")
    return {
        "SecurityGroupRuleId": one.id,
        "GroupId": one.group_id,
        "IsEgress": one.is_egress,
        **_match(one),
        **({"ReferencedGroupId": reference} if reference else {}),
    }


def page(call: ApiCall, name: str, items: Sequence[Shape], size: int | None = None) -> Shape:
    """One page of a list, and the token of the next where there is one.

    size: the page's length where the call does not say it; None gives everything.
    """
    token = call.params.get("NextToken")
    wanted = int(call.params.get("MaxResults") or size or len(items))
    return paging.page(
        name, items, token, wanted, invalid(f"Invalid value '{token}' for nextToken.")
    )
