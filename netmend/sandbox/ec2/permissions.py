"""The permissions in a call, read into rules one by one and checked as EC2 checks them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule

from netmend.sandbox.api import ApiCall, ApiError
from netmend.sandbox.ec2.rules import (
    FAMILIES,
    PEERS,
    Identity,
    Wanted,
    cidr,
    described,
    ports,
    protocol,
)

SINGLE: Final = frozenset({"CidrIp", "FromPort", "IpProtocol", "SourceSecurityGroupName", "ToPort"})
"""Parameters of the old form, in which a call carries one permission."""

UPDATES: Final = {
    "CidrIpv4": "CidrIp",
    "CidrIpv6": "CidrIpv6",
    "PrefixListId": "PrefixListId",
    "ReferencedGroupId": "GroupId",
}
"""Key of a peer in ModifySecurityGroupRules -> its key in a permission."""


def backend_of(call: ApiCall) -> EC2Backend:
    """moto's EC2 of the caller's account and Region."""
    return ec2_backends[call.account][call.region]


def find(backend: EC2Backend, group_id: str) -> SecurityGroup | None:
    """The group of this id."""
    held = (groups[group_id] for groups in list(backend.groups.values()) if group_id in groups)
    return next(held, None)


def missing_group(*names: str) -> ApiError:
    """EC2's refusal of groups that are not there."""
    one = f"The security group '{names[0]}' does not exist"
    many = f"The security groups '{', '.join(names)}' do not exist"
    return ApiError("InvalidGroup.NotFound", one if len(names) == 1 else many)


def by_id(rules: list[SecurityGroupRule], ids: Iterable[str]) -> list[SecurityGroupRule]:
    """The rules of these ids, each once."""
    held = {rule.id: rule for rule in rules}
    for rule_id in ids:
        if rule_id not in held:
            message = f"The security group rule ID '{rule_id}' does not exist"
            raise ApiError("InvalidSecurityGroupRuleId.NotFound", message)
    return [held[rule_id] for rule_id in dict.fromkeys(ids)]


def dry_run(call: ApiCall) -> None:
    """Answer a rehearsal, which only a caller with the permission gets to hear."""
    if call.params.get("DryRun"):
        message = "Request would have succeeded, but DryRun flag is set."
        raise ApiError("DryRunOperation", message, 412)


def group_of(call: ApiCall) -> SecurityGroup:
    """The group that a call acts on, by id or by name in the default VPC."""
    backend = backend_of(call)
    group_id, name = call.params.get("GroupId"), call.params.get("GroupName")
    if group_id:
        group = find(backend, group_id)
    elif name:
        group = backend.get_security_group_from_name(name, backend.default_vpc.id)
    else:
        message = "The request must contain the parameter groupName or groupId"
        raise ApiError("MissingParameter", message)
    if group is None:
        raise missing_group(str(group_id or name))
    return group


def permissions(call: ApiCall) -> list[Mapping[str, Any]]:
    """The call's permissions in the one form, whichever it used."""
    listed: list[Mapping[str, Any]] = call.params.get("IpPermissions") or []
    single = {key: call.params[key] for key in SINGLE if call.params.get(key) is not None}
    if not single:
        return listed
    if listed:
        message = "The parameter ipPermissions may not be used with a single permission"
        raise ApiError("InvalidParameterCombination", message)
    ranges = [{"CidrIp": single["CidrIp"]}] if "CidrIp" in single else []
    pair = {"GroupName": single.get("SourceSecurityGroupName")}
    pair["UserId"] = call.params.get("SourceSecurityGroupOwnerId")
    return [{**single, "IpRanges": ranges, "UserIdGroupPairs": [pair] if pair["GroupName"] else []}]


def wanted(group: SecurityGroup, listed: Iterable[Mapping[str, Any]], *, new: bool) -> list[Wanted]:
    """Every rule in the permissions, in order; `new` rules must name peers that exist."""
    found = [rule for permission in listed for rule in _rules(group, permission, new=new)]
    if len({rule.identity for rule in found}) < len(found):
        raise ApiError(
            "InvalidParameterValue", "The same permission must not appear multiple times"
        )
    return found


