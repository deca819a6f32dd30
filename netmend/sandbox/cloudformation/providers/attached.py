"""AWS::EC2::NetworkInterface, Volume and VolumeAttachment."""

from __future__ import annotations

from typing import Any, ClassVar

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.providers.base import (
    Attributes,
    Properties,
    Provider,
    Shapes,
    by_name,
    pick,
    read,
    same,
)
from netmend.sandbox.cloudformation.providers.ec2_simple import Simple, settings
from netmend.sandbox.cloudformation.shapes import BOOLEAN, INTEGER, STRING, TAGS


class Interface(Simple):
    """Ref is the id."""

    type = "AWS::EC2::NetworkInterface"
    kind = "network-interface"
    shape: ClassVar[Shapes] = {
        "Description": STRING,
        "GroupSet": [STRING],
        "PrivateIpAddress": STRING,
        "SubnetId": STRING,
        "Tags": TAGS,
    }
    required = ("SubnetId",)
    create_only = ("PrivateIpAddress", "SubnetId")
    attributes: ClassVar[Attributes] = {"Id": lambda site, made: made}
    made = ("create_network_interface", "NetworkInterface.NetworkInterfaceId")
    gone = ("delete_network_interface", "NetworkInterfaceId")

    def request(self, wanted: Properties) -> dict[str, Any]:
        groups = read(wanted, "GroupSet")
        rest = pick(wanted, "Description", "PrivateIpAddress", "SubnetId")
        return {**rest, **({"Groups": groups} if groups else {})}

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        client = site.client("ec2")
        where = {"NetworkInterfaceId": physical_id}
        if old and not same(old, new, "GroupSet"):
            client.modify_network_interface_attribute(**where, Groups=read(new, "GroupSet", []))
        if old and not same(old, new, "Description"):
            said = {"Value": read(new, "Description", "")}
            client.modify_network_interface_attribute(**where, Description=said)
        super().configure(site, physical_id, old, new)


class Volume(Simple):
    """Ref is the id."""

    type = "AWS::EC2::Volume"
    kind = "volume"
    shape: ClassVar[Shapes] = {
        "AvailabilityZone": STRING,
        "Encrypted": BOOLEAN,
        "Iops": INTEGER,
        "KmsKeyId": STRING,
        "Size": INTEGER,
        "SnapshotId": STRING,
        "Tags": TAGS,
        "VolumeType": STRING,
    }
    required = ("AvailabilityZone",)
    create_only = settings(shape)
    attributes: ClassVar[Attributes] = {"VolumeId": lambda site, made: made}
    made = ("create_volume", "VolumeId")
    gone = ("delete_volume", "VolumeId")


class VolumeAttachment(Provider):
    """Ref is the volume and the instance."""

    type = "AWS::EC2::VolumeAttachment"
    shape: ClassVar[Shapes] = {"Device": STRING, "InstanceId": STRING, "VolumeId": STRING}
    required = ("InstanceId", "VolumeId")
    create_only = tuple(shape)

    def create(self, site: Site, wanted: Properties) -> str:
        device = read(wanted, "Device", "/dev/sdf")
        where = pick(wanted, *self.required)
        site.client("ec2").attach_volume(Device=device, **where)
        return f"{where['VolumeId']}|{where['InstanceId']}"

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("ec2").detach_volume(**pick(properties, *self.required))


PROVIDERS = by_name((Interface, Volume, VolumeAttachment))
