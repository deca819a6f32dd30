"""AWS::EC2::NetworkAcl, NetworkAclEntry and SubnetNetworkAclAssociation."""

from __future__ import annotations

from typing import Any, ClassVar

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.errors import Failure
from netmend.sandbox.cloudformation.providers.base import (
    Attributes,
    Properties,
    Provider,
    Shapes,
    by_name,
    pick,
    read,
)
from netmend.sandbox.cloudformation.providers.ec2_simple import Simple
from netmend.sandbox.cloudformation.shapes import BOOLEAN, INTEGER, STRING, TAGS


class NetworkAcl(Simple):
    """Ref is the id."""

    type = "AWS::EC2::NetworkAcl"
    kind = "network-acl"
    shape: ClassVar[Shapes] = {"Tags": TAGS, "VpcId": STRING}
    required = ("VpcId",)
    create_only = ("VpcId",)
    attributes: ClassVar[Attributes] = {"Id": lambda site, made: made}
    made = ("create_network_acl", "NetworkAcl.NetworkAclId")
    gone = ("delete_network_acl", "NetworkAclId")


class Entry(Provider):
    """Ref is a generated id; an update replaces the entry under its number."""

    type = "AWS::EC2::NetworkAclEntry"
    shape: ClassVar[Shapes] = {
        "CidrBlock": STRING,
        "Egress": BOOLEAN,
        "Icmp": {"Code": INTEGER, "Type": INTEGER},
        "Ipv6CidrBlock": STRING,
        "NetworkAclId": STRING,
        "PortRange": {"From": INTEGER, "To": INTEGER},
        "Protocol": STRING,
        "RuleAction": STRING,
        "RuleNumber": INTEGER,
    }
    required = ("NetworkAclId", "Protocol", "RuleAction", "RuleNumber")
    create_only = ("Egress", "NetworkAclId", "RuleNumber")
    attributes: ClassVar[Attributes] = {"Id": lambda site, made: made}

    def create(self, site: Site, wanted: Properties) -> str:
        site.client("ec2").create_network_acl_entry(**_entry(wanted))
        return site.name(100)

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if old:
            site.client("ec2").replace_network_acl_entry(**_entry(new))

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        where = pick(properties, "NetworkAclId", "RuleNumber")
        site.client("ec2").delete_network_acl_entry(
            Egress=read(properties, "Egress", False), **where
        )


def _entry(properties: Properties) -> dict[str, Any]:
    request = pick(properties, *(name for name in Entry.shape if name not in ("Egress", "Icmp")))
    request["Egress"] = read(properties, "Egress", False)
    if icmp := read(properties, "Icmp"):
        request["IcmpTypeCode"] = icmp
    return request


class Association(Provider):
    """Ref is the association's id; without it the subnet has its VPC's default list again."""

    type = "AWS::EC2::SubnetNetworkAclAssociation"
    shape: ClassVar[Shapes] = {"NetworkAclId": STRING, "SubnetId": STRING}
    required = ("NetworkAclId", "SubnetId")
    create_only = ("NetworkAclId", "SubnetId")
    attributes: ClassVar[Attributes] = {"AssociationId": lambda site, made: made}

    def create(self, site: Site, wanted: Properties) -> str:
        standing = _associated(site, read(wanted, "SubnetId"))
        made = site.client("ec2").replace_network_acl_association(
            AssociationId=standing, NetworkAclId=read(wanted, "NetworkAclId")
        )
        return str(made["NewAssociationId"])

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        client = site.client("ec2")
        ids = [properties["NetworkAclId"]]
        found = client.describe_network_acls(NetworkAclIds=ids)["NetworkAcls"][0]
        if physical_id not in [one["NetworkAclAssociationId"] for one in found["Associations"]]:
            return
        filters = [
            {"Name": "vpc-id", "Values": [found["VpcId"]]},
            {"Name": "default", "Values": ["true"]},
        ]
        default = client.describe_network_acls(Filters=filters)["NetworkAcls"][0]
        client.replace_network_acl_association(
            AssociationId=physical_id, NetworkAclId=default["NetworkAclId"]
        )


def _associated(site: Site, subnet: str) -> str:
    filters = [{"Name": "association.subnet-id", "Values": [subnet]}]
    for found in site.client("ec2").describe_network_acls(Filters=filters)["NetworkAcls"]:
        for one in found["Associations"]:
            if one["SubnetId"] == subnet:
                return str(one["NetworkAclAssociationId"])
    raise Failure(f"The subnet ID '{subnet}' does not exist")


PROVIDERS = by_name((Association, Entry, NetworkAcl))