def _rules(group: SecurityGroup, permission: Mapping[str, Any], *, new: bool) -> list[Wanted]:
    name = protocol(permission.get("IpProtocol"))
    first, last = ports(name, permission.get("FromPort"), permission.get("ToPort"))
    peers = [
        (kind, peer, _peer(group, kind, peer, new=new))
        for listed, kind in PEERS.items()
        for peer in permission.get(listed) or []
    ]
    if not peers:
        message = "Missing source specification: include source security group or CIDR information"
        raise ApiError("MissingParameter", message)
    return [
        Wanted(
            Identity(name, first, last, kind, found),
            described(peer.get("Description")),
            _pair(group, peer, found) if kind == "GroupId" else {},
        )
        for kind, peer, found in peers
    ]


def updated(group: SecurityGroup, request: Mapping[str, Any]) -> Wanted:
    """The rule that ModifySecurityGroupRules asks for."""
    peers = [(kind, request[key]) for key, kind in UPDATES.items() if request.get(key)]
    names = "cidrIp, cidrIpv6, prefixListId, or referencedGroupId"
    if not peers:
        message = f"The request must contain exactly one of: {names}"
        raise ApiError("MissingParameter", message)
    if len(peers) > 1:
        raise ApiError("InvalidParameterCombination", f"Only one of {names} can be specified")
    kind, peer = peers[0]
    listed = next(key for key, value in PEERS.items() if value == kind)
    entry = {kind: peer, "Description": request.get("Description")}
    return _rules(group, {**request, listed: [entry]}, new=True)[0]


def _peer(group: SecurityGroup, kind: str, peer: Mapping[str, Any], *, new: bool) -> str:
    if kind in FAMILIES:
        return cidr(kind, str(peer.get(kind)))
    if kind == "PrefixListId":
        return _prefix_list(group, str(peer.get(kind)), new=new)
    return _group(group, peer, new=new)


def _prefix_list(group: SecurityGroup, list_id: str, *, new: bool) -> str:
    if new and list_id not in group.ec2_backend.managed_prefix_lists:
        message = f"The prefix list ID '{list_id}' does not exist"
        raise ApiError("InvalidPrefixListID.NotFound", message)
    return list_id


def _group(group: SecurityGroup, peer: Mapping[str, Any], *, new: bool) -> str:
    group_id, name = peer.get("GroupId"), peer.get("GroupName")
    if not group_id and not name:
        raise ApiError("MissingParameter", "Source group ID missing.")
    owner = ec2_backends[peer.get("UserId") or group.owner_id][group.ec2_backend.region_name]
    if group_id:
        found = find(owner, group_id)
    else:
        found = owner.get_security_group_from_name(str(name), group.vpc_id)
    if found is None and (new or not group_id):
        raise missing_group(str(group_id or name))
    if found is not None and new and _peering(group, found) is None:
        message = "You have specified two resources that belong to different networks."
        raise ApiError("InvalidGroup.NotFound", message)
    return found.id if found is not None else str(group_id)


def _peering(group: SecurityGroup, other: SecurityGroup) -> str | None:
    """The peering that joins the networks of two groups; empty within one, None without any."""
    if group.vpc_id == other.vpc_id:
        return ""
    ends = {group.vpc_id, other.vpc_id}
    for backend in (group.ec2_backend, other.ec2_backend):
        for peering in backend.vpc_pcxs.values():
            if {peering.vpc.id, peering.peer_vpc.id} == ends and peering._status.code == "active":
                return str(peering.id)
    return None


def _pair(group: SecurityGroup, peer: Mapping[str, Any], found: str) -> dict[str, str]:
    owner = str(peer.get("UserId") or group.owner_id)
    pair = {"GroupId": found, "UserId": owner, "OwnerId": owner}
    other = find(ec2_backends[owner][group.ec2_backend.region_name], found)
    peering = _peering(group, other) if other is not None else None
    if other is not None and peering:
        pair |= {"VpcId": str(other.vpc_id), "VpcPeeringConnectionId": peering}
        pair["PeeringStatus"] = "active"
    return pair
