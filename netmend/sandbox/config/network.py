"""What stands in EC2 now, read from moto's own objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple

from moto.backends import get_backend
from moto.utilities.utils import get_partition

NOT_APPLICABLE: Final = "Not Applicable"
SEVERAL_ZONES: Final = "Multiple Availability Zones"
REGIONAL: Final = "Regional"

Relationship = dict[str, str | None]


class Description(NamedTuple):
    """The state of one resource: all of a configuration item that can change."""

    name: str | None
    arn: str
    zone: str
    configuration: dict[str, Any]
    tags: dict[str, str]
    relationships: list[Relationship]


class Network:
    """One look at EC2 in an account and Region.

    Not through the API: Config's own reads are nobody's calls, and no test wants to see them.
    """

    def __init__(self, account: str, region: str) -> None:
        self.account, self.region = account, region
        self.ec2: Any = get_backend("ec2")[account][region]
        self._prefix = f"arn:{get_partition(region)}:ec2:{region}:{account}"

    def arn(self, resource: str, resource_id: str) -> str:
        """The ARN of a resource of this account and Region."""
        return f"{self._prefix}:{resource}/{resource_id}"

    def tags(self, resource_id: str) -> dict[str, str]:
        """Its tags, by key."""
        return dict(sorted(self.ec2.tags.get(resource_id, {}).items()))

    def in_default_vpc(self, vpc_id: str) -> bool:
        """Whether it is, or lies in, the VPC that the account began with."""
        vpc = self.ec2.vpcs.get(vpc_id)
        return bool(vpc and vpc.is_default)

    @cached_property
    def members(self) -> dict[str, list[Relationship]]:
        """What each security group is associated with: network interfaces, then instances."""
        found: dict[str, list[Relationship]] = {}
        for interface in list(self.ec2.enis.values()):
            for group in interface.group_set:
                found.setdefault(group.id, []).extend(_users(interface))
        return {group: _in_order(users) for group, users in found.items()}

    @cached_property
    def gateways(self) -> dict[str, list[Relationship]]:
        """The internet gateways attached to each VPC."""
        found: dict[str, list[Relationship]] = {}
        for gateway in list(self.ec2.internet_gateways.values()):
            if gateway.vpc:
                one = related("Is attached to InternetGateway", gateway.id)
                found.setdefault(gateway.vpc.id, []).append(one)
        return found

    @cached_property
    def around(self) -> dict[str, list[Relationship]]:
        """The network ACL of each subnet, then the route table that it was given."""
        found: dict[str, list[Relationship]] = {}
        for acl in list(self.ec2.network_acls.values()):
            for one in acl.associations:
                named = related("Is attached to NetworkAcl", acl.id)
                found.setdefault(one.subnet_id, []).append(named)
        for table in list(self.ec2.route_tables.values()):
            for subnet in associated(table):
                named = related("Is contained in RouteTable", table.id)
                found.setdefault(subnet, []).append(named)
        return found

    @cached_property
    def addresses(self) -> dict[str, list[Relationship]]:
        """The elastic address of each network interface that has one."""
        return {
            one.eni.id: [related("Is attached to EIP", one.allocation_id)]
            for one in list(self.ec2.addresses)
            if one.eni and one.allocation_id
        }


def associated(table: Any) -> list[str]:
    """The subnets that were given this route table, in order."""
    return sorted(one["SubnetId"] for one in table.associations if one.get("SubnetId"))


def related(name: str, resource_id: str) -> Relationship:
    """A relationship by its name, whose last word is the type: `Is contained in Vpc`."""
    word = name.rpartition(" ")[2]
    return {
        "resourceId": resource_id,
        "resourceName": None,
        "resourceType": f"AWS::EC2::{'VPC' if word == 'Vpc' else word}",
        "name": name,
    }


def tag_list(
    tags: Mapping[str, str], key: str = "key", value: str = "value"
) -> list[dict[str, str]]:
    """Tags as the list that stands inside a configuration."""
    return [{key: k, value: v} for k, v in tags.items()]


def _users(interface: Any) -> list[Relationship]:
    users = [related("Is associated with NetworkInterface", interface.id)]
    if interface.instance:
        users.append(related("Is associated with Instance", interface.instance.id))
    return users


def _in_order(users: Iterable[Relationship]) -> list[Relationship]:
    unique = {str(user["resourceId"]): user for user in users}
    return [unique[key] for key in sorted(unique)]
